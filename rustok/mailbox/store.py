"""Mails in a folder per tenant, one file each; only the newest are kept."""

from __future__ import annotations

import email
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from rustok.kernel.ids import new_id

__all__ = ["Stored", "keep", "newest", "read", "tenants"]

#: Mails that are kept of one tenant.
KEPT = 200
_NAME = re.compile(r"[0-9a-f-]{36}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True, slots=True)
class Stored:
    """A mail in the folder."""

    tenant: str
    id: str
    at: datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str


def keep(slug: str, message: bytes) -> None:
    """Write a mail, and drop the oldest beyond the bound."""
    folder = _folder(slug)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = str(new_id())
    part = folder / f".{name}"
    part.write_bytes(message)
    os.replace(part, folder / f"{name}.eml")
    for old in _files(slug)[KEPT:]:
        old.unlink(missing_ok=True)


def newest(slug: str = "", limit: int = 50) -> list[Stored]:
    """List the newest mails, of one tenant or of all."""
    files = [path for one in ([slug] if slug else tenants()) for path in _files(one)[:limit]]
    files.sort(key=lambda path: path.name, reverse=True)
    return [stored for path in files[:limit] if (stored := _parsed(path))]


def read(slug: str, name: str) -> Stored | None:
    """Answer one mail; None if there is none, or it is gone."""
    if not _SLUG.fullmatch(slug) or not _NAME.fullmatch(name):
        return None
    return _parsed(_folder(slug) / f"{name}.eml")


def tenants() -> list[str]:
    """List whose mails there are."""
    return sorted(_slugs())


def _slugs() -> Iterator[str]:
    if settings.MAILBOX_DIR.is_dir():
        for entry in settings.MAILBOX_DIR.iterdir():
            if entry.is_dir() and _SLUG.fullmatch(entry.name):
                yield entry.name


def _folder(slug: str) -> Path:
    if not _SLUG.fullmatch(slug):
        raise ValueError(slug)
    folder: Path = settings.MAILBOX_DIR / slug
    return folder


def _files(slug: str) -> list[Path]:
    """List a tenant's mails; their names are ids that grow with time."""
    return sorted(_folder(slug).glob("*.eml"), key=lambda path: path.name, reverse=True)


def _parsed(path: Path) -> Stored | None:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    message = email.message_from_bytes(raw, policy=policy.default)
    return Stored(
        tenant=path.parent.name,
        id=path.stem,
        at=datetime.fromtimestamp(path.stat().st_mtime, tz=UTC),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
