"""Reading events, how they fared with each handler, and what is on its way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q, QuerySet

from apps.outbox.documents import Way, act_document, event_document, letter_document
from apps.outbox.models import DeadLetter, DeadLetterAct, Delivery, OutboxEvent
from apps.tenant.public import all_resting, find, slugs_of
from rustok.kernel.access import Actor, authorize, restrict
from rustok.kernel.errors import Invalid, NotFound
from rustok.kernel.ids import parse_id
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "EventFilter", "Lag", "UnknownTenant", "acts_of", "days", "event_documents", "events", "find_event", "kept_events",
    "lag", "letter_documents", "sees_all", "tenant_ids", "visible", "ways_of",
]  # fmt: skip

M = TypeVar("M", bound=Model)

#: How far the clock that made an event's id may be from the one that noted its time.
SKEW = timedelta(hours=1)
#: Events that a search finds.
FOUND = 1_000
#: Open deliveries that one look counts, and of the oldest it looks at.
MOST, OLDEST = 100_000, 10_000


def sees_all(actor: Actor) -> bool:
    """Tell whether an actor sees the events of every tenant: the platform does, and the system."""
    return actor.kind == "system" or current_tenant().slug == "platform"


def visible(actor: Actor, rows: QuerySet[M], permission: str = "logs.read") -> QuerySet[M]:
    """Keep the events, deliveries or letters that an actor may see: the tenant's, or all for the platform."""
    authorize(actor, permission)
    if not sees_all(actor):
        rows = rows.filter(tenant_id=current_tenant().id)
    return restrict(actor, rows, permission)


class UnknownTenant(Invalid):
    """There is no tenant of that slug."""

    code = "unknown_tenant"


def tenant_ids(actor: Actor, slug: str) -> list[UUID]:
    """Answer the tenant of a slug for a filter; none for no slug.

    :raises UnknownTenant: if there is none whose events the actor may see
    """
    if not slug:
        return []
    tenant = find(slug)
    if tenant is None or not (sees_all(actor) or tenant.pk == current_tenant().id):
        raise UnknownTenant(slug, field="tenant")
    return [tenant.pk]


# --- events -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events; what is empty matches all."""

    event_types: Sequence[str] = ()
    aggregate_type: str = ""
    aggregate_id: UUID | None = None
    correlation_id: UUID | None = None
    tenant_ids: Sequence[UUID] = ()
    since: datetime | None = None
    until: datetime | None = None
    #: An id: of the event, of what it is about, of its chain, or of its trace.
    search: str = ""


def events(actor: Actor, wanted: EventFilter | None = None) -> QuerySet[OutboxEvent]:
    """List the events that an actor may see."""
    wanted = wanted or EventFilter()
    lookups = {
        "event_type__in": wanted.event_types, "aggregate_type": wanted.aggregate_type,
        "aggregate_id": wanted.aggregate_id, "correlation_id": wanted.correlation_id,
        "tenant_id__in": wanted.tenant_ids, "created_at__gte": wanted.since, "created_at__lt": wanted.until,
        **days(wanted.since, wanted.until),
    }  # fmt: skip
    rows = visible(actor, OutboxEvent.objects.all())
    rows = rows.filter(**{lookup: value for lookup, value in lookups.items() if value})
    return rows.filter(pk__in=_keys(rows, wanted.search)) if wanted.search else rows


def days(since: datetime | None, until: datetime | None) -> dict[str, UUID | None]:
    """Say a span of time by the ids of events, with room for clocks: so the database leaves other partitions out."""
    return {
        "id__gte": _id_at(since, -SKEW) if since else None,
        "id__lt": _id_at(until, SKEW) if until else None,
    }


def _id_at(moment: datetime, shift: timedelta) -> UUID:
    """Answer the lowest UUIDv7 of a shifted moment (RFC 9562: milliseconds in the first 48 bits)."""
    milliseconds = int((moment.timestamp() + shift.total_seconds()) * 1000)
    return UUID(int=min(max(milliseconds, 0), 2**48 - 1) << 80)


def _keys(rows: QuerySet[OutboxEvent], text: str) -> list[UUID]:
    """Answer the newest events that have an id, each way by its own index."""
    key = parse_id(text.strip())
    if key is None:
        return []
    named = (Q(pk=key), Q(aggregate_id=key), Q(correlation_id=key), Q(trace_id=key.hex))
    found = [rows.filter(one).order_by().values_list("pk", flat=True) for one in named]
    return list(found[0].union(*found[1:]).order_by("-id")[:FOUND])


def find_event(actor: Actor, event_id: UUID) -> OutboxEvent:
    """Answer one event.

    :raises NotFound: if there is none that the actor may see
    """
    event = events(actor).filter(pk=event_id).first()
    if event is None:
        raise NotFound()
    return event


def kept_events(letters: Iterable[DeadLetter]) -> dict[UUID, OutboxEvent]:
    """Answer the events of letters, as far as they are still kept."""
    return OutboxEvent.objects.in_bulk({letter.event_id for letter in letters})


def acts_of(letters: Iterable[DeadLetter]) -> dict[UUID, list[DeadLetterAct]]:
    """Answer what was done with letters, oldest first."""
    found: dict[UUID, list[DeadLetterAct]] = defaultdict(list)
    for act in DeadLetterAct.objects.filter(letter_id__in=[letter.pk for letter in letters]).order_by("id"):
        found[act.letter_id].append(act)
    return found


# --- how they fared -----------------------------------------------------------------------------------------------


def ways_of(rows: Sequence[OutboxEvent]) -> dict[UUID, list[Way]]:
    """Answer how events fared with the handlers that they were for, in two queries for any number of them."""
    if not rows:
        return {}
    known: dict[UUID, dict[str, Way]] = {
        row.pk: {name: Way(name, "delivered") for name in row.handlers} for row in rows
    }
    for letter in DeadLetter.objects.filter(event_id__in=list(known)).order_by("died_at", "id"):
        known[letter.event_id][letter.handler] = _way_of_letter(letter)
    for delivery in Delivery.objects.filter(event_id__in=list(known)).order_by("id"):
        known[delivery.event_id][delivery.handler] = Way(
            delivery.handler, delivery.state, delivery.attempts, delivery.next_at, delivery.error
        )
    return {key: [ways[name] for name in sorted(ways)] for key, ways in known.items()}


def _way_of_letter(letter: DeadLetter) -> Way:
    """Tell what a letter says of its delivery, if that is not open: one that was retried since has arrived."""
    if letter.state == DeadLetter.State.RETRIED:
        return Way(letter.handler, "delivered")
    return Way(letter.handler, letter.state, letter.attempts, None, letter.error, letter.pk)


# --- documents ----------------------------------------------------------------------------------------------------


def event_documents(rows: Sequence[OutboxEvent]) -> list[dict[str, Any]]:
    """Write events, and how they fared, in three queries for any number of them."""
    slugs, ways = _slugs(rows), ways_of(rows)
    return [event_document(row, tenant=slugs.get(row.tenant_id), ways=ways[row.pk]) for row in rows]


def letter_documents(rows: Sequence[DeadLetter], *, whole: bool = False) -> list[dict[str, Any]]:
    """Write dead letters; whole ones with traceback, event and acts, in a number of queries that does not grow."""
    slugs = _slugs(rows)
    short = [letter_document(row, tenant=slugs.get(row.tenant_id)) for row in rows]
    if not whole:
        return short
    kept = list(kept_events(rows).values())
    events_of = {row.pk: document for row, document in zip(kept, event_documents(kept), strict=True)}
    acts = acts_of(rows)
    return [
        document
        | {"traceback": row.error, "event": events_of.get(row.event_id)}
        | {"acts": [act_document(act) for act in acts[row.pk]]}
        for row, document in zip(rows, short, strict=True)
    ]


def _slugs(rows: Sequence[OutboxEvent] | Sequence[DeadLetter]) -> dict[UUID, str]:
    return slugs_of({row.tenant_id for row in rows}) if rows else {}


# --- what is on its way -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lag:
    """What is on its way; `more` if there is more than was counted."""

    waiting: int
    running: int
    parked: int
    #: Of tenants that are not active.
    resting: int
    #: Seconds since the oldest waiting delivery was stored.
    oldest: float
    more: bool


_LAG = """
WITH looked AS (
    SELECT CASE WHEN tenant_id = ANY(%(resting)s) THEN 'resting' ELSE state END AS state, created_at
    FROM public.outbox_delivery LIMIT %(most)s
), first AS (
    SELECT state, created_at FROM public.outbox_delivery
    WHERE tenant_id <> ALL(%(resting)s) ORDER BY id LIMIT %(oldest)s
)
SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'leased'),
    count(*) FILTER (WHERE state = 'parked'), count(*) FILTER (WHERE state = 'resting'),
    coalesce(extract(epoch FROM clock_timestamp() - least(
        min(created_at) FILTER (WHERE state = 'waiting'), (SELECT min(created_at) FROM first WHERE state = 'waiting')
    )), 0)::float,
    count(*) = %(most)s
FROM looked
"""


def lag() -> Lag:
    """Count what is on its way, of all tenants; up to a number, so that the answer comes at once."""
    with connection.cursor() as cursor:
        cursor.execute(_LAG, {"most": MOST, "oldest": OLDEST, "resting": all_resting()})
        return Lag(*cursor.fetchone())
