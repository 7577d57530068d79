"""What the writers know to be true, and the one check of every scenario that the effects say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from apps.outbox.models import DeadLetter, Delivery, Dispatch
from tests.faults.probes.models import TABLES

__all__ = ["Ledger", "check", "clean", "count_effects", "open_deliveries"]

_OUTBOX = """
SELECT id, handlers, tenant_id, aggregate_id, aggregate_version
FROM public.outbox_outboxevent WHERE event_type LIKE 'probe.%'
"""
_EFFECTS = "SELECT event_id, handler, schema_name FROM public.probe_effect ORDER BY id"
_LEFT = "SELECT (SELECT count(*) FROM public.outbox_delivery) + (SELECT count(*) FROM public.outbox_dispatch)"
Pair = tuple[UUID, str]


@dataclass
class Ledger:
    """Ids of events by what became of their transactions, written down by those who made them."""

    committed: set[UUID] = field(default_factory=set)
    rolled_back: set[UUID] = field(default_factory=set)
    #: The connection was lost while they were committing.
    unknown: set[UUID] = field(default_factory=set)


def clean() -> None:
    """Begin with no event at all."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        cursor.execute(
            "TRUNCATE public.outbox_delivery, public.outbox_dispatch, public.outbox_outboxevent, "
            "public.outbox_aggregate, public.outbox_deadletter, public.outbox_deadletteract, public.outbox_member, "
            "public.outbox_lease, public.probe_fact, public.probe_effect"
        )


def open_deliveries() -> int:
    """Count what is still to be done, or to be tidied up after whoever did it."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT)
        return int(cursor.fetchone()[0])


def count_effects(ids: Iterable[UUID] | None = None) -> int:
    """Count effects, of some events or of all."""
    with connection.cursor() as cursor:
        if ids is None:
            cursor.execute("SELECT count(*) FROM public.probe_effect")
        else:
            cursor.execute("SELECT count(*) FROM public.probe_effect WHERE event_id = ANY(%s)", [list(ids)])
        return int(cursor.fetchone()[0])


def check(ledger: Ledger, poison: set[Pair] = frozenset()) -> int:  # type: ignore[assignment]
    """Compare facts, events, effects and dead letters; answer how many events there were.

    :param poison: the deliveries that are to be dead letters and nothing else
    """
    facts, events = _facts(), _rows(_OUTBOX)
    effects = _rows(_EFFECTS)
    assert len(facts) == len(set(facts))
    assert ledger.committed - set(facts) == set(), "committed, and gone"
    assert set(facts) & ledger.rolled_back == set(), "rolled back, and there"
    assert set(facts) - ledger.committed - ledger.unknown == set(), "there, and nobody wrote it"
    assert {row[0] for row in events} == set(facts), "events and facts differ"
    _check_effects(events, effects, poison)
    _check_order(events, effects)
    _check_tenants(events, effects)
    assert set(DeadLetter.objects.values_list("event_id", "handler")) == poison
    assert not Delivery.objects.exists()
    assert not Dispatch.objects.exists(), list(Dispatch.objects.values())
    return len(events)


def _rows(query: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def _facts() -> list[UUID]:
    return [key for (key,) in _rows("SELECT event_id FROM public.probe_fact")]


def _check_effects(events: list[tuple], effects: list[tuple], poison: set[Pair]) -> None:
    """Each event has each of its handlers' effects, once."""
    counted = Counter((event_id, handler) for event_id, handler, _ in effects)
    wanted = {(event_id, handler) for event_id, handlers, *_ in events for handler in handlers} - poison
    assert {pair for pair, count in counted.items() if count > 1} == set(), "effects that happened again"
    assert wanted - counted.keys() == set(), "effects that never happened"
    assert counted.keys() - wanted == set(), "effects of nothing"


def _check_order(events: list[tuple], effects: list[tuple]) -> None:
    """Effects of one handler follow the versions of each aggregate, which have no gap."""
    place = {event_id: ((tenant, aggregate), version) for event_id, _, tenant, aggregate, version in events}
    versions: dict[tuple, set[int]] = {}
    for key, version in place.values():
        versions.setdefault(key, set()).add(version)
    assert all(found == set(range(1, len(found) + 1)) for found in versions.values()), "versions with gaps"
    seen: dict[tuple, int] = {}
    for event_id, handler, _ in effects:
        key, version = place[event_id]
        assert version > seen.get((key, handler), 0), f"{handler} saw version {version} of {key} too late"
        seen[key, handler] = version


def _check_tenants(events: list[tuple], effects: list[tuple]) -> None:
    """Every effect happened in its event's tenant."""
    schema_of = dict(_rows("SELECT id, schema_name FROM public.tenant_tenant"))
    tenant_of = {event_id: tenant for event_id, _, tenant, *_ in events}
    assert all(schema_of[tenant_of[event_id]] == schema for event_id, _, schema in effects), "in another's schema"
