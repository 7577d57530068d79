"""Storing events, claiming deliveries, running handlers."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Model
from django.db.models.functions import Now

from apps.outbox.models import PARTITIONS, Delivery
from apps.tenant.public import find_by_id, use_tenant
from rustok.kernel.access import Actor, authorize
from rustok.kernel.context import Work, bind, current_work
from rustok.kernel.errors import Conflict
from rustok.kernel.events import (
    Envelope,
    Event,
    Handler,
    Permanent,
    UnknownVersion,
    encode,
    handlers,
    handlers_of,
    read_payload,
)
from rustok.kernel.ids import new_id
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "Claim",
    "OutboxPublisher",
    "claim",
    "deliver",
    "discard_dead_letter",
    "expire_leases",
    "prune",
    "retry_dead_letter",
]

log = logging.getLogger(__name__)

#: Deliveries in one task.
BATCH = 100

_PUBLISH = """
WITH version AS (
    INSERT INTO public.outbox_aggregate AS a (tenant_id, kind, aggregate_id, version)
    VALUES (%(tenant)s, %(kind)s, %(key)s, 1)
    ON CONFLICT (tenant_id, kind, aggregate_id) DO UPDATE SET version = a.version + 1 RETURNING a.version
), stored AS (
    INSERT INTO public.outbox_outboxevent (id, tenant_id, event_type, schema_version, aggregate_type, aggregate_id,
        aggregate_version, correlation_id, causation_id, trace_id, actor_id, payload, created_at)
    SELECT %(id)s, %(tenant)s, %(type)s, %(schema)s, %(kind)s, %(key)s, version, %(correlation)s, %(causation)s,
        %(trace)s, %(actor)s, %(payload)s::jsonb, clock_timestamp() FROM version
    RETURNING id, aggregate_version
)
INSERT INTO public.outbox_delivery (event_id, handler, tenant_id, aggregate_type, aggregate_id, aggregate_version,
    partition, state, attempts, next_at, error_class, error)
SELECT stored.id, handler, %(tenant)s, %(kind)s, %(key)s, aggregate_version, %(partition)s, 'pending', 0,
    clock_timestamp(), '', ''
FROM stored, unnest(%(handlers)s::text[]) AS handler
"""


class OutboxPublisher:
    """Stores events in the transaction that is running; what rolls back was never said."""

    def publish(self, facts: Sequence[tuple[Event, Model]]) -> list[UUID]:
        """Insert events and their deliveries, one statement each."""
        work, tenant = current_work(), current_tenant()
        rows = [_row(fact, aggregate, tenant.id, work) for fact, aggregate in facts]
        with connection.cursor() as cursor:
            for row in rows:
                cursor.execute(_PUBLISH, row)
        if settings.EVENT_TRANSPORT == "inprocess":
            ids = [row["id"] for row in rows]
            transaction.on_commit(lambda: deliver_in_process(ids))
        return [row["id"] for row in rows]


def _row(fact: Event, aggregate: Model, tenant_id: UUID, work: Work) -> dict[str, Any]:
    return {
        "id": new_id(),
        "tenant": tenant_id,
        "type": fact.name,
        "schema": fact.version,
        "kind": aggregate._meta.label_lower,
        "key": aggregate.pk,
        "correlation": work.correlation_id,
        "causation": work.causation_id,
        "trace": work.trace_id,
        "actor": work.actor_id,
        "payload": msgspec.json.encode(encode(fact)).decode(),
        "partition": (tenant_id.int ^ aggregate.pk.int) % PARTITIONS,
        "handlers": [handler.name for handler in handlers_of(fact.name)],
    }


# --- claiming -----------------------------------------------------------------------------------------------------

_CLAIM = """
UPDATE public.outbox_delivery d
SET state = 'leased', lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
FROM (
    SELECT id FROM public.outbox_delivery c
    WHERE state = 'pending' AND next_at <= clock_timestamp() AND NOT EXISTS (
        SELECT 1 FROM public.outbox_delivery p
        WHERE p.tenant_id = c.tenant_id AND p.handler = c.handler AND p.aggregate_type = c.aggregate_type
          AND p.aggregate_id = c.aggregate_id AND p.aggregate_version < c.aggregate_version
          AND p.state IN ('pending', 'leased', 'parked'))
    ORDER BY next_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) ready
WHERE d.id = ready.id
RETURNING d.id, d.tenant_id, d.handler
"""

_EXPIRE = """
UPDATE public.outbox_delivery SET state = 'pending', lease_until = NULL
WHERE id IN (
    SELECT id FROM public.outbox_delivery WHERE state = 'leased' AND lease_until < clock_timestamp()
    ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """Deliveries of one handler and tenant, leased together to be run by one task."""

    tenant_id: UUID
    handler: str
    delivery_ids: list[int]


def claim(limit: int = 500) -> list[Claim]:
    """Lease deliveries that are due; at most one per aggregate and handler, so that order is kept."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"lease": settings.EVENT_LEASE_SECONDS, "limit": limit})
        rows = cursor.fetchall()
    groups: dict[tuple[UUID, str], list[int]] = {}
    for delivery_id, tenant_id, handler in sorted(rows):
        groups.setdefault((tenant_id, handler), []).append(delivery_id)
    return [
        Claim(tenant_id, handler, ids[start : start + BATCH])
        for (tenant_id, handler), ids in groups.items()
        for start in range(0, len(ids), BATCH)
    ]


def expire_leases() -> int:
    """Make deliveries due again whose worker did not finish in time."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE)
        return cursor.rowcount


# --- delivering ---------------------------------------------------------------------------------------------------


def deliver_in_process(event_ids: Sequence[UUID]) -> None:
    """Run the handlers of committed events right here (transport L0); what fails waits for a relay."""
    rows = Delivery.objects.filter(event_id__in=event_ids, state=Delivery.State.PENDING).order_by("id")
    for delivery in rows:
        deliver(delivery.tenant_id, delivery.handler, [delivery.pk])


def deliver(tenant_id: UUID, handler_name: str, delivery_ids: Sequence[int]) -> int:
    """Run one handler for leased deliveries of one tenant; answer how many are done.

    A batch runs in one transaction; if it fails, its members run one by one, so that only the bad one is held back.
    """
    handler = handlers().get(handler_name)
    tenant = find_by_id(tenant_id)
    if handler is None or tenant is None:
        reason = f"no handler {handler_name!r} here" if handler is None else "the tenant is gone"
        _finish_dead(delivery_ids, LookupError(reason))
        return 0
    _begin(delivery_ids)
    with use_tenant(tenant):
        if handler.batch and len(delivery_ids) > 1 and _try_batch(handler, delivery_ids):
            return len(delivery_ids)
        return sum(_deliver_one(handler, delivery_id) for delivery_id in delivery_ids)


def _begin(delivery_ids: Sequence[int]) -> None:
    """Count the attempt before the work, so that a delivery that kills its worker is counted too."""
    rows = Delivery.objects.filter(pk__in=delivery_ids, state__in=(Delivery.State.PENDING, Delivery.State.LEASED))
    rows.update(
        state=Delivery.State.LEASED,
        attempts=F("attempts") + 1,
        lease_until=Now() + timedelta(seconds=settings.EVENT_LEASE_SECONDS),
    )


def _try_batch(handler: Handler, delivery_ids: Sequence[int]) -> bool:
    try:
        with transaction.atomic():
            rows = _lock(delivery_ids)
            if rows:
                with bind(_work_of(rows[0])):
                    handler.function([_envelope(row) for row in rows])
                _mark_done(rows)
        return True
    except Exception:
        log.warning("batch_failed", extra={"handler": handler.name, "deliveries": len(delivery_ids)}, exc_info=True)
        return False


def _deliver_one(handler: Handler, delivery_id: int) -> bool:
    try:
        with transaction.atomic():
            rows = _lock([delivery_id])
            if not rows:
                return True
            if rows[0].attempts > handler.retry.max_attempts:
                raise Permanent("the worker died each time it tried this")
            envelope = _envelope(rows[0])
            with bind(_work_of(rows[0])):
                handler.function([envelope] if handler.batch else envelope)
            _mark_done(rows)
        return True
    except Exception as error:
        _record_failure(handler, delivery_id, error)
        return False


def _lock(delivery_ids: Sequence[int]) -> list[Delivery]:
    """Lock the deliveries that are still open, in key order; one that is done is not run again."""
    open_states = (Delivery.State.PENDING, Delivery.State.LEASED)
    rows = Delivery.objects.filter(pk__in=delivery_ids, state__in=open_states).order_by("pk")
    return list(rows.select_for_update(of=("self",)).select_related("event"))


def _mark_done(rows: Sequence[Delivery]) -> None:
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Delivery.State.DONE, done_at=Now(), lease_until=None, error="", error_class=""
    )


def _envelope(delivery: Delivery) -> Envelope:
    event = delivery.event
    return Envelope(
        id=event.pk,
        event_type=event.event_type,
        schema_version=event.schema_version,
        tenant_id=event.tenant_id,
        aggregate_type=event.aggregate_type,
        aggregate_id=event.aggregate_id,
        aggregate_version=event.aggregate_version,
        correlation_id=event.correlation_id,
        causation_id=event.causation_id,
        trace_id=event.trace_id,
        actor_id=event.actor_id,
        timestamp=event.created_at,
        retry_count=max(delivery.attempts - 1, 0),
        payload=read_payload(event.event_type, event.schema_version, event.payload),
    )


def _work_of(delivery: Delivery) -> Work:
    event = delivery.event
    return Work(
        trace_id=event.trace_id, correlation_id=event.correlation_id, causation_id=event.pk, actor_id=event.actor_id
    )


def _record_failure(handler: Handler, delivery_id: int, error: Exception) -> None:
    """Put a failed delivery back with a pause, park it, or give it up as a dead letter."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get(pk=delivery_id)
        if row.state not in (Delivery.State.PENDING, Delivery.State.LEASED):
            return
        row.lease_until = None
        row.error_class = f"{type(error).__module__}.{type(error).__qualname__}"[:200]
        row.error = "".join(traceback.format_exception(error))[-8_000:]
        if isinstance(error, UnknownVersion):
            row.state = Delivery.State.PARKED
        elif isinstance(error, Permanent) or row.attempts >= handler.retry.max_attempts:
            row.state = Delivery.State.DEAD
        else:
            row.state = Delivery.State.PENDING
            row.next_at = Now() + timedelta(seconds=handler.retry.delay(max(row.attempts, 1)))
        row.save()
    log.warning(
        "delivery_failed",
        extra={"handler": handler.name, "delivery": delivery_id, "attempts": row.attempts, "state": row.state},
        exc_info=error,
    )


def _finish_dead(delivery_ids: Sequence[int], error: Exception) -> None:
    Delivery.objects.filter(pk__in=delivery_ids).exclude(state=Delivery.State.DONE).update(
        state=Delivery.State.DEAD, lease_until=None, error_class="LookupError", error=str(error)
    )


# --- dead letters -------------------------------------------------------------------------------------------------


class NotDead(Conflict):
    """Only a dead letter can be retried or discarded."""

    code = "not_a_dead_letter"


def retry_dead_letter(*, actor: Actor, delivery_id: int) -> Delivery:
    """Make a dead letter due again, with its attempts counted from zero.

    :raises NotDead: if it is none
    """
    return _leave_dead(actor, delivery_id, Delivery.State.PENDING)


def discard_dead_letter(*, actor: Actor, delivery_id: int) -> Delivery:
    """Give a dead letter up for good.

    :raises NotDead: if it is none
    """
    return _leave_dead(actor, delivery_id, Delivery.State.DISCARDED)


@transaction.atomic
def _leave_dead(actor: Actor, delivery_id: int, state: Delivery.State) -> Delivery:
    authorize(actor, "logs.manage")
    rows = Delivery.objects.select_for_update()
    if actor.kind != "system" and current_tenant().slug != "platform":
        rows = rows.filter(tenant_id=current_tenant().id)
    row = rows.get(pk=delivery_id)
    if row.state != Delivery.State.DEAD:
        raise NotDead(f"delivery {delivery_id} is {row.state}")
    row.state, row.attempts, row.next_at = state, 0, Now()
    row.save(update_fields=["state", "attempts", "next_at"])
    return row


# --- retention ----------------------------------------------------------------------------------------------------

_PRUNABLE = """
CREATE TEMP TABLE pruned ON COMMIT DROP AS (
    SELECT o.id FROM public.outbox_outboxevent o
    WHERE o.created_at < clock_timestamp() - make_interval(days => %(days)s) AND NOT EXISTS (
        SELECT 1 FROM public.outbox_delivery d WHERE d.event_id = o.id AND d.state NOT IN ('done', 'discarded'))
    ORDER BY o.id LIMIT %(limit)s)
"""


def prune(*, days: int, limit: int = 5_000) -> int:
    """Delete events older than `days` whose every delivery is over; answer how many were deleted."""
    params = {"days": days, "limit": limit}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PRUNABLE, params)
        cursor.execute("DELETE FROM public.outbox_delivery WHERE event_id IN (SELECT id FROM pruned)")
        cursor.execute("DELETE FROM public.outbox_outboxevent WHERE id IN (SELECT id FROM pruned)")
        return cursor.rowcount
