"""Delivering events of the past again, to handlers that can be run twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Max, Min, QuerySet

from apps.outbox import selectors, wakeup
from apps.outbox.models import OutboxEvent
from apps.outbox.services.publishing import lane_of
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Invalid, NotFound
from rustok.kernel.events import event_types, handlers
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "EmptyRange",
    "Plan",
    "Replay",
    "UnknownHandler",
    "UnknownType",
    "Wave",
    "count_of",
    "plan",
    "replay",
    "replay_event",
]

#: Events that one transaction makes deliverable again.
CHUNK = 1_000


class EmptyRange(Invalid):
    """There is no event in that range."""

    code = "empty_range"


class UnknownHandler(Invalid):
    """There is no handler of that name."""

    code = "unknown_handler"


class UnknownType(Invalid):
    """There is no event of that name."""

    code = "unknown_event"


@dataclass(frozen=True, slots=True)
class Replay:
    """Which events, to which handlers; what is empty means all.

    Without handlers, an event goes to those that listen to it today. Positions are those of the outbox, both included.
    """

    since: datetime | None = None
    until: datetime | None = None
    first: int | None = None
    last: int | None = None
    tenant_id: UUID | None = None
    event_types: Sequence[str] = ()
    handlers: Sequence[str] = ()
    #: Go on after this event, which an interrupted replay named last.
    after: UUID | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Wave:
    """A part of a replay that is committed: to go on, start after its last event."""

    events: int
    deliveries: int
    last: UUID


@dataclass(frozen=True, slots=True)
class Plan:
    """What a replay would do: how many events there are, and how many each handler gets."""

    events: int
    handlers: dict[str, int]


def plan(wanted: Replay) -> Plan:
    """Tell what a replay would do.

    :raises EmptyRange: if there is no such event
    """
    events = count_of(wanted)
    by_type = _chosen(wanted).order_by().values_list("event_type").annotate(Count("pk"))
    given: Counter[str] = Counter()
    for event_type, count in by_type:
        given.update(dict.fromkeys(_listeners(event_type, wanted), count))
    return Plan(events=events, handlers=dict(sorted(given.items())))


def count_of(wanted: Replay) -> int:
    """Count the events of a replay.

    :raises EmptyRange: if there is none
    """
    _check_names(wanted)
    count = _chosen(wanted).count()
    if not count:
        raise EmptyRange(_explain(wanted))
    return count


def replay(*, actor: Actor, wanted: Replay) -> Iterator[Wave]:
    """Make events deliverable again, wave by wave; a delivery that is still open is left as it is.

    :raises EmptyRange: if there is no such event
    :raises UnknownHandler: for a handler that this code has not
    """
    authorize(actor, "logs.manage")
    if not selectors.sees_all(actor):
        wanted = replace(wanted, tenant_id=current_tenant().id)
    count_of(wanted)
    last = wanted.after
    while rows := list(_chosen(wanted, last).order_by("id")[:CHUNK]):
        last = rows[-1].pk
        yield Wave(events=len(rows), deliveries=_deliver(rows, wanted), last=last)


def replay_event(*, actor: Actor, event_id: UUID, handlers: Sequence[str] = ()) -> int:
    """Deliver one event again, to all that listen to it today or to some of them; answer how many deliveries that is.

    :raises NotFound: if there is none that the actor may see
    :raises UnknownHandler: for a handler that does not listen to such an event
    """
    event = selectors.visible(actor, OutboxEvent.objects.all(), "logs.manage").filter(pk=event_id).first()
    if event is None:
        raise NotFound()
    listeners = _listeners(event.event_type, Replay())
    if strange := sorted(set(handlers) - set(listeners)):
        raise UnknownHandler(f"{', '.join(strange)} does not listen to {event.event_type}", field="handlers")
    return _deliver([event], Replay(handlers=handlers))


def _check_names(wanted: Replay) -> None:
    if strange := sorted(set(wanted.handlers) - set(handlers())):
        raise UnknownHandler(", ".join(strange))
    if strange := sorted(set(wanted.event_types) - {name for name, _ in event_types()}):
        raise UnknownType(", ".join(strange))


def _chosen(wanted: Replay, last: UUID | None = None) -> QuerySet[OutboxEvent]:
    lookups = {
        "created_at__gte": wanted.since, "created_at__lt": wanted.until,
        "position__gte": wanted.first, "position__lte": wanted.last,
        "tenant_id": wanted.tenant_id, "id__gt": last or wanted.after,
        "event_type__in": list(wanted.event_types) or None, **selectors.days(wanted.since, wanted.until),
    }  # fmt: skip
    rows = OutboxEvent.objects.filter(**{lookup: value for lookup, value in lookups.items() if value is not None})
    if not wanted.handlers:
        return rows
    heard = set().union(*(handlers()[name].events for name in wanted.handlers))
    return rows.filter(event_type__in=heard)


def _explain(wanted: Replay) -> str:
    """Tell what there is, so that the next try names it."""
    held = OutboxEvent.objects.aggregate(
        first=Min("position"), last=Max("position"), since=Min("created_at"), until=Max("created_at")
    )
    if held["first"] is None:
        return "The outbox holds no events."
    return (
        f"No event matches; the outbox holds positions {held['first']} to {held['last']}, "
        f"from {held['since']:%Y-%m-%dT%H:%M:%SZ} to {held['until']:%Y-%m-%dT%H:%M:%SZ}."
    )


_AGAIN = """
INSERT INTO public.outbox_delivery (event_id, handler, tenant_id, lane, aggregate_version, state, attempts, next_at,
    error_class, error, created_at)
SELECT event_id, handler, tenant_id, lane, version, 'waiting', 0, clock_timestamp(), '', '', clock_timestamp()
FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::bigint[], %s::bigint[])
    AS again (event_id, handler, tenant_id, lane, version)
ON CONFLICT (event_id, handler) DO NOTHING
"""


def _deliver(rows: Sequence[OutboxEvent], wanted: Replay) -> int:
    pairs = [(row, name) for row in rows for name in _listeners(row.event_type, wanted)]
    with transaction.atomic(), connection.cursor() as cursor:
        columns: list[Any] = [
            [row.pk for row, _ in pairs], [name for _, name in pairs], [row.tenant_id for row, _ in pairs],
            [lane_of(row.tenant_id, row.aggregate_type, row.aggregate_id) for row, _ in pairs],
            [row.aggregate_version for row, _ in pairs],
        ]  # fmt: skip
        cursor.execute(_AGAIN, columns)
        transaction.on_commit(wakeup.ping, robust=True)
        return int(cursor.rowcount)


def _listeners(event_type: str, wanted: Replay) -> list[str]:
    names = wanted.handlers or handlers()
    return [name for name in names if event_type in handlers()[name].events]
