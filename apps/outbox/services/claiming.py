"""Leasing deliveries that are due, in order, and taking leases back from workers that died."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from apps.outbox.leases import Partitions
from apps.tenant.public import resting
from rustok.kernel.events import event_types, handlers

__all__ = [
    "BATCH", "Claim", "Flight", "Position", "claim", "claim_lanes", "expire", "in_flight", "in_turn", "release",
    "tenants_with_work", "unpark",
]  # fmt: skip

#: Deliveries in one dispatch: of a handler that takes batches, and of one that takes them one by one.
BATCH, SINGLES = 100, 25
#: Deliveries of one lane in one dispatch.
RUN = 50
#: Lanes that one claim looks at, so that its time has a bound however much waits.
LANES = 1_000
#: Sorts after every handler's name.
LAST = "\U0010ffff"
ALL_LANES = (0, 2**63 - 1)

# The lanes of a tenant after a position, each found by one probe of the index, however long its backlog is.
_ROTATION = """
WITH RECURSIVE lanes AS (
    (SELECT lane, handler FROM public.outbox_delivery
     WHERE tenant_id = %(tenant)s AND (lane, handler) > (%(lane)s, %(handler)s) AND lane <= %(high)s
     ORDER BY lane, handler LIMIT 1)
    UNION ALL
    SELECT following.lane, following.handler FROM lanes, LATERAL (
        SELECT lane, handler FROM public.outbox_delivery
        WHERE tenant_id = %(tenant)s AND (lane, handler) > (lanes.lane, lanes.handler) AND lane <= %(high)s
        ORDER BY lane, handler LIMIT 1) following
), looked AS (SELECT lane, handler FROM lanes LIMIT %(lanes)s)
"""
_GIVEN = """
WITH looked AS (
    SELECT DISTINCT lane, handler FROM public.outbox_delivery
    WHERE tenant_id = %(tenant)s AND lane = ANY(%(given)s))
"""
# What of each lane is due with nothing before it; a lane of which nothing is due still gives a row.
_RUNS = """
SELECT looked.lane, looked.handler, run.id, run.attempts
FROM looked LEFT JOIN LATERAL (
    SELECT id, attempts, aggregate_version, bool_and(due) OVER (ORDER BY aggregate_version) AS free FROM (
        SELECT id, attempts, aggregate_version, state = 'waiting' AND next_at <= clock_timestamp() AS due
        FROM public.outbox_delivery d
        WHERE d.tenant_id = %(tenant)s AND d.lane = looked.lane AND d.handler = looked.handler
        ORDER BY aggregate_version
        LIMIT (SELECT greatest(1, least(%(run)s, %(limit)s / greatest(count(*), 1))) FROM looked)) first
) run ON run.free
ORDER BY looked.lane, looked.handler, run.aggregate_version
"""
_DISPATCH = """
WITH made AS (
    INSERT INTO public.outbox_dispatch (tenant_id, handler, delivery_ids, size, lease_until, created_at)
    SELECT %(tenant)s, handler, string_to_array(ids, ',')::bigint[], cardinality(string_to_array(ids, ',')),
        clock_timestamp() + make_interval(secs => %(lease)s), clock_timestamp()
    FROM unnest(%(handlers)s::text[], %(ids)s::text[]) AS dispatch (handler, ids)
    RETURNING id, handler, delivery_ids
), leased AS (
    UPDATE public.outbox_delivery d SET state = 'leased', dispatch_id = made.id
    FROM made, unnest(made.delivery_ids) AS delivery_id
    WHERE d.id = delivery_id AND d.state = 'waiting'
)
SELECT id, handler, delivery_ids FROM made
"""


class Position(NamedTuple):
    """Where a rotation over the lanes of a tenant stands."""

    lane: int = -1
    handler: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A dispatch that was just made."""

    id: int
    tenant_id: UUID
    handler: str
    delivery_ids: list[int]


class _Due(NamedTuple):
    lane: int
    handler: str
    id: int | None
    attempts: int | None


def claim(
    tenant_id: UUID, *, after: Position, limit: int, partitions: Partitions | None = None
) -> tuple[list[Claim], Position]:
    """Lease deliveries of a tenant that are due, lane by lane from a position; answer where to go on, or the start.

    What is before a delivery in its lane and still open, holds it back. The partitions' leases are held meanwhile, so
    that no other relay claims in them.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _share_tenant(cursor, tenant_id)
        ranges = partitions.hold(cursor) if partitions else [ALL_LANES]
        found = _go_round(cursor, tenant_id, after, limit, ranges)
        if not found[0] and found[1] == Position() != after:
            found = _go_round(cursor, tenant_id, Position(), limit, ranges)
        return found


def _go_round(
    cursor: Any, tenant_id: UUID, after: Position, limit: int, ranges: Sequence[tuple[int, int]]
) -> tuple[list[Claim], Position]:
    for low, high in ranges:
        if after.lane > high:
            continue
        start = after if after.lane >= low else Position(low - 1, LAST)
        lanes, looked = _look(cursor, tenant_id, start, high, limit)
        due = _first(looked, limit)
        claims = _dispatch(cursor, tenant_id, due)
        if len(due) < len(looked) or len(looked) >= lanes:
            return claims, Position(due[-1].lane, due[-1].handler)
        if claims:
            return claims, Position() if high == ranges[-1][1] else Position(high, LAST)
    return [], Position()


def _look(cursor: Any, tenant_id: UUID, start: Position, high: int, limit: int) -> tuple[int, list[_Due]]:
    """Look at as many lanes as may be taken, and if nothing is due in them at more; answer at how many, and what is."""
    params = {"lane": start.lane, "handler": start.handler, "high": high}
    looked: list[_Due] = []
    for lanes in (min(limit, LANES), LANES):
        looked = _due(cursor, _ROTATION, tenant_id, limit, {**params, "lanes": lanes})
        if len(looked) < lanes or any(row.id for row in looked):
            return lanes, looked
    return LANES, looked


def claim_lanes(tenant_id: UUID, lanes: Iterable[int], *, limit: int = BATCH) -> list[Claim]:
    """Lease what is due in some lanes, for whoever delivers without a relay; nothing of a tenant that rests."""
    if resting([tenant_id]):
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_key(tenant_id)])
        looked = _due(cursor, _GIVEN, tenant_id, limit, {"given": list(lanes)})
        return _dispatch(cursor, tenant_id, _first(looked, limit))


# A part of a dispatch may come before what is to run first: the stream lost that, or somebody else still has it.
_IN_TURN = """
SELECT d.id FROM public.outbox_delivery d
WHERE d.id = ANY(%(ids)s) AND d.dispatch_id = %(dispatch)s AND NOT EXISTS (
    SELECT 1 FROM public.outbox_delivery b
    WHERE b.tenant_id = d.tenant_id AND b.lane = d.lane AND b.handler = d.handler
      AND b.aggregate_version < d.aggregate_version
      AND (b.dispatch_id IS DISTINCT FROM %(dispatch)s OR b.id <> ALL(%(ids)s)))
ORDER BY d.lane, d.aggregate_version, d.id
"""


def in_turn(dispatch_id: int, delivery_ids: Sequence[int]) -> list[int]:
    """List, in the order to run them, those of a part of a dispatch before which nothing else is open."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_TURN, {"dispatch": dispatch_id, "ids": list(delivery_ids)})
        return [key for (key,) in cursor.fetchall()]


def _share_tenant(cursor: Any, tenant_id: UUID) -> None:
    """Keep out those who claim without a partition's lease; relays do not keep each other out."""
    cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_key(tenant_id)])


def _key(tenant_id: UUID) -> int:
    return tenant_id.int >> 65


def _due(cursor: Any, lanes: str, tenant_id: UUID, limit: int, params: dict[str, Any]) -> list[_Due]:
    cursor.execute(lanes + _RUNS, {"tenant": tenant_id, "limit": limit, "run": RUN, **params})
    return [_Due(*row) for row in cursor.fetchall()]


def _first(looked: list[_Due], limit: int) -> list[_Due]:
    """Cut after so many that are due; the lanes without any do not count."""
    numbers = [number for number, row in enumerate(looked) if row.id is not None]
    return looked[: numbers[limit]] if len(numbers) > limit else looked


def _dispatch(cursor: Any, tenant_id: UUID, due: Sequence[_Due]) -> list[Claim]:
    groups = list(_groups(due))
    if not groups:
        return []
    params = {
        "tenant": tenant_id, "lease": settings.EVENT_LEASE_SECONDS,
        "handlers": [handler for handler, _ in groups],
        "ids": [",".join(map(str, ids)) for _, ids in groups],
    }  # fmt: skip
    cursor.execute(_DISPATCH, params)
    return [Claim(key, tenant_id, handler, ids) for key, handler, ids in cursor.fetchall()]


def _groups(due: Sequence[_Due]) -> Iterator[tuple[str, list[int]]]:
    """Put the runs of one handler together, no run in two groups; what failed before goes alone."""
    open_groups: dict[str, list[int]] = {}
    for (_, handler), lane in groupby(due, key=lambda row: (row.lane, row.handler)):
        run = [(row.id, row.attempts or 0) for row in lane if row.id is not None]
        if not run:
            continue
        if run[0][1]:
            yield handler, [run[0][0]]
            continue
        fresh = [key for key, attempts in _until_tried(run)]
        group = open_groups.setdefault(handler, [])
        if group and len(group) + len(fresh) > _most(handler):
            yield handler, group
            group = open_groups[handler] = []
        group += fresh
    yield from ((handler, group) for handler, group in open_groups.items() if group)


def _until_tried(run: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for key, attempts in run:
        if attempts:
            return
        yield key, attempts


def _most(handler: str) -> int:
    known = handlers().get(handler)
    return BATCH if known and known.batch else SINGLES


# --- who waits, and what is on its way ----------------------------------------------------------------------------

_TENANTS = """
WITH RECURSIVE tenants AS (
    (SELECT tenant_id FROM public.outbox_delivery ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT following.tenant_id FROM tenants, LATERAL (
        SELECT tenant_id FROM public.outbox_delivery WHERE tenant_id > tenants.tenant_id
        ORDER BY tenant_id LIMIT 1) following
)
SELECT tenant_id FROM tenants
"""


def tenants_with_work() -> list[UUID]:
    """List the active tenants with open deliveries, by one probe of the index each; those of others wait."""
    with connection.cursor() as cursor:
        cursor.execute(_TENANTS)
        found = [tenant_id for (tenant_id,) in cursor.fetchall()]
    waiting = resting(found) if found else set()
    return [tenant_id for tenant_id in found if tenant_id not in waiting]


class Flight(NamedTuple):
    """What of a tenant is on its way."""

    deliveries: int = 0
    #: Dispatches that nobody has begun with.
    queued: int = 0


_FLIGHTS = """
SELECT tenant_id, sum(size), count(*) FILTER (WHERE started_at IS NULL) FROM public.outbox_dispatch GROUP BY tenant_id
"""


def in_flight() -> dict[UUID, Flight]:
    """Count what is on its way, by tenant."""
    with connection.cursor() as cursor:
        cursor.execute(_FLIGHTS)
        return {tenant_id: Flight(int(size), queued) for tenant_id, size, queued in cursor.fetchall()}


# --- leases that end ----------------------------------------------------------------------------------------------

# Rows that are locked are being worked on this very moment, lease or not.
_TAKE_BACK = """
WITH ended AS (
    SELECT id, delivery_ids, started_at FROM public.outbox_dispatch
    WHERE {condition} ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED
), free AS (
    SELECT d.id, ended.started_at IS NOT NULL AS died FROM ended
    JOIN public.outbox_delivery d ON d.id = ANY(ended.delivery_ids) AND d.dispatch_id = ended.id
    FOR UPDATE OF d SKIP LOCKED
), back AS (
    UPDATE public.outbox_delivery d
    SET state = 'waiting', dispatch_id = NULL, attempts = attempts + died::int,
        error_class = CASE WHEN died THEN 'WorkerLost' ELSE error_class END,
        error = CASE WHEN died THEN 'WorkerLost: the worker ended before the work did' ELSE error END
    FROM free WHERE d.id = free.id RETURNING d.id
), held AS (
    SELECT ended.id, count(d.id) - count(free.id) AS locked FROM ended
    LEFT JOIN public.outbox_delivery d ON d.id = ANY(ended.delivery_ids) AND d.dispatch_id = ended.id
    LEFT JOIN free ON free.id = d.id GROUP BY ended.id
), gone AS (
    DELETE FROM public.outbox_dispatch o USING held WHERE o.id = held.id AND held.locked = 0
)
SELECT count(*) FROM back
"""


def expire() -> int:
    """Make deliveries wait again whose lease ended; one that had been started counts as an attempt."""
    return _take_back("lease_until < clock_timestamp()", [])


def release(dispatch_ids: Sequence[int]) -> int:
    """Make deliveries wait again that could not be sent to anybody."""
    return _take_back("id = ANY(%s) AND started_at IS NULL", [list(dispatch_ids)])


def _take_back(condition: str, params: list[Any]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK.format(condition=condition), params)
        return int(cursor.fetchone()[0])


_UNPARK = """
UPDATE public.outbox_delivery d SET state = 'waiting', next_at = clock_timestamp()
FROM public.outbox_outboxevent e
WHERE d.state = 'parked' AND e.id = d.event_id
  AND (e.event_type, e.schema_version) IN (SELECT * FROM unnest(%s::text[], %s::int[]))
"""


def unpark() -> int:
    """Make deliveries wait again whose event this code has learnt to read."""
    known = sorted(event_types())
    with connection.cursor() as cursor:
        cursor.execute(_UNPARK, [[name for name, _ in known], [version for _, version in known]])
        return int(cursor.rowcount)
