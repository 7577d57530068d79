"""Storing events, and what is to be delivered, in the transaction of the change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model

from apps.outbox import metrics, wakeup
from rustok.kernel.context import current_work
from rustok.kernel.events import Event, encode, handlers_of
from rustok.kernel.ids import new_id
from rustok.kernel.tenancy import current_tenant

__all__ = ["OutboxPublisher", "lane_of"]

# One statement for any number of events. The upsert locks the counter of every aggregate until the end of the
# transaction, in key order: so versions are contiguous and follow the order of the commits.
_PUBLISH = """
WITH input AS MATERIALIZED (
    SELECT * FROM unnest(%(ids)s::uuid[], %(types)s::text[], %(schemas)s::int[], %(kinds)s::text[], %(keys)s::uuid[],
        %(lanes)s::bigint[], %(payloads)s::text[], %(handlers)s::text[]) WITH ORDINALITY
        AS i (id, type, schema, kind, key, lane, payload, handlers, n)
), bumped AS (
    INSERT INTO public.outbox_aggregate AS a (tenant_id, kind, aggregate_id, version)
    SELECT %(tenant)s, kind, key, count(*) FROM input GROUP BY kind, key ORDER BY kind, key
    ON CONFLICT (tenant_id, kind, aggregate_id) DO UPDATE SET version = a.version + EXCLUDED.version
    RETURNING kind, aggregate_id, version
), numbered AS (
    SELECT i.*, b.version - count(*) OVER (PARTITION BY i.kind, i.key)
        + row_number() OVER (PARTITION BY i.kind, i.key ORDER BY i.n) AS version
    FROM input i JOIN bumped b ON b.kind = i.kind AND b.aggregate_id = i.key
), stored AS (
    INSERT INTO public.outbox_outboxevent (id, tenant_id, event_type, schema_version, aggregate_type, aggregate_id,
        aggregate_version, correlation_id, causation_id, trace_id, actor_id, payload, handlers, created_at)
    SELECT id, %(tenant)s, type, schema, kind, key, version, %(correlation)s, %(causation)s, %(trace)s, %(actor)s,
        payload::jsonb, string_to_array(handlers, ','), clock_timestamp() FROM numbered ORDER BY n
)
INSERT INTO public.outbox_delivery (event_id, handler, tenant_id, lane, aggregate_version, state, attempts, next_at,
    error_class, error, created_at)
SELECT id, handler, %(tenant)s, lane, version, 'waiting', 0, clock_timestamp(), '', '', clock_timestamp()
FROM numbered, string_to_table(handlers, ',') AS handler WHERE handlers <> '' ORDER BY n
"""


class OutboxPublisher:
    """Stores events in the transaction that is running; what rolls back was never said."""

    def publish(self, facts: Sequence[tuple[Event, Model]]) -> list[UUID]:
        """Insert events and their deliveries in one statement, and wake the relay once that has committed."""
        tenant_id, work = current_tenant().id, current_work()
        ids = [new_id() for _ in facts]
        keys = [aggregate.pk for _, aggregate in facts]
        kinds = [aggregate._meta.label_lower for _, aggregate in facts]
        lanes = [lane_of(tenant_id, kind, key) for kind, key in zip(kinds, keys, strict=True)]
        params: dict[str, Any] = {
            "tenant": tenant_id, "ids": ids, "keys": keys, "kinds": kinds, "lanes": lanes,
            "types": [fact.name for fact, _ in facts],
            "schemas": [fact.version for fact, _ in facts],
            "payloads": [encode(fact).decode() for fact, _ in facts],
            "handlers": [",".join(handler.name for handler in handlers_of(fact.name)) for fact, _ in facts],
            "correlation": work.correlation_id, "causation": work.causation_id, "trace": work.trace_id,
            "actor": work.actor_id,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_PUBLISH, params)
        names = Counter(fact.name for fact, _ in facts)
        transaction.on_commit(lambda: _after_commit(tenant_id, set(lanes), names), robust=True)
        return ids


def lane_of(tenant_id: UUID, kind: str, key: UUID) -> int:
    """Hash an aggregate of a tenant to 63 bits; the highest six are its partition."""
    digest = blake2b(tenant_id.bytes + key.bytes + kind.encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def _after_commit(tenant_id: UUID, lanes: set[int], names: Counter[str]) -> None:
    """Tell those who wait; nothing is lost if this never runs."""
    for name, count in names.items():
        metrics.published(name, count)
    if settings.EVENT_TRANSPORT == "inprocess":
        from apps.outbox.services.delivering import deliver_lanes

        deliver_lanes(tenant_id, lanes)
    else:
        wakeup.ping()
