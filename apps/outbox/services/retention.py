"""Partitions by day: made ahead, dropped when all in them is over."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

__all__ = ["ensure_partitions", "first_id", "prune"]

log = logging.getLogger(__name__)

#: Days for which partitions are made in advance, today included.
AHEAD = 3
PREFIX = "outbox_outboxevent_"
#: Milliseconds that dropping a day may wait for others.
PATIENCE = 500

_DAYS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'public.outbox_outboxevent'::regclass ORDER BY c.relname
"""
# Open deliveries are found by the key that they share with the event; unresolved letters are few.
_IS_NEEDED = """
SELECT EXISTS (SELECT 1 FROM public.outbox_delivery WHERE event_id >= %(low)s AND event_id < %(high)s)
    OR EXISTS (SELECT 1 FROM public.outbox_deadletter
               WHERE state = 'dead' AND event_id >= %(low)s AND event_id < %(high)s)
"""
_DELETE = """
WITH over AS (
    SELECT id FROM public.outbox_outboxevent e WHERE id >= %(low)s AND id < %(high)s
      AND NOT EXISTS (SELECT 1 FROM public.outbox_delivery d WHERE d.event_id = e.id)
      AND NOT EXISTS (SELECT 1 FROM public.outbox_deadletter l WHERE l.event_id = e.id AND l.state = 'dead')
    ORDER BY id LIMIT %(limit)s
)
DELETE FROM public.outbox_outboxevent WHERE id IN (SELECT id FROM over)
"""


def first_id(day: date) -> UUID:
    """Answer the lowest UUIDv7 of a day: milliseconds of its start in UTC in the first 48 bits (RFC 9562)."""
    milliseconds = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


def ensure_partitions(today: date) -> int:
    """Make the partitions of today and the next days; answer how many were missing.

    :raises OperationalError: if a long transaction is in the way; it is not urgent, and can be tried again
    """
    with connection.cursor() as cursor:
        cursor.execute(_DAYS)
        have = {name for (name,) in cursor.fetchall()}
        days = [today + timedelta(days=ahead) for ahead in range(AHEAD)]
        missing = [day for day in days if f"{PREFIX}{day:%Y%m%d}" not in have]
        for day in missing:
            _make(cursor, day)
    return len(missing)


def _make(cursor: Any, day: date) -> None:
    """Make a partition, unless that must wait: for it waits whoever reads or delivers events, and not only us."""
    with transaction.atomic():
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        cursor.execute("SELECT public.outbox_make_partition(%s)", [day])


def prune(*, before: date, limit: int = 5_000) -> int:
    """Delete the events of days before a day that nothing waits for any more; answer how many.

    A day of which all is over goes as a whole, in no time; of another one, what is over goes row by row. A transaction
    that is in the way of one day is in the way of all, so that it postpones what is left to the next time.
    """
    gone = 0
    for name, day in _days_before(before):
        low, high = first_id(day), first_id(day + timedelta(days=1))
        try:
            gone += _drop(name, low, high) or _delete(low, high, limit)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            log.warning("prune_postponed", extra={"partition": name})
            return gone
    return gone + _delete(UUID(int=0), first_id(before), limit)  # what came with an odd clock


def _days_before(before: date) -> list[tuple[str, date]]:
    with connection.cursor() as cursor:
        cursor.execute(_DAYS)
        names = [name for (name,) in cursor.fetchall() if name.removeprefix(PREFIX).isdigit()]
    days = [(name, datetime.strptime(name.removeprefix(PREFIX), "%Y%m%d").replace(tzinfo=UTC).date()) for name in names]
    return [(name, day) for name, day in days if day < before]


def _drop(name: str, low: UUID, high: UUID) -> int:
    """Drop a partition that nothing needs.

    :raises OperationalError: if a transaction is in the way; while we wait for it, whoever publishes waits for us
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}ms'")
        cursor.execute(f'LOCK TABLE ONLY public."{name}" IN SHARE ROW EXCLUSIVE MODE')
        cursor.execute(_IS_NEEDED, {"low": low, "high": high})
        if cursor.fetchone()[0]:
            return 0
        count = _count(cursor, name)
        cursor.execute(f'ALTER TABLE public.outbox_outboxevent DETACH PARTITION public."{name}"')
        cursor.execute(f'DROP TABLE public."{name}"')
        return count


def _count(cursor: Any, name: str) -> int:
    cursor.execute(f'SELECT count(*) FROM public."{name}"')  # noqa: S608 - a name from the catalogue
    return int(cursor.fetchone()[0])


def _delete(low: UUID, high: UUID, limit: int) -> int:
    gone = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_DELETE, {"low": low, "high": high, "limit": limit})
            gone += cursor.rowcount
            if cursor.rowcount < limit:
                return gone
