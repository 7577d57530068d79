"""What the commands of the outbox take and show: moments, spans, tenants, a bar."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from apps.tenant.public import find
from rustok.kernel.context import Work, bind, new_trace_id
from rustok.kernel.errors import DomainError
from rustok.kernel.ids import new_id, parse_id

__all__ = ["ago", "bar", "key", "moment", "tenant_id", "work"]

#: Columns of the progress bar.
WIDTH = 30
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str | None) -> datetime | None:
    """Read a moment or a day in ISO 8601; UTC if it names no zone.

    :raises CommandError: if it is none
    """
    if text is None:
        return None
    try:
        found = parse_datetime(text)
        day = None if found else parse_date(text)
    except ValueError:
        found = day = None
    if day:
        found = datetime(day.year, day.month, day.day)
    if found is None:
        raise CommandError(f"{text!r} is no moment: write 2026-01-31 or 2026-01-31T12:00:00Z")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def ago(text: str | None) -> datetime | None:
    """Read a span back from now: 30s, 10m, 2h, 7d, 1w.

    :raises CommandError: if it is none
    """
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,6})([smhdw])", text)
    if match is None:
        raise CommandError(f"{text!r} is no span: write 30s, 10m, 2h, 7d or 1w")
    try:
        return timezone.now() - timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError:
        raise CommandError(f"{text!r} is longer ago than there was time") from None


def key(text: str) -> UUID:
    """Read an id.

    :raises CommandError: if it is none
    """
    found = parse_id(text)
    if found is None:
        raise CommandError(f"{text!r} is no id")
    return found


def tenant_id(slug: str | None) -> UUID | None:
    """Answer the id of a tenant; None for no slug.

    :raises CommandError: if there is none
    """
    if slug is None:
        return None
    tenant = find(slug)
    if tenant is None:
        raise CommandError(f"there is no tenant {slug!r}")
    return tenant.pk


def bar(stderr: Any, label: str, *, quiet: bool) -> Callable[[int, int], None]:
    """Draw progress on a terminal; a line for each tenth elsewhere."""
    told = [0]

    def draw(done: int, total: int) -> None:
        share = done / max(total, 1)
        if sys.stderr.isatty():
            filled = int(WIDTH * share)
            end = "\n" if done >= total else ""
            stderr.write(f"\r{label} [{'█' * filled}{'·' * (WIDTH - filled)}] {done:,}/{total:,}", ending=end)
        elif int(share * 10) > told[0]:
            told[0] = int(share * 10)
            stderr.write(f"{label} {done:,}/{total:,}")

    return (lambda done, total: None) if quiet else draw


@contextmanager
def work() -> Iterator[None]:
    """Do one piece of work: under one trace, stopped by SIGTERM as by Ctrl-C, with refusals said in one line."""

    def stop(*_args: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with bind(Work(trace_id=new_trace_id(), correlation_id=new_id())):
            yield
    except DomainError as refusal:
        raise CommandError(_said(refusal)) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _said(refusal: DomainError) -> str:
    """Say a refusal with what it is about, unless that is a sentence already."""
    title = type(refusal).title()
    return refusal.detail if refusal.detail.endswith(".") else f"{title.rstrip('.')}: {refusal.detail}"
