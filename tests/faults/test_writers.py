"""Writers: many at once, slow ones, and one that floods."""

from __future__ import annotations

import random

import pytest

from tests.faults.ledger import count_effects, open_deliveries
from tests.faults.machinery import wait_for
from tests.faults.probes.events import ProbeFlooded, ProbeHappened
from tests.faults.scenario import Scenario, pick
from tests.faults.writers import crew, happenings, probes, use, write

WRITERS = 8


@pytest.mark.fault("g")
def test_eight_writers_with_delays_and_rollbacks_lose_and_invent_nothing(scenario: Scenario):
    """Delays of up to 20 ms inside and between transactions, every tenth rolls back, few aggregates for all of them.

    Bound: 15 s after the last commit (full: 60 s).
    """
    transactions = pick(short=60, full=600)
    shared = {slug: probes(6) for slug in ("acme", "globex")}

    def work(slug: str, dice: random.Random) -> None:
        for _ in range(transactions):
            is_undone = dice.random() < 0.1
            write(scenario.ledger, happenings(dice, shared[slug]), pause=dice.uniform(0, 0.02), is_undone=is_undone)

    scenario.platform.start("worker")
    scenario.platform.relay()
    scenario.platform.relay()
    with crew(120) as writers:
        for number in range(WRITERS):
            slug = ("acme", "globex")[number % 2]
            writers.send(slug, lambda dice, slug=slug: work(slug, dice))
    scenario.drain(within=pick(short=15, full=60))
    assert scenario.ledger.rolled_back
    scenario.check()


@pytest.mark.fault("l")
def test_a_flood_of_one_tenant_does_not_hold_up_another(scenario: Scenario):
    """acme floods; once the flood is well on its way, globex says ten things.

    Bound: the ten are done in 15 s while at least half of the flood still waits; no more than EVENT_TENANT_IN_FLIGHT
    of it (1,000) is ever before them. All is done 10 minutes after (short: 120 s).
    """
    size, probe_count = pick(short=10_000, full=100_000), 5_000
    among = probes(probe_count)
    with use("acme"):
        for start in range(0, size, 1_000):
            facts = [(ProbeFlooded(number=n), among[n % probe_count]) for n in range(start, start + 1_000)]
            write(scenario.ledger, facts)
    scenario.platform.start("worker")
    scenario.platform.relay(EVENT_LEASE_SECONDS=30)
    wait_for(lambda: count_effects() > 0, seconds=30, what="the flood is on its way")
    with use("globex"):
        ten = [write(scenario.ledger, [(ProbeHappened(number=n), probe)])[0] for n, probe in enumerate(probes(10))]
    took = wait_for(lambda: count_effects(ten) == 20, seconds=15, what="the ten are done")
    assert open_deliveries() > size / 2, "the flood was over too soon to tell"
    scenario.drain(within=pick(short=120, full=600))
    scenario.check()
    scenario.note = f"the ten took {took:.1f} s"
