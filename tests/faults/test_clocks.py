"""Relays whose clocks are wrong: only the database tells the time."""

from __future__ import annotations

import random
import threading
import time
from uuid import UUID

import pytest
from django.db.models import Count

from apps.outbox.models import PARTITIONS, DeadLetter, Delivery, Lease
from tests.faults.machinery import wait_for
from tests.faults.probes.events import ProbeDared
from tests.faults.probes.handlers import SOON
from tests.faults.scenario import Scenario, pick
from tests.faults.writers import crew, ended, probes, use, write, write_on

#: Seconds that one clock is ahead, and the other behind: ten minutes apart.
WRONG = 300.0
TTL = 3.0
DARES = ("probes.dare", "probes.dare_batch")


@pytest.mark.fault("j")
@pytest.mark.parametrize("transport", ["outbox", "inprocess"])
def test_relays_whose_clocks_are_ten_minutes_apart_keep_their_leases(scenario: Scenario, transport: str):
    """One is five minutes ahead, one behind, with handlers that take their time and some that fail and pause.

    While both live, no partition and no dispatch changes hands, and no pause is skipped or prolonged; then the one
    ahead is killed. Bound: 15 s after the last commit; partitions are free after 3 s, dispatches after 2 s.
    """
    seconds, over = pick(short=1.5, full=20.0), threading.Event()
    if transport == "outbox":
        scenario.platform.start("worker")
    ahead = scenario.platform.relay(clock=WRONG, ttl=TTL, EVENT_TRANSPORT=transport)
    scenario.platform.relay(clock=-WRONG, ttl=TTL, EVENT_TRANSPORT=transport)
    wait_for(lambda: shares() == [PARTITIONS // 2] * 2, seconds=20, what="each relay has its half")
    with crew(30) as writers, ended(over):
        for slug in ("acme", "globex"):
            writers.send(slug, lambda dice: write_on(scenario.ledger, over.is_set, dice, probes(30), pause=0.1))
        writers.send("acme", lambda dice: dawdle(scenario, over, dice))
        with use("acme"):
            poison = plant(scenario)
        watch(seconds)
        scenario.platform.kill_relays(ahead)
        scenario.kills = 1
        wait_for(lambda: shares() == [PARTITIONS], seconds=10, what="the other has all partitions")
        time.sleep(0.5)
    scenario.drain(within=15)
    scenario.check(poison)
    check_pauses()


def owners() -> dict[int, UUID]:
    """Answer which relay has each partition."""
    return dict(Lease.objects.filter(group="relay", owner__isnull=False).values_list("number", "owner"))


def shares() -> list[int]:
    """Count partitions by relay."""
    owned = Lease.objects.filter(group="relay", owner__isnull=False).values("owner")
    return sorted(owned.annotate(count=Count("id")).values_list("count", flat=True))


def dawdle(scenario: Scenario, over: threading.Event, dice: random.Random) -> None:
    """Keep somebody busy for a good part of a lease, again and again."""
    while not over.wait(dice.uniform(0.8, 1.6)):
        write(scenario.ledger, [(ProbeDared(deed="sleep", seconds=0.3), probes(1)[0])])


def plant(scenario: Scenario) -> set[tuple[UUID, str]]:
    """Say things whose handlers fail at every attempt."""
    bad = [write(scenario.ledger, [(ProbeDared(deed="raise"), probe)])[0] for probe in probes(6)]
    return {(event_id, handler) for event_id in bad for handler in DARES}


def watch(seconds: float) -> None:
    """See that everybody keeps what is leased to him."""
    before, end = owners(), time.monotonic() + seconds
    while time.monotonic() < end:
        assert owners() == before, "a partition changed hands"
        assert not Delivery.objects.filter(error_class="WorkerLost").exists(), "a dispatch was taken from its worker"
        time.sleep(0.05)


def check_pauses() -> None:
    """See that the failures of every dead letter were as far apart as its handler wants it, and not much more."""
    took = [(letter.died_at - letter.occurred_at).total_seconds() for letter in DeadLetter.objects.all()]
    shortest = sum(SOON.base * 2**attempt / 2 for attempt in range(SOON.max_attempts - 1))
    assert shortest <= min(took) <= max(took) < 20
