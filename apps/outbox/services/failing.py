"""Deliveries that failed: they wait for their next attempt, are parked, or become dead letters."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.outbox import metrics
from apps.outbox.models import DeadLetter, Delivery, OutboxEvent
from rustok.kernel.events import Handler, Permanent, UnknownVersion

__all__ = ["bury", "record_failure"]

log = logging.getLogger(__name__)

#: Characters of a traceback that are kept, from its end.
TRACEBACK = 8_000


def record_failure(handler: Handler, dispatch_id: int, delivery_id: int, error: Exception) -> tuple[bool, bool]:
    """Put a failed delivery back with a pause, park it, or give it up.

    Tell whether it was the dispatch's, and whether its lane may go on.
    """
    with transaction.atomic():
        row = Delivery.objects.select_for_update().filter(pk=delivery_id, dispatch_id=dispatch_id).first()
        if row is None:
            return False, False
        row.attempts += 1
        row.state, row.dispatch_id = Delivery.State.WAITING, None
        row.error_class, row.error = _describe(error)
        if isinstance(error, UnknownVersion):
            row.state = Delivery.State.PARKED
        elif isinstance(error, Permanent) or row.attempts >= handler.retry.max_attempts:
            _make_dead([row])
            return True, True
        else:
            row.next_at = Now() + timedelta(seconds=handler.retry.delay(row.attempts))
        row.save()
    (metrics.parked if row.state == Delivery.State.PARKED else metrics.retried)(handler.name)
    log.warning(
        "delivery_failed",
        extra={"handler": handler.name, "event_id": str(row.event_id), "attempts": row.attempts, "state": row.state},
        exc_info=error,
    )
    return True, False


def _describe(error: Exception) -> tuple[str, str]:
    """Answer class and traceback as text that the database takes, whatever is in it."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"[:200]
    text = "".join(traceback.format_exception(error)).replace(f"{settings.BASE_DIR}/", "")
    text = text[-TRACEBACK:].replace("\0", "")
    return name, text.encode("utf-8", "backslashreplace").decode()


def bury(dispatch_id: int, delivery_ids: Sequence[int], error: Exception) -> int:
    """Make dead letters of those of these deliveries that are still the dispatch's; answer how many."""
    with transaction.atomic():
        rows = Delivery.objects.filter(pk__in=delivery_ids, dispatch_id=dispatch_id).order_by("pk")
        locked = list(rows.select_for_update())
        for row in locked:
            row.error_class, row.error = _describe(error)
        _make_dead(locked)
    return len(locked)


def _make_dead(rows: Sequence[Delivery]) -> None:
    """Move deliveries of one handler to the dead letters, inside the running transaction."""
    renewed = _renew_letters(rows)
    events = _origins(rows)
    DeadLetter.objects.bulk_create(_letter(row, events[row.event_id]) for row in rows if row.event_id not in renewed)
    Delivery.objects.filter(pk__in=[row.pk for row in rows])._raw_delete(connection.alias)
    transaction.on_commit(lambda: _tell_dead(rows), robust=True)


def _letter(row: Delivery, event: OutboxEvent) -> DeadLetter:
    return DeadLetter(
        event_id=row.event_id, event_type=event.event_type, tenant_id=row.tenant_id, handler=row.handler,
        lane=row.lane, aggregate_type=event.aggregate_type, aggregate_id=event.aggregate_id,
        aggregate_version=row.aggregate_version, attempts=row.attempts, error_class=row.error_class,
        error=row.error, occurred_at=event.created_at, died_at=Now(),
    )  # fmt: skip


def _origins(rows: Sequence[Delivery]) -> dict[UUID, OutboxEvent]:
    """Find the events without their payloads, that may not be readable; what is gone is made up."""
    ids = [row.event_id for row in rows]
    unknown = {
        row.event_id: OutboxEvent(
            event_type="unknown", aggregate_type="", aggregate_id=UUID(int=0), created_at=row.created_at
        )
        for row in rows
    }
    return unknown | OutboxEvent.objects.defer("payload").in_bulk(ids)


def _tell_dead(rows: Sequence[Delivery]) -> None:
    for row in rows:
        metrics.died(row.handler)
        log.error(
            "dead_letter",
            extra={"handler": row.handler, "event_id": str(row.event_id), "error_class": row.error_class},
        )


def _renew_letters(rows: Sequence[Delivery]) -> set[UUID]:
    """Let letters that lie dead already tell of this failure, as a replay that failed again would; answer whose."""
    by_event = {row.event_id: row for row in rows}
    lying = DeadLetter.objects.filter(
        event_id__in=list(by_event), handler__in={row.handler for row in rows}, state=DeadLetter.State.DEAD
    )
    renewed = list(lying.select_for_update().order_by("pk"))
    for letter in renewed:
        row = by_event[letter.event_id]
        letter.attempts, letter.error_class, letter.error = row.attempts, row.error_class, row.error
        letter.died_at = Now()
        letter.save(update_fields=["attempts", "error_class", "error", "died_at"])
    return {letter.event_id for letter in renewed}
