"""Storing events, and what is to be delivered, in the transaction of the change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model

from apps.outbox import metrics, wakeup
from rustok.kernel.context import current_work
from rustok.kernel.events import Event, encode, handlers_of
from rustok.kernel.ids import new_id
from rustok.kernel.tenancy import current_tenant

__all__ = ["OutboxPublisher", "lane_of"]

# See migration 0003: one statement for any number of events.
_PUBLISH = """
SELECT public.outbox_publish(%(tenant)s, %(correlation)s, %(causation)s, %(trace)s, %(actor)s, %(facts)s)
"""


class OutboxPublisher:
    """Stores events in the transaction that is running; what rolls back was never said."""

    def publish(self, facts: Sequence[tuple[Event, Model]]) -> list[UUID]:
        """Insert events and their deliveries in one statement, and wake the relay once that has committed."""
        tenant_id, work = current_tenant().id, current_work()
        rows = [_row(tenant_id, fact, aggregate) for fact, aggregate in facts]
        params = {
            "tenant": tenant_id, "correlation": work.correlation_id, "causation": work.causation_id,
            "trace": work.trace_id, "actor": work.actor_id, "facts": msgspec.json.encode(rows).decode(),
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_PUBLISH, params)
        lanes, names = {row["lane"] for row in rows}, Counter(row["type"] for row in rows)
        transaction.on_commit(lambda: _after_commit(tenant_id, lanes, names), robust=True)
        return [row["id"] for row in rows]


def _row(tenant_id: UUID, fact: Event, aggregate: Model) -> dict[str, Any]:
    kind = aggregate._meta.label_lower
    return {
        "id": new_id(), "type": fact.name, "schema": fact.version, "kind": kind, "key": aggregate.pk,
        "lane": lane_of(tenant_id, kind, aggregate.pk), "payload": msgspec.Raw(encode(fact)),
        "handlers": [handler.name for handler in handlers_of(fact.name)],
    }  # fmt: skip


def lane_of(tenant_id: UUID, kind: str, key: UUID) -> int:
    """Hash an aggregate of a tenant to 63 bits; the highest six are its partition."""
    digest = blake2b(tenant_id.bytes + key.bytes + kind.encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def _after_commit(tenant_id: UUID, lanes: set[int], names: Counter[str]) -> None:
    """Tell those who wait; nothing is lost if this never runs."""
    for name, count in names.items():
        metrics.published(name, count)
    if settings.EVENT_TRANSPORT == "inprocess":
        from apps.outbox.services.draining import deliver_lanes

        deliver_lanes(tenant_id, lanes)
    else:
        wakeup.ping()
