"""Events that nobody can read, and handlers that end badly: they die, and only they."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection

from apps.outbox.models import DeadLetter
from tests.faults.probes.events import ProbeDared, ProbeHappened
from tests.faults.scenario import Scenario, pick
from tests.faults.writers import happenings, probes, use, write

NOTES, DARES = ("probes.note", "probes.note_batch"), ("probes.dare", "probes.dare_batch")
#: What somebody's SQL made of a payload that was fine.
DAMAGE = {
    "a list": "payload = '[]'",
    "a null": "payload = 'null'",
    "an old version that is no such event": 'schema_version = 1, payload = \'{"number": "x"}\'',
    "a number that Python refuses to read": "payload = ('{\"number\": ' || repeat('9', 5000) || '}')::jsonb",
}


def damage(event_id: UUID, assignment: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE public.outbox_outboxevent SET {assignment} WHERE id = %s", [event_id])


def plant(scenario: Scenario, deed: str) -> set[tuple[UUID, str]]:
    """Publish a bad deed between two harmless ones of the same aggregate."""
    probe = probes(1)[0]
    _, bad, _ = (write(scenario.ledger, [(ProbeDared(deed=each), probe)])[0] for each in ("nothing", deed, "nothing"))
    return {(bad, handler) for handler in DARES}


def plant_damaged(scenario: Scenario, assignment: str) -> set[tuple[UUID, str]]:
    """Damage an event between two of the same aggregate."""
    probe = probes(1)[0]
    ids = [write(scenario.ledger, [(ProbeHappened(number=n, name="fine"), probe)])[0] for n in range(3)]
    damage(ids[1], assignment)
    return {(ids[1], handler) for handler in NOTES}


@pytest.mark.fault("i")
@pytest.mark.parametrize("transport", ["outbox", "inprocess"])
def test_poison_dies_and_its_neighbours_live(scenario: Scenario, transport: str):
    """Payloads damaged in the table; handlers that raise, end the process, and run out of memory.

    Bound: 40 s until the last is dead, at three attempts each.
    """
    poison = set()
    with use("acme"):
        for _ in range(pick(short=1, full=5)):
            for assignment in DAMAGE.values():
                poison |= plant_damaged(scenario, assignment)
            for deed in ("raise", "raise oddly", "eat"):
                poison |= plant(scenario, deed)
            write(scenario.ledger, happenings(scenario.dice, probes(5), most=20))
    if transport == "outbox":
        scenario.platform.start("worker")
    pid = scenario.platform.relay(EVENT_TRANSPORT=transport)
    scenario.drain(within=40)
    scenario.check(poison)
    assert all(letter.error for letter in DeadLetter.objects.all())
    scenario.platform.kill_relays(pid)  # it still lives


@pytest.mark.fault("i")
def test_a_handler_that_always_kills_its_worker_is_given_up(scenario: Scenario):
    """SIGKILL and exit from inside the handler, in company of harmless events.

    Bound: 40 s: three attempts of 2 s each (60 s in production), one after the other, then the neighbours.
    """
    with use("acme"):
        poison = plant(scenario, "kill") | plant(scenario, "exit")
        write(scenario.ledger, happenings(scenario.dice, probes(5), most=20))
        for _ in range(5):
            write(scenario.ledger, [(ProbeDared(deed="nothing"), probes(1)[0])])
    scenario.platform.start("worker")
    scenario.platform.relay()
    scenario.drain(within=40)
    scenario.kills = 12
    scenario.check(poison)
