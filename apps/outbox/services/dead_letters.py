"""Deliveries that were given up: tried again, or discarded with a reason. Every act stays on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from apps.outbox import wakeup
from apps.outbox.events import DeadLetterDiscarded, DeadLetterRetried
from apps.outbox.models import DeadLetter, DeadLetterAct
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, Invalid
from rustok.kernel.events import publish_many
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "LetterFilter", "NoReason", "NotDead", "discard_dead_letter", "discard_matching", "letters", "retry_dead_letter",
    "retry_matching",
]  # fmt: skip

#: Letters that one transaction treats.
CHUNK = 500
REASON = 300


class NotDead(Conflict):
    """Only a dead letter can be retried or discarded."""

    code = "not_a_dead_letter"


class NoReason(Invalid):
    """A dead letter is discarded with a reason of at most 300 characters."""

    code = "reason_required"


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Which dead letters; what is empty matches all."""

    handlers: Sequence[str] = ()
    event_types: Sequence[str] = ()
    error_classes: Sequence[str] = ()
    tenant_ids: Sequence[UUID] = ()
    died_after: datetime | None = None
    died_before: datetime | None = None
    states: Sequence[str] = field(default=(DeadLetter.State.DEAD,))


_LOOKUPS = {
    "handlers": "handler__in", "event_types": "event_type__in", "error_classes": "error_class__in",
    "tenant_ids": "tenant_id__in", "died_after": "died_at__gte", "died_before": "died_at__lt", "states": "state__in",
}  # fmt: skip


def letters(actor: Actor, wanted: LetterFilter | None = None) -> QuerySet[DeadLetter]:
    """Answer the dead letters that an actor may see: of the tenant, or of all for the platform."""
    authorize(actor, "logs.read")
    return _visible(actor, wanted or LetterFilter())


def _visible(actor: Actor, wanted: LetterFilter) -> QuerySet[DeadLetter]:
    rows = DeadLetter.objects.all()
    if actor.kind != "system" and current_tenant().slug != "platform":
        rows = rows.filter(tenant_id=current_tenant().id)
    chosen = {lookup: getattr(wanted, name) for name, lookup in _LOOKUPS.items()}
    return rows.filter(**{lookup: value for lookup, value in chosen.items() if value})


def retry_dead_letter(*, actor: Actor, letter_id: UUID) -> DeadLetter:
    """Deliver a dead letter again, with its attempts counted from zero.

    :raises NotDead: if it is none any more
    """
    return _one(actor, letter_id, DeadLetterAct.Action.RETRY, "")


def discard_dead_letter(*, actor: Actor, letter_id: UUID, reason: str) -> DeadLetter:
    """Give a dead letter up for good.

    :raises NotDead: if it is none any more
    :raises NoReason: without a reason
    """
    return _one(actor, letter_id, DeadLetterAct.Action.DISCARD, _checked(reason))


def retry_matching(*, actor: Actor, wanted: LetterFilter) -> int:
    """Deliver all dead letters again that match; answer how many."""
    return _all(actor, wanted, DeadLetterAct.Action.RETRY, "")


def discard_matching(*, actor: Actor, wanted: LetterFilter, reason: str) -> int:
    """Give all dead letters up that match; answer how many.

    :raises NoReason: without a reason
    """
    return _all(actor, wanted, DeadLetterAct.Action.DISCARD, _checked(reason))


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not 0 < len(reason) <= REASON:
        raise NoReason()
    return reason


@transaction.atomic
def _one(actor: Actor, letter_id: UUID, action: DeadLetterAct.Action, reason: str) -> DeadLetter:
    authorize(actor, "logs.manage")
    letter = _visible(actor, LetterFilter(states=())).select_for_update().get(pk=letter_id)
    if letter.state != DeadLetter.State.DEAD:
        raise NotDead(f"the letter is {letter.state}")
    _act([letter], actor, action, reason)
    letter.refresh_from_db()
    return letter


def _all(actor: Actor, wanted: LetterFilter, action: DeadLetterAct.Action, reason: str) -> int:
    """Treat what matches now, in chunks; what dies meanwhile is not touched twice."""
    authorize(actor, "logs.manage")
    ids = list(_visible(actor, wanted).filter(state=DeadLetter.State.DEAD).values_list("pk", flat=True).order_by("pk"))
    count = 0
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            rows = DeadLetter.objects.filter(pk__in=ids[start : start + CHUNK], state=DeadLetter.State.DEAD)
            chunk = list(rows.select_for_update().order_by("pk"))
            _act(chunk, actor, action, reason)
            count += len(chunk)
    return count


def _act(rows: Sequence[DeadLetter], actor: Actor, action: DeadLetterAct.Action, reason: str) -> None:
    """Change the state, note who did it and why, and say so; inside the running transaction."""
    is_retry = action == DeadLetterAct.Action.RETRY
    state = DeadLetter.State.RETRIED if is_retry else DeadLetter.State.DISCARDED
    DeadLetter.objects.filter(pk__in=[row.pk for row in rows]).update(state=state, resolved_at=Now())
    label = (actor.email or actor.label or actor.kind)[:200]
    DeadLetterAct.objects.bulk_create(
        DeadLetterAct(letter=row, action=action, actor_id=actor.id, actor_label=label, reason=reason, at=Now())
        for row in rows
    )
    if is_retry:
        _deliver_again(rows)
    if rows:
        publish_many([(_fact(row, is_retry, reason), row) for row in rows])


def _fact(row: DeadLetter, is_retry: bool, reason: str) -> DeadLetterRetried | DeadLetterDiscarded:
    known = {"letter_id": row.pk, "event_id": row.event_id, "handler": row.handler, "tenant_id": row.tenant_id}
    return DeadLetterRetried(**known) if is_retry else DeadLetterDiscarded(**known, reason=reason)


_AGAIN = """
INSERT INTO public.outbox_delivery (event_id, handler, tenant_id, lane, aggregate_version, state, attempts, next_at,
    error_class, error, created_at)
SELECT event_id, handler, tenant_id, lane, aggregate_version, 'waiting', 0, clock_timestamp(), '', '', clock_timestamp()
FROM public.outbox_deadletter WHERE id = ANY(%s)
ON CONFLICT (event_id, handler) DO NOTHING
"""


def _deliver_again(rows: Sequence[DeadLetter]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, [[row.pk for row in rows]])
    transaction.on_commit(wakeup.ping, robust=True)
