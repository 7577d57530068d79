"""Reading the log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts.public import emails_of
from apps.audit.models import AuditEntry
from rustok.kernel.access import Actor, authorize, restrict
from rustok.kernel.errors import NotFound
from rustok.kernel.ids import parse_id

__all__ = [
    "EntryFilter", "entries", "entry_document", "find_entry", "first_id", "history", "of_same_work", "who_did",
]  # fmt: skip

#: Entries, the newest, among whose names words are looked for; whole ids and addresses are found among all.
SEARCHED = 200_000
#: Parts of an object whose own parts its history shows, and entries of one transaction that are shown.
PARTS, TOGETHER = 500, 100


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries; what is empty matches all."""

    actor_id: UUID | None = None
    #: The e-mail address under which somebody acted.
    who: str = ""
    #: Kinds of objects, such as product.product, and one object.
    object_types: Sequence[str] = ()
    object_id: str = ""
    #: An object with all that is a part of it.
    history_of: str = ""
    actions: Sequence[str] = ()
    via: Sequence[str] = ()
    key_id: UUID | None = None
    transaction: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    #: A whole id, address or trace, or a part of the name of somebody or something.
    search: str = ""


def first_id(moment: datetime) -> UUID:
    """Answer the smallest key that an entry of a moment can have (RFC 9562: milliseconds in the first 48 bits)."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def entries(actor: Actor, wanted: EntryFilter) -> QuerySet[AuditEntry]:
    """List entries, newest first.

    :raises Forbidden: if the actor may not read the log
    """
    authorize(actor, "logs.read")
    rows = restrict(actor, AuditEntry.objects.all(), "logs.read")
    exact = {
        "actor_id": wanted.actor_id, "actor_label": wanted.who, "object_type__in": list(wanted.object_types),
        "object_id": wanted.object_id, "action__in": list(wanted.actions), "via__in": list(wanted.via),
        "key_id": wanted.key_id, "transaction": wanted.transaction,
        "id__gte": first_id(wanted.since) if wanted.since else None,
        "id__lt": first_id(wanted.until) if wanted.until else None,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in exact.items() if value not in (None, "", [])})
    if wanted.history_of:
        rows = rows.filter(_history(wanted.history_of))
    if wanted.search:
        rows = rows.filter(_matching(wanted.search.strip()))
    return rows.order_by("-id")


def _matching(text: str) -> Q:
    key = parse_id(text)
    if key is not None:
        return Q(object_id=str(key)) | Q(whole_id=str(key)) | Q(actor_id=key) | Q(key_id=key) | Q(pk=key)
    if _is_address(text):
        return Q(address=text)
    oldest = AuditEntry.objects.order_by("-id").values_list("id", flat=True)[SEARCHED : SEARCHED + 1].first()
    found = Q(object_label__icontains=text) | Q(actor_label__icontains=text) | Q(trace_id=text) | Q(object_id=text)
    return found & Q(id__gt=oldest) if oldest else found


def _is_address(text: str) -> bool:
    return bool(text) and all(letter in "0123456789abcdefABCDEF.:" for letter in text) and any(c in ".:" for c in text)


def _history(object_id: str) -> Q:
    """Say "about an object, its parts, or the parts of its parts"."""
    parts = AuditEntry.objects.filter(whole_id=object_id).order_by().values_list("object_id", flat=True).distinct()
    return Q(object_id=object_id) | Q(whole_id=object_id) | Q(whole_id__in=list(parts[:PARTS]))


def history(actor: Actor, object_id: str) -> QuerySet[AuditEntry]:
    """List what happened to an object and its parts, newest first."""
    return entries(actor, EntryFilter(history_of=object_id))


def find_entry(actor: Actor, entry_id: UUID) -> AuditEntry:
    """Answer one entry.

    :raises NotFound: if there is none
    """
    entry = entries(actor, EntryFilter()).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound()
    return entry


def of_same_work(actor: Actor, entry: AuditEntry) -> list[AuditEntry]:
    """List what was written in the same transaction, in order; the entry itself is among it.

    Numbers of transactions begin again when a tenant moves to another server: so at the same moment, too.
    """
    if entry.transaction is None:
        return [entry]
    together = entries(actor, EntryFilter(transaction=entry.transaction)).filter(at=entry.at)
    return list(together.order_by("id")[:TOGETHER])


def who_did(rows: Iterable[AuditEntry]) -> None:
    """Note on entries, as `who`, the address of the person; one query for those that do not say."""
    rows = list(rows)
    unnamed = {row.actor_id for row in rows if row.actor_id and not row.actor_label}
    names = emails_of(unnamed) if unnamed else {}
    for row in rows:
        row.who = row.actor_label or (names.get(row.actor_id, "") if row.actor_id else "")  # type: ignore[attr-defined]


def entry_document(row: AuditEntry) -> dict[str, Any]:
    """Write an entry as JSON has it."""
    return {
        "id": str(row.pk),
        "at": row.at.isoformat(),
        "action": row.action,
        "permission": row.permission,
        "actor": {"kind": row.actor_kind, "id": _text(row.actor_id), "label": row.actor_label},
        "key_id": _text(row.key_id),
        "address": row.address,
        "via": row.via,
        "trace_id": row.trace_id,
        "correlation_id": _text(row.correlation_id),
        "transaction": row.transaction,
        "object": {"type": row.object_type, "id": row.object_id, "label": row.object_label},
        "part_of": {"type": row.whole_type, "id": row.whole_id} if row.whole_id else None,
        "before": row.before,
        "after": row.after,
    }


def _text(key: UUID | None) -> str | None:
    return str(key) if key else None
