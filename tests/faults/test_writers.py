"""Writers: many at once, slow ones, and one that floods."""

from __future__ import annotations

import random

import pytest

from tests.faults.scenario import Scenario, pick
from tests.faults.writers import crew, happenings, probes, write

WRITERS = 8


@pytest.mark.fault("g")
def test_eight_writers_with_delays_and_rollbacks_lose_and_invent_nothing(scenario: Scenario):
    """Delays of up to 20 ms inside and between transactions, every tenth rolls back, few aggregates for all of them.

    Bound: 15 s after the last commit.
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
    scenario.drain(within=15)
    assert scenario.ledger.rolled_back
    scenario.check()
