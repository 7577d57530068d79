"""Reading events and what of them is open, in time that does not grow with what is stored."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

__all__ = ["Lag", "lag"]

#: Open deliveries that one look counts.
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Lag:
    """What is on its way; `more` if there is more than was counted."""

    waiting: int
    running: int
    parked: int
    #: Seconds since the oldest waiting delivery was stored.
    oldest: float
    more: bool


_LAG = """
WITH looked AS (SELECT state, created_at FROM public.outbox_delivery LIMIT %(most)s)
SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'leased'),
    count(*) FILTER (WHERE state = 'parked'),
    coalesce(extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE state = 'waiting')), 0)::float,
    count(*) = %(most)s
FROM looked
"""


def lag() -> Lag:
    """Count what is on its way, of all tenants."""
    with connection.cursor() as cursor:
        cursor.execute(_LAG, {"most": MOST})
        return Lag(*cursor.fetchone())
