"""The aggregate of the probes, and the two tables that the truth is read from.

`public.probe_fact` gets a row in the transaction of every event: what was committed, whatever the writer came to know.
`public.probe_effect` gets a row in the transaction of every handler, and has no unique constraint: a second effect is
seen, and its key tells the order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection, models

from rustok.kernel.events import Envelope, Event, publish_many
from rustok.kernel.ids import new_id

__all__ = ["TABLES", "Probe", "note_effects", "note_facts", "say"]

TABLES = """
CREATE TABLE IF NOT EXISTS public.probe_fact (event_id uuid NOT NULL);
CREATE TABLE IF NOT EXISTS public.probe_effect (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    event_id uuid NOT NULL,
    handler text NOT NULL,
    schema_name text NOT NULL,
    said text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""


class Probe(models.Model):
    """What the events are about; it is never stored."""

    id = models.UUIDField(primary_key=True, default=new_id)

    class Meta:
        app_label = "probes"
        managed = False


def say(facts: Sequence[tuple[Event, UUID]]) -> list[UUID]:
    """Publish events of probes, and note in the same transaction that they are true."""
    ids = publish_many([(fact, Probe(id=probe_id)) for fact, probe_id in facts])
    note_facts(ids)
    return ids


def note_facts(ids: Iterable[UUID]) -> None:
    """Note events as committed, if this commits."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO public.probe_fact (event_id) SELECT unnest(%s::uuid[])", [list(ids)])


def note_effects(handler: str, events: Sequence[Envelope]) -> None:
    """Leave a trace of each event, in the given order."""
    rows = [(each.id, json.dumps(each.payload | {})) for each in events]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.probe_effect (event_id, handler, schema_name, said) "
            "SELECT id, %s, current_schema(), said "
            "FROM unnest(%s::uuid[], %s::text[]) WITH ORDINALITY AS e (id, said, n) ORDER BY n",
            [handler, [row[0] for row in rows], [row[1] for row in rows]],
        )
