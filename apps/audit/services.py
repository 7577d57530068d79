"""Exporting the log, erasing a person from it, and letting old entries go."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Literal
from uuid import UUID

import orjson
from django.db import connection, transaction

from apps.accounts.public import find_user, find_user_by_email
from apps.audit.models import AuditEntry
from apps.audit.recorder import keep_now
from apps.audit.selectors import EntryFilter, entries, entry_document
from rustok.kernel.access import Actor, authorize
from rustok.kernel.audit import audited_models, record
from rustok.kernel.errors import Conflict, Invalid

__all__ = ["MAX_EXPORT", "Format", "NobodyNamed", "StillStaff", "erase_person", "export_entries", "prune"]

Format = Literal["csv", "jsonl"]
#: Entries that one export holds, the newest.
MAX_EXPORT = 100_000
#: Entries that are read, and deleted, at once.
BATCH = 2_000
#: Letters with which a spreadsheet begins a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_COLUMNS = (
    "id", "at", "action", "permission", "actor_kind", "actor_id", "actor", "key_id", "address", "via", "trace_id",
    "correlation_id", "transaction", "object_type", "object_id", "object", "part_of_type", "part_of_id", "before",
    "after",
)  # fmt: skip


class NobodyNamed(Invalid):
    """Say who is to be erased: by id or by e-mail address."""

    code = "nobody_named"


class StillStaff(Conflict):
    """What somebody does in the back office stays in the log; switch the account off first."""

    code = "still_staff"


def export_entries(*, actor: Actor, wanted: EntryFilter, format: Format) -> Iterator[bytes]:
    """Write entries, newest first, piece by piece; that somebody did is an entry itself.

    :raises Forbidden: if the actor may not export the log
    """
    authorize(actor, "logs.export")
    rows = entries(actor, wanted)
    record("audit.exported", actor=actor, format=format, limit=MAX_EXPORT, filters=_said(wanted))
    return (_as_csv if format == "csv" else _as_lines)(rows)


def _said(wanted: EntryFilter) -> str:
    chosen = {name: getattr(wanted, name) for name in EntryFilter.__slots__}  # type: ignore[attr-defined]
    return ", ".join(f"{name}={value}" for name, value in chosen.items() if value)


def _pieces(rows: Any) -> Iterator[list[AuditEntry]]:
    """Read batch after batch behind the last key, so that no query runs long and no cursor stays open."""
    left, last = MAX_EXPORT, None
    while left > 0:
        batch = list((rows.filter(pk__lt=last) if last else rows)[: min(BATCH, left)])
        if not batch:
            return
        yield batch
        left, last = left - len(batch), batch[-1].pk


def _as_lines(rows: Any) -> Iterator[bytes]:
    for batch in _pieces(rows):
        yield b"".join(orjson.dumps(entry_document(row)) + b"\n" for row in batch)


def _as_csv(rows: Any) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _lines([_COLUMNS])
    for batch in _pieces(rows):
        yield _lines([_cells(row) for row in batch])


def _lines(table: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue().encode()


def _cells(row: AuditEntry) -> list[str]:
    values = (
        row.pk, row.at.isoformat(), row.action, row.permission, row.actor_kind, row.actor_id, row.actor_label,
        row.key_id, row.address, row.via, row.trace_id, row.correlation_id, row.transaction, row.object_type,
        row.object_id, row.object_label, row.whole_type, row.whole_id, _json(row.before), _json(row.after),
    )  # fmt: skip
    return [_cell(value) for value in values]


def _json(value: Any) -> str:
    return "" if value is None else orjson.dumps(value).decode()


def _cell(value: Any) -> str:
    """Write a value so that no spreadsheet takes it for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


@transaction.atomic
def erase_person(*, actor: Actor, user_id: UUID | None = None, email: str = "") -> int:
    """Replace in the log what says something of a person: name, addresses, and the values that are theirs.

    What was done, when, and to which object stays. The database does it, in the one way that it lets through; answers
    how many entries it changed.

    :raises NobodyNamed: if neither an id nor an address is given
    :raises StillStaff: if the account may use the back office: nobody wipes their own traces, or a colleague's
    """
    authorize(actor, "logs.manage")
    email = email.strip().lower()
    if user_id is None and not email.strip("@").count("@"):
        raise NobodyNamed(field="email")
    _refuse_staff(actor, user_id, email)
    user_id = user_id or _id_of(email)
    emails = _emails_of(user_id) | ({email} if email else set())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_erase(%s, %s::text[], %s::jsonb)",
            [str(user_id) if user_id else "nobody", sorted(emails), orjson.dumps(_personal()).decode()],
        )
        count = int(cursor.fetchone()[0])
    keep_now("audit.erased", actor, {"entries": count}, kind="accounts.user" if user_id else "", key=str(user_id or ""))
    return count


def _id_of(email: str) -> UUID | None:
    user = find_user_by_email(email)
    return user.pk if user is not None else None


def _emails_of(user_id: UUID | None) -> set[str]:
    """Answer the address that an account has, and those that it had: entries that only name one are about it, too."""
    user = find_user(user_id) if user_id else None
    own = {user.email} if user is not None else set()
    changes = AuditEntry.objects.filter(object_type="accounts.user", object_id=str(user_id or "nobody"))
    told = {(body or {}).get("email", "") for entry in changes for body in (entry.before, entry.after)}
    former = {text.lower() for text in told if isinstance(text, str) and "@" in text} - own
    return own | {text for text in former if _id_of(text) is None}  # by now an address may be somebody else's


def _refuse_staff(actor: Actor, user_id: UUID | None, email: str) -> None:
    if actor.kind == "system":
        return
    for user in (find_user(user_id) if user_id else None, find_user_by_email(email) if email else None):
        if user is not None and (user.pk == actor.id or (user.is_staff and user.is_active)):
            raise StillStaff()


def _personal() -> dict[str, dict[str, Any]]:
    """Name the columns, per kind of object, that say something of a person, and the one that says of whom."""
    return {
        model._meta.label_lower: {
            "columns": audited.columns(model, audited.personal),
            "owner": getattr(model, "owner_field", None) or "",
        }
        for model, audited in audited_models()
        if audited.personal
    }


def prune(*, days: int) -> int:
    """Delete entries that are older than so many days, batch by batch; answer how many."""
    gone = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT audit_prune(%s, %s)", [days, BATCH])
            count = int(cursor.fetchone()[0])
        gone += count
        if count < BATCH:
            break
    if gone:
        keep_now("audit.pruned", Actor.system("audit.prune"), {"entries": gone, "days": days})
    return gone
