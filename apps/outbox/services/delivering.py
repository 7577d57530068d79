"""Running handlers: the effect and the end of its delivery are one transaction."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.outbox import metrics
from apps.outbox.models import Delivery
from apps.outbox.services import claiming, failing
from apps.tenant.public import find_by_id, use_tenant
from rustok.kernel.context import Work, bind
from rustok.kernel.events import Envelope, Handler, Permanent, RetryPolicy, handlers, read_payload

__all__ = ["BUDGET", "deliver", "give_up"]

log = logging.getLogger(__name__)

#: Seconds after which a worker begins no further delivery of a dispatch; the rest goes to the next dispatch.
BUDGET = 20.0

_START = """
UPDATE public.outbox_dispatch
SET started_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE id = %(id)s AND (started_at IS NULL OR %(part)s) RETURNING tenant_id, handler, delivery_ids
"""
_SETTLE = """
WITH back AS (
    UPDATE public.outbox_delivery SET state = 'waiting', dispatch_id = NULL
    WHERE id = ANY(%(ids)s) AND dispatch_id = %(id)s
)
DELETE FROM public.outbox_dispatch WHERE id = %(id)s
"""
# A part may come twice: only what this run took off the dispatch is counted, or others of it would be forgotten.
_SETTLE_PART = """
WITH back AS (
    UPDATE public.outbox_delivery SET state = 'waiting', dispatch_id = NULL
    WHERE id = ANY(%(ids)s) AND dispatch_id = %(id)s RETURNING id
)
UPDATE public.outbox_dispatch SET size = size - %(closed)s - (SELECT count(*) FROM back)
WHERE id = %(id)s RETURNING size
"""
# Through no model: two of them for each delivery took half of the CPU that the way to a handler takes.
_LOCK = """
SELECT d.id, e.id, e.event_type, e.schema_version, e.tenant_id, e.aggregate_type, e.aggregate_id, e.aggregate_version,
    e.correlation_id, e.causation_id, e.trace_id, e.actor_id, e.created_at, d.attempts, e.payload::text
FROM public.outbox_delivery d JOIN public.outbox_outboxevent e ON e.id = d.event_id
WHERE d.id = ANY(%(ids)s) AND d.dispatch_id = %(dispatch)s
ORDER BY d.lane, d.aggregate_version, d.id FOR UPDATE OF d
"""
_DONE = "DELETE FROM public.outbox_delivery WHERE id = ANY(%s)"
_SKIP = "DELETE FROM public.outbox_delivery WHERE id = ANY(%(ids)s) AND dispatch_id = %(dispatch)s"
_END = "DELETE FROM public.outbox_dispatch WHERE id = %(id)s AND size <= 0"


class Gone(Permanent):
    """What a delivery needs is not here: its tenant or its event."""


class NoHandler(LookupError):
    """This code has not that handler; other code may, while a deployment rolls out."""


#: Tries over half an hour, until there must be code that has the handler, or it is gone for good.
MISSING = RetryPolicy(max_attempts=11)


class _Row(NamedTuple):
    """A delivery that we hold, and its event."""

    id: int
    event_id: UUID
    event_type: str
    schema_version: int
    tenant_id: UUID
    aggregate_type: str
    aggregate_id: UUID
    aggregate_version: int
    correlation_id: UUID
    causation_id: UUID | None
    trace_id: str
    actor_id: UUID | None
    timestamp: datetime
    attempts: int
    payload: str

    def envelope(self) -> Envelope:
        """Read it.

        :raises UnknownVersion: if this code cannot
        """
        payload = read_payload(self.event_type, self.schema_version, json.loads(self.payload))
        return Envelope(*self[1:-1], payload)

    def work(self) -> Work:
        """Answer what the events that follow from it are to carry on."""
        return Work(self.trace_id, self.correlation_id, causation_id=self.event_id, actor_id=self.actor_id)


def deliver(dispatch_id: int, delivery_ids: Sequence[int] | None = None) -> int:
    """Run a dispatch, or some of its deliveries; answer how many are done.

    A dispatch that is over, was taken back or is being run already is left alone. A batch runs in one transaction;
    if it fails, its members run one by one, so that only the bad one is held back. What is before its turn waits again,
    and so does everything of a tenant that was suspended meanwhile.
    """
    with connection.cursor() as cursor:
        params = {"id": dispatch_id, "lease": settings.EVENT_LEASE_SECONDS, "part": delivery_ids is not None}
        cursor.execute(_START, params)
        row = cursor.fetchone()
    if row is None:
        return 0
    tenant_id, handler_name, all_ids = row
    ids = list(all_ids if delivery_ids is None else delivery_ids)
    handler, tenant = handlers().get(handler_name) or _missing(handler_name), find_by_id(tenant_id)
    if tenant is None:
        _bury(dispatch_id, ids, Gone("the tenant is gone"))
        return 0
    if tenant.status != tenant.Status.ACTIVE:
        _settle(dispatch_id, ids, None if delivery_ids is None else 0)
        return 0
    run = _Run(handler, dispatch_id, is_off=handler.passes_by(tenant))
    with use_tenant(tenant):
        done = run.run(ids if delivery_ids is None else claiming.in_turn(dispatch_id, ids))
    _settle(dispatch_id, ids, None if delivery_ids is None else run.closed)
    return done


def give_up(dispatch_id: int, delivery_ids: Sequence[int], reason: str) -> int:
    """Make dead letters of deliveries of a dispatch that nobody got to the end of; answer how many."""
    return _bury(dispatch_id, delivery_ids, Permanent(reason))


def _bury(dispatch_id: int, delivery_ids: Sequence[int], error: Exception) -> int:
    buried = failing.bury(dispatch_id, delivery_ids, error)
    _settle(dispatch_id, delivery_ids, buried)
    return buried


def _missing(name: str) -> Handler:
    def refuse(envelope: Envelope) -> None:
        raise NoHandler(f"no handler {name!r} here")

    return Handler(name, refuse, retry=MISSING, runs_as="waits for code that has it")


def _settle(dispatch_id: int, ids: Sequence[int], closed: int | None) -> None:
    """Make those wait that were not got to, and end the dispatch if nothing of it is open any more.

    :param closed: how many deliveries of a part left the dispatch in this run; None if the whole was run
    """
    params: dict[str, Any] = {"id": dispatch_id, "ids": list(ids), "closed": closed}
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE if closed is None else _SETTLE_PART, params)
        if closed is not None and (row := cursor.fetchone()) and row[0] <= 0:
            cursor.execute(_END, params)


class _Run:
    """One dispatch being run by this worker."""

    def __init__(self, handler: Handler, dispatch_id: int, *, is_off: bool = False) -> None:
        self.handler = handler
        self.dispatch_id = dispatch_id
        #: Whether the tenant does not use the handler's module.
        self.is_off = is_off
        self.begun = time.monotonic()
        #: Deliveries that have left the dispatch: done, waiting for their next attempt, parked or dead.
        self.closed = 0

    def run(self, ids: Sequence[int]) -> int:
        """Run all, as a batch if the handler and the deliveries allow it."""
        if self.is_off:
            return self._pass_by(ids)
        if self.handler.batch and len(ids) > 1 and self._try_batch(ids):
            return len(ids)
        return self._one_by_one(ids)

    def _pass_by(self, ids: Sequence[int]) -> int:
        """Be done with all, and do nothing: what they would have changed is brought up to date once it is on again."""
        with connection.cursor() as cursor:
            cursor.execute(_SKIP, {"ids": list(ids), "dispatch": self.dispatch_id})
            passed = cursor.rowcount
        self.closed += passed
        metrics.skipped(self.handler.name, passed)
        return passed

    def _try_batch(self, ids: Sequence[int]) -> bool:
        try:
            with transaction.atomic():
                rows = self._lock(ids)
                if rows:
                    self._apply(rows)
            self._count(rows)
            return True
        except Exception:
            if _is_disconnected():
                raise
            log.warning("batch_failed", extra={"handler": self.handler.name, "size": len(ids)}, exc_info=True)
            return False

    def _one_by_one(self, ids: Sequence[int]) -> int:
        """Run each in a transaction of its own; after one that failed, no later one of its lane.

        At least one is run, however long a batch that failed took before: or it would be the same the next time.
        """
        lanes = dict(Delivery.objects.filter(pk__in=ids, dispatch_id=self.dispatch_id).values_list("pk", "lane"))
        stopped: set[int] = set()
        done = 0
        for key in ids:
            if key not in lanes or lanes[key] in stopped:
                continue
            if (done or stopped) and time.monotonic() - self.begun > _budget():
                break
            if self._one(key):
                done += 1
            else:
                stopped.add(lanes[key])
        return done

    def _one(self, key: int) -> bool:
        """Run one delivery; tell whether those after it in its lane may run."""
        try:
            with transaction.atomic():
                rows = self._lock([key])
                if not rows:
                    return self._is_over(key)
                if rows[0].attempts >= self.handler.retry.max_attempts:
                    raise Permanent("the worker died each time it tried this")
                self._apply(rows)
            self._count(rows)
            return True
        except Exception as error:
            if _is_disconnected():
                raise
            is_ours, may_go_on = failing.record_failure(self.handler, self.dispatch_id, key, error)
            self.closed += is_ours
            return may_go_on

    def _is_over(self, key: int) -> bool:
        """Tell whether a delivery that could not be locked is done, or only somebody else's by now.

        :raises Gone: if it is ours, so that only its event can be missing
        """
        found = list(Delivery.objects.filter(pk=key).values_list("dispatch_id", flat=True))
        if found == [self.dispatch_id]:
            raise Gone("its event is gone")
        return not found

    def _lock(self, ids: Sequence[int]) -> list[_Row]:
        """Lock the deliveries that are still this dispatch's, in the order in which they are to run."""
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, {"ids": list(ids), "dispatch": self.dispatch_id})
            return [_Row(*row) for row in cursor.fetchall()]

    def _apply(self, rows: Sequence[_Row]) -> None:
        """Let the handler work, and end its deliveries, inside the running transaction."""
        envelopes = [row.envelope() for row in rows]
        with bind(replace(rows[0].work(), reason=self.handler.reason())):
            self.handler.function(envelopes if self.handler.batch else envelopes[0])
        with connection.cursor() as cursor:
            cursor.execute(_DONE, [[row.id for row in rows]])

    def _count(self, rows: Sequence[_Row]) -> None:
        self.closed += len(rows)
        now = timezone.now()
        metrics.task_batch(self.handler.name, time.monotonic() - self.begun, len(rows))
        metrics.delivered(self.handler.name, len(rows))
        for row in rows:
            metrics.delay(self.handler.name, (now - row.timestamp).total_seconds())


def _budget() -> float:
    """Answer the seconds for a dispatch; well within its lease, or it is taken back while it is being run."""
    return min(BUDGET, settings.EVENT_LEASE_SECONDS / 3)


def _is_disconnected() -> bool:
    """Tell whether the database is away: then the dispatch is left to its lease, which ends, and is run again."""
    if connection.connection is not None and not connection.connection.closed:
        return False
    connection.close()
    return True
