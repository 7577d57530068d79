"""An event whose handler does next to nothing: what is left is what the way costs."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import AppConfig
from django.db import connection

from rustok.kernel.events import Envelope, Event, event, on

__all__ = ["CREATE", "ProbeConfig", "Probed"]

CREATE = """
DROP TABLE IF EXISTS public.bench_effect;
CREATE TABLE public.bench_effect (event_id uuid PRIMARY KEY, number bigint NOT NULL)
"""


class ProbeConfig(AppConfig):
    """Installed by the settings of the benchmarks only."""

    name = "benchmarks"


@event("bench.probed", version=1)
class Probed(Event):
    """Nothing happened, for the n-th time."""

    number: int


@on("bench.probed", name="bench.note", batch=True, group="bench", runs_as="is measured")
def note(events: Sequence[Envelope]) -> None:
    """Leave a row of each event."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.bench_effect SELECT * FROM unnest(%s::uuid[], %s::bigint[])",
            [[one.id for one in events], [one.payload["number"] for one in events]],
        )
