"""A transaction that stays open for a long time: it holds up nobody, and what it says comes after its commit."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from apps.outbox.services import ensure_partitions, prune
from tests.faults.ledger import count_effects
from tests.faults.machinery import wait_for
from tests.faults.probes.events import ProbeHappened
from tests.faults.probes.models import say
from tests.faults.scenario import Scenario, pick
from tests.faults.writers import crew, ended, probes, use, write, write_on

#: Seconds from an event's commit to its last effect, and for a writer's transaction, whatever else is open.
HELD_UP = 3.0
_SLOWEST = """
SELECT extract(epoch FROM max(e.at - o.created_at))::float
FROM public.probe_effect e JOIN public.outbox_outboxevent o ON o.id = e.event_id WHERE o.id = ANY(%s)
"""
_FIRST = "SELECT min(at) FROM public.probe_effect WHERE event_id = ANY(%s)"


@pytest.mark.fault("h")
def test_a_transaction_open_for_long_holds_up_nobody(scenario: Scenario):
    """It says something at its begin, on its way and before its end, while two tenants go on and partitions change.

    Bound: no other event takes more than 3 s from its insert to its last effect, no other transaction more than 3 s;
    5 s after the long one's commit all is done, also what waited for an aggregate that it had spoken of.
    """
    seconds, over, shared, slowest = pick(short=5.0, full=60.0), threading.Event(), probes(20), [0.0]
    long = Long(scenario, seconds)
    scenario.platform.start("worker")
    scenario.platform.relay()
    with use("acme"):
        warm_up(scenario)
        with crew(seconds + 30) as writers, ended(over):
            writers.send("acme", lambda _: long.write())
            assert long.has_begun.wait(5)
            for slug in ("acme", "globex"):
                writers.send(slug, lambda dice: write_on(scenario.ledger, over.is_set, dice, shared, pause=0.15))
            writers.send("acme", lambda _: watch(scenario, over, slowest))
            writers.send("acme", lambda _: write(scenario.ledger, [(ProbeHappened(number=-1), long.probe)]))
            writers.send("acme", lambda _: change_partitions())
            assert not long.is_over.wait(seconds - 1), "it was not open for long"
            others = list(scenario.ledger.committed)
            wait_for(lambda: count_effects(others) == 2 * len(others), seconds=HELD_UP, what="the others' effects")
            assert count_effects(long.ids) == 0
        scenario.drain(within=5)
    scenario.check()
    assert first_effect(long.ids) > long.committing
    took = slowest_effect(others)
    scenario.note = f"slowest of {len(others):,} others: {took:.2f} s, slowest transaction {slowest[0]:.2f} s"
    assert max(took, slowest[0]) < HELD_UP


class Long:
    """The transaction, and what it says."""

    def __init__(self, scenario: Scenario, seconds: float) -> None:
        self.scenario = scenario
        self.seconds = seconds
        self.probe = probes(1)[0]
        self.ids: list[UUID] = []
        self.committing = datetime.now(UTC)
        self.has_begun, self.is_over = threading.Event(), threading.Event()

    def write(self) -> None:
        """Say a thing every half second; the first of them before anybody else says anything."""
        end = time.monotonic() + self.seconds
        with transaction.atomic():
            while time.monotonic() < end:
                self.ids += say([(ProbeHappened(number=len(self.ids)), self.probe)])
                self.has_begun.set()
                time.sleep(0.5)
            self.committing = moment()
        self.is_over.set()
        self.scenario.ledger.committed.update(self.ids)


def warm_up(scenario: Scenario) -> None:
    """Let relay and worker come up before the time counts."""
    write(scenario.ledger, [(ProbeHappened(number=0), probes(1)[0])])
    scenario.drain(within=30)
    scenario.lag = 0.0


def watch(scenario: Scenario, over: threading.Event, slowest: list[float]) -> None:
    """Write down how long the slowest of many small transactions took."""
    while not over.wait(0.1):
        begun = time.monotonic()
        write(scenario.ledger, [(ProbeHappened(number=1), probes(1)[0])])
        slowest[0] = max(slowest[0], time.monotonic() - begun)


def change_partitions() -> None:
    """Make the partitions of days to come and drop one that is over, as relay and beat do."""
    today = datetime.now(UTC).date()
    assert ensure_partitions(today + timedelta(days=400)) > 0
    ensure_partitions(today - timedelta(days=400))
    prune(before=today - timedelta(days=300))  # it gives up, the long one is in the way


def moment() -> datetime:
    return _ask("SELECT clock_timestamp()")


def first_effect(ids: list[UUID]) -> datetime:
    return _ask(_FIRST, ids)


def slowest_effect(ids: list[UUID]) -> float:
    return _ask(_SLOWEST, ids)


def _ask(query: str, *params: object):
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchone()[0]
