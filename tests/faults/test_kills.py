"""kill -9 of whoever has just committed, is just sending, or is just working."""

from __future__ import annotations

import threading
import time
from itertools import count
from uuid import UUID

import pytest

from apps.outbox.models import OutboxEvent
from tests.faults.ledger import open_deliveries
from tests.faults.machinery import is_alive, wait_for
from tests.faults.probes.events import ProbeDared
from tests.faults.scenario import Scenario, pick
from tests.faults.writers import crew, happenings, probes, use, write, write_on

# --- the relay ----------------------------------------------------------------------------------------------------


@pytest.mark.fault("b")
def test_relays_killed_in_the_middle_of_a_batch_leave_nothing_behind(scenario: Scenario):
    """Each relay dies with some dispatches of a batch sent and the others only claimed, while writers go on.

    Bound: 30 s after the last kill. A relay's partitions are free after 0.5 s here (6 s in production), its dispatches
    after 2 s (60 s).
    """
    kills = pick(short=8, full=50)
    shared, over = probes(40), threading.Event()
    scenario.platform.start("worker")
    with use("acme"), crew(60) as writers:
        write(scenario.ledger, happenings(scenario.dice, shared))
        writers.send("acme", lambda dice: write_on(scenario.ledger, over.is_set, dice, shared, pause=0.05))
        while scenario.kills < kills:
            pid = scenario.platform.relay(dies_after=scenario.dice.randint(0, 29), most=3, ttl=0.5)
            wait_for(lambda pid=pid: not is_alive(pid), seconds=20, what="the relay kills itself", every=0.01)
            scenario.kills += 1
        over.set()
    scenario.platform.relay()
    scenario.drain(within=30)
    scenario.check()


# --- the worker ---------------------------------------------------------------------------------------------------


def dare(scenario: Scenario, deeds: list[str]) -> None:
    """Publish deeds, one transaction for each, two for an aggregate, with harmless ones before and after."""
    for deed in deeds:
        probe = probes(1)[0]
        for each in ("nothing", deed, "nothing"):
            write(scenario.ledger, [(ProbeDared(deed=each), probe)])


@pytest.mark.fault("c")
def test_a_worker_killed_before_or_after_its_commit_has_each_effect_once(scenario: Scenario):
    """Single deliveries and batches; the process that works, and the whole worker with it.

    Bound: 25 s after the last worker was started again; the lease is 2 s here (60 s in production), and is waited for
    twice: a worker that dies takes the other deliveries of its dispatch along once.
    """
    rounds = pick(short=1, full=8)
    with use("acme"):
        for _ in range(rounds):
            dare(scenario, ["kill first", "kill after", "kill first", "kill after", "kill all first", "kill all after"])
            write(scenario.ledger, happenings(scenario.dice, probes(5), most=30))
    scenario.kills = 8 * rounds  # each deed is done by two handlers
    scenario.platform.relay()
    scenario.platform.start("worker")
    begun = time.monotonic()
    while open_deliveries():
        if not scenario.platform.is_running("worker"):
            scenario.platform.restart("worker")
            scenario.kills, begun = scenario.kills + 1, time.monotonic()
        assert time.monotonic() - begun < 25
        time.sleep(0.05)
    scenario.lag, scenario.bound = time.monotonic() - begun, 25
    scenario.check()


# --- the web ------------------------------------------------------------------------------------------------------


@pytest.mark.fault("a")
@pytest.mark.parametrize("transport", ["outbox", "inprocess"])
def test_a_web_process_killed_right_after_commit_has_said_what_it_said(scenario: Scenario, transport: str):
    """A request commits and its process dies before it answers, pings or delivers; or granian with all of it.

    Bound: 10 s after the last kill, by a relay that was there all the time.
    """
    victims = pick(short=["process" if transport == "outbox" else "group"], full=["process", "process", "group"] * 4)
    probe, numbers = probes(1)[0], count()
    scenario.platform.start("worker")
    scenario.platform.relay(EVENT_TRANSPORT=transport)
    scenario.platform.start("web", EVENT_TRANSPORT=transport)
    for victim in victims:
        scenario.platform.await_web()
        visit(scenario, probe, next(numbers), "")
        visit(scenario, probe, next(numbers), victim)
    scenario.drain(within=10)
    told = OutboxEvent.objects.filter(event_type="probe.happened").order_by("aggregate_version")
    assert [event.payload["number"] for event in told] == list(range(2 * len(victims)))
    scenario.ledger.unknown = {event.pk for event in told}
    scenario.check()


def visit(scenario: Scenario, probe: UUID, number: int, victim: str) -> None:
    """Let the page commit an event; it answers with the id unless somebody is to die."""
    path = f"/probe/?probe={probe}&number={number}&die={victim}"
    if not victim:
        status, text = scenario.platform.get(path)
        assert status == 200, text
        scenario.ledger.committed.add(UUID(text))
        return
    with pytest.raises(OSError):
        scenario.platform.get(path)
    scenario.kills += 1
