"""Partitions shared out among living relays or consumers, by leases in the database and its clock."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.outbox.models import PARTITIONS
from rustok.kernel.ids import new_id

__all__ = ["TTL", "Partitions"]

#: Seconds that a lease and a sign of life last.
TTL = 6.0

_ALIVE = """
INSERT INTO public.outbox_member AS m ("group", owner, seen_at) VALUES (%(group)s, %(owner)s, clock_timestamp())
ON CONFLICT ("group", owner) DO UPDATE SET seen_at = clock_timestamp()
"""
_BURY = """
DELETE FROM public.outbox_member
WHERE "group" = %(group)s AND seen_at < clock_timestamp() - make_interval(secs => %(ttl)s)
"""
_LIVING = 'SELECT count(*) FROM public.outbox_member WHERE "group" = %(group)s'
_MAKE = """
INSERT INTO public.outbox_lease ("group", number)
SELECT %(group)s, number FROM generate_series(0, %(count)s - 1) AS number
ON CONFLICT DO NOTHING
"""
_RENEW = """
UPDATE public.outbox_lease SET lease_until = clock_timestamp() + make_interval(secs => %(ttl)s)
WHERE "group" = %(group)s AND owner = %(owner)s AND lease_until > clock_timestamp() RETURNING number
"""
_TAKE = """
UPDATE public.outbox_lease l
SET owner = %(owner)s, lease_until = clock_timestamp() + make_interval(secs => %(ttl)s)
FROM (SELECT id FROM public.outbox_lease
      WHERE "group" = %(group)s AND number < %(count)s AND (owner IS NULL OR lease_until < clock_timestamp())
      ORDER BY number LIMIT %(most)s FOR UPDATE SKIP LOCKED) free
WHERE l.id = free.id RETURNING l.number
"""
_GIVE = """
UPDATE public.outbox_lease SET owner = NULL, lease_until = NULL
WHERE "group" = %(group)s AND owner = %(owner)s AND number = ANY(%(numbers)s)
"""
_HOLD = """
SELECT number FROM public.outbox_lease
WHERE "group" = %(group)s AND owner = %(owner)s AND lease_until > clock_timestamp() ORDER BY number FOR SHARE
"""


class Partitions:
    """What one relay or consumer owns of the partitions of its group."""

    def __init__(self, group: str, count: int = PARTITIONS) -> None:
        self.owner: UUID = new_id()
        self.owned: list[int] = []
        self._params: dict[str, Any] = {"group": group, "owner": self.owner, "count": count, "ttl": TTL}
        self._count = count
        self._made = False

    def renew(self) -> list[int]:
        """Prolong what we own, give up what is more than our share, take what is free; answer what we own."""
        with transaction.atomic(), connection.cursor() as cursor:
            if not self._made:
                cursor.execute(_MAKE, self._params)
            cursor.execute(_ALIVE, self._params)
            cursor.execute(_BURY, self._params)
            cursor.execute(_LIVING, self._params)
            share = -(-self._count // max(int(cursor.fetchone()[0]), 1))
            cursor.execute(_RENEW, self._params)
            owned = sorted(number for (number,) in cursor.fetchall())
            if len(owned) > share:
                cursor.execute(_GIVE, {**self._params, "numbers": owned[share:]})
            elif len(owned) < share:
                cursor.execute(_TAKE, {**self._params, "most": share - len(owned)})
                owned += [number for (number,) in cursor.fetchall()]
        self._made = True
        self.owned = sorted(owned[:share])
        return self.owned

    def hold(self, cursor: Any) -> list[tuple[int, int]]:
        """Keep what we own ours until the transaction ends; answer it as ranges of lanes, both ends included."""
        cursor.execute(_HOLD, self._params)
        ranges: list[tuple[int, int]] = []
        width = 2**63 // self._count
        for (number,) in cursor.fetchall():
            low, high = number * width, (number + 1) * width - 1
            if ranges and ranges[-1][1] == low - 1:
                low = ranges.pop()[0]
            ranges.append((low, high))
        return ranges

    def leave(self) -> None:
        """Give everything up at once, for others to take."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_GIVE, {**self._params, "numbers": list(range(self._count))})
            cursor.execute('DELETE FROM public.outbox_member WHERE "group" = %(group)s AND owner = %(owner)s',
                           self._params)  # fmt: skip
        self.owned = []
