"""Partitions shared out among living relays or consumers, by the database and its clock.

A member gives signs of life; what it owns is its own as long as it lives.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.outbox.models import PARTITIONS
from rustok.kernel.ids import new_id

__all__ = ["TTL", "Partitions", "living"]

#: Seconds after which a member without a sign of life is gone.
TTL = 6.0

_ALIVE = """
INSERT INTO public.outbox_member ("group", owner, seen_at) VALUES (%(group)s, %(owner)s, clock_timestamp())
ON CONFLICT ("group", owner) DO UPDATE SET seen_at = clock_timestamp()
"""
# One that is locked is at work, however long ago it gave a sign of life.
_BURY = """
DELETE FROM public.outbox_member WHERE id IN (
    SELECT id FROM public.outbox_member
    WHERE "group" = %(group)s AND seen_at < clock_timestamp() - make_interval(secs => %(ttl)s) FOR UPDATE SKIP LOCKED)
"""
_LIVING = 'SELECT count(*) FROM public.outbox_member WHERE "group" = %(group)s'
_MAKE = """
INSERT INTO public.outbox_lease ("group", number)
SELECT %(group)s, number FROM generate_series(0, %(count)s - 1) AS number ON CONFLICT DO NOTHING
"""
_OWNED = 'SELECT number FROM public.outbox_lease WHERE "group" = %(group)s AND owner = %(owner)s ORDER BY number'
_TAKE = """
UPDATE public.outbox_lease l SET owner = %(owner)s
FROM (SELECT id FROM public.outbox_lease
      WHERE "group" = %(group)s AND number < %(count)s AND (owner IS NULL OR owner NOT IN
          (SELECT owner FROM public.outbox_member WHERE "group" = %(group)s))
      ORDER BY number LIMIT %(most)s FOR UPDATE SKIP LOCKED) free
WHERE l.id = free.id RETURNING l.number
"""
_GIVE = """
UPDATE public.outbox_lease SET owner = NULL
WHERE "group" = %(group)s AND owner = %(owner)s AND number = ANY(%(numbers)s)
"""
_LEAVE = 'DELETE FROM public.outbox_member WHERE "group" = %(group)s AND owner = %(owner)s'
_HOLD = 'SELECT 1 FROM public.outbox_member WHERE "group" = %(group)s AND owner = %(owner)s FOR SHARE'


_SEEN = """
SELECT count(*) FROM public.outbox_member
WHERE "group" = %s AND seen_at > clock_timestamp() - make_interval(secs => %s)
"""


def living(group: str) -> int:
    """Count the members of a group that gave a sign of life lately."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [group, 2 * TTL])
        return int(cursor.fetchone()[0])


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
        self.owned = []  # whoever does not hear how this ended, owns nothing
        with transaction.atomic(), connection.cursor() as cursor:
            if not self._made:
                cursor.execute(_MAKE, self._params)
            cursor.execute(_ALIVE, self._params)
            cursor.execute(_BURY, self._params)
            cursor.execute(_LIVING, self._params)
            share = -(-self._count // max(int(cursor.fetchone()[0]), 1))
            cursor.execute(_OWNED, self._params)
            owned = [number for (number,) in cursor.fetchall()]
            if len(owned) > share:
                cursor.execute(_GIVE, {**self._params, "numbers": owned[share:]})
            elif len(owned) < share:
                cursor.execute(_TAKE, {**self._params, "most": share - len(owned)})
                owned += [number for (number,) in cursor.fetchall()]
        self._made = True
        self.owned = sorted(owned[:share])
        return self.owned

    def hold(self, cursor: Any) -> list[tuple[int, int]]:
        """Keep what we own ours until the transaction ends; answer it as ranges of lanes, both ends included.

        Only the partitions of members that are gone can be taken, and a member whose row is locked does not go.
        """
        cursor.execute(_HOLD, self._params)
        if cursor.fetchone() is None:
            self.owned = []
        ranges: list[tuple[int, int]] = []
        width = 2**63 // self._count
        for number in self.owned:
            low, high = number * width, (number + 1) * width - 1
            if ranges and ranges[-1][1] == low - 1:
                low = ranges.pop()[0]
            ranges.append((low, high))
        return ranges

    def leave(self) -> None:
        """Give everything up at once, for others to take."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_GIVE, {**self._params, "numbers": list(range(self._count))})
            cursor.execute(_LEAVE, self._params)
        self.owned = []
