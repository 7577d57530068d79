"""Deliveries that were given up: tried again, or discarded with a reason. Every act stays on record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from apps.outbox import selectors, wakeup
from apps.outbox.events import DeadLetterDiscarded, DeadLetterRetried
from apps.outbox.models import DeadLetter, DeadLetterAct
from apps.tenant.public import find_by_id, use_tenant
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict, Invalid, NotFound
from rustok.kernel.events import publish_many
from rustok.kernel.ids import parse_id

__all__ = [
    "AT_ONCE", "LetterFilter", "NoReason", "NotDead", "discard_dead_letter", "discard_matching", "letters",
    "retry_dead_letter", "retry_matching",
]  # fmt: skip

#: Is told how many of how many letters are done.
Progress = Callable[[int, int], None]

#: Letters that one transaction treats, and that one request does.
CHUNK, AT_ONCE = 500, 10_000
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

    ids: Sequence[UUID] = ()
    handlers: Sequence[str] = ()
    event_types: Sequence[str] = ()
    error_classes: Sequence[str] = ()
    tenant_ids: Sequence[UUID] = ()
    died_after: datetime | None = None
    died_before: datetime | None = None
    states: Sequence[str] = field(default=(DeadLetter.State.DEAD,))
    #: A part of a name, or an id: of the letter, of its event, of what that is about.
    search: str = ""


_LOOKUPS = {
    "ids": "pk__in", "handlers": "handler__in", "event_types": "event_type__in",
    "tenant_ids": "tenant_id__in", "died_after": "died_at__gte", "died_before": "died_at__lt", "states": "state__in",
}  # fmt: skip


def letters(actor: Actor, wanted: LetterFilter | None = None) -> QuerySet[DeadLetter]:
    """Answer the dead letters that an actor may see: of the tenant, or of all for the platform."""
    return _matching(actor, wanted or LetterFilter(), "logs.read")


def _matching(actor: Actor, wanted: LetterFilter, permission: str) -> QuerySet[DeadLetter]:
    rows = selectors.visible(actor, DeadLetter.objects.all(), permission)
    chosen = {lookup: getattr(wanted, name) for name, lookup in _LOOKUPS.items()}
    rows = rows.filter(**{lookup: value for lookup, value in chosen.items() if value})
    if wanted.error_classes:
        rows = rows.filter(_is_error(wanted.error_classes))
    return rows.filter(_mentions(wanted.search.strip())) if wanted.search.strip() else rows


def _is_error(names: Sequence[str]) -> Q:
    """Take a class by its whole name, or by its own without the module."""
    named = Q(error_class__in=names)
    for name in names:
        named |= Q() if "." in name else Q(error_class__endswith=f".{name}")
    return named


def _mentions(text: str) -> Q:
    if key := parse_id(text):
        return Q(pk=key) | Q(event_id=key) | Q(aggregate_id=key)
    return Q(handler__icontains=text) | Q(event_type__icontains=text) | Q(error_class__icontains=text)


def retry_dead_letter(*, actor: Actor, letter_id: UUID) -> DeadLetter:
    """Deliver a dead letter again, with its attempts counted from zero.

    :raises NotFound: if there is none that the actor may see
    :raises NotDead: if it is none any more
    """
    return _one(actor, letter_id, DeadLetterAct.Action.RETRY, "")


def discard_dead_letter(*, actor: Actor, letter_id: UUID, reason: str) -> DeadLetter:
    """Give a dead letter up for good.

    :raises NotFound: if there is none that the actor may see
    :raises NotDead: if it is none any more
    :raises NoReason: without a reason
    """
    return _one(actor, letter_id, DeadLetterAct.Action.DISCARD, _checked(reason))


def retry_matching(
    *, actor: Actor, wanted: LetterFilter, limit: int | None = None, progress: Progress | None = None
) -> int:
    """Deliver all dead letters again that match, the oldest first, at most `limit`; answer how many."""
    return _all(actor, wanted, DeadLetterAct.Action.RETRY, "", limit, progress)


def discard_matching(
    *, actor: Actor, wanted: LetterFilter, reason: str, limit: int | None = None, progress: Progress | None = None
) -> int:
    """Give all dead letters up that match, the oldest first, at most `limit`; answer how many.

    :raises NoReason: without a reason
    """
    return _all(actor, wanted, DeadLetterAct.Action.DISCARD, _checked(reason), limit, progress)


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not 0 < len(reason) <= REASON:
        raise NoReason(field="reason")
    return reason


@transaction.atomic
def _one(actor: Actor, letter_id: UUID, action: DeadLetterAct.Action, reason: str) -> DeadLetter:
    rows = _matching(actor, LetterFilter(states=()), "logs.manage")
    letter = rows.select_for_update().filter(pk=letter_id).first()
    if letter is None:
        raise NotFound()
    if letter.state != DeadLetter.State.DEAD:
        raise NotDead(f"it was {letter.state} already")
    _act([letter], actor, action, reason)
    letter.refresh_from_db()
    return letter


def _all(
    actor: Actor, wanted: LetterFilter, action: DeadLetterAct.Action, reason: str, limit: int | None,
    progress: Progress | None,
) -> int:  # fmt: skip
    """Treat what matches now, in chunks; what dies meanwhile is not touched twice."""
    rows = _matching(actor, wanted, "logs.manage").filter(state=DeadLetter.State.DEAD)
    ids = list(rows.values_list("pk", flat=True).order_by("pk")[:limit])
    count = 0
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            still = DeadLetter.objects.filter(pk__in=ids[start : start + CHUNK], state=DeadLetter.State.DEAD)
            chunk = list(still.select_for_update().order_by("pk"))
            _act(chunk, actor, action, reason)
        count += len(chunk)
        if progress:
            progress(min(start + CHUNK, len(ids)), len(ids))
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
    _announce(rows, is_retry, reason)


def _announce(rows: Sequence[DeadLetter], is_retry: bool, reason: str) -> None:
    """Say so in the tenants that the letters are of, whoever acted from wherever."""
    for tenant_id, own in groupby(sorted(rows, key=lambda row: row.tenant_id), key=lambda row: row.tenant_id):
        tenant = find_by_id(tenant_id)
        if tenant is not None:  # nobody is left to hear of a tenant that is gone
            with use_tenant(tenant):
                publish_many([(_fact(row, is_retry, reason), row) for row in own])


def _fact(row: DeadLetter, is_retry: bool, reason: str) -> DeadLetterRetried | DeadLetterDiscarded:
    known: dict[str, Any] = {
        "letter_id": row.pk,
        "event_id": row.event_id,
        "handler": row.handler,
        "tenant_id": row.tenant_id,
    }
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
