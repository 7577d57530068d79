"""L2: a message per event in the JetStream stream, which names the work that consumers are to do for it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from apps.outbox import stream as streams
from apps.outbox.services import Claim, lane_of
from apps.outbox.stream import Stream, StreamDrift, StreamMessage, StreamUnavailable
from apps.outbox.transports import TransportDown

__all__ = ["TENANT", "TRACE", "WORK", "StoredEvent", "StreamTransport", "Work", "message_for", "partition_of"]

log = logging.getLogger(__name__)

#: Headers: a JSON list of [handler, dispatch, delivery]; the tenant; the trace.
WORK, TENANT, TRACE = "Rustok-Work", "Rustok-Tenant", "Rustok-Trace"

#: The envelope is put together where its parts are: the payload is not parsed on its way.
EVENTS = """
SELECT id, tenant_id, event_type, aggregate_type, aggregate_id, aggregate_version, trace_id, json_build_object(
    'id', id, 'event_type', event_type, 'schema_version', schema_version, 'tenant_id', tenant_id,
    'aggregate_type', aggregate_type, 'aggregate_id', aggregate_id, 'aggregate_version', aggregate_version,
    'correlation_id', correlation_id, 'causation_id', causation_id, 'trace_id', trace_id, 'actor_id', actor_id,
    'timestamp', created_at, 'payload', payload)::text
FROM public.outbox_outboxevent
"""
_BY_ID = f"{EVENTS} WHERE id = ANY(%s)"
_EVENT_IDS = "SELECT id, event_id FROM public.outbox_delivery WHERE id = ANY(%s)"


class StoredEvent(NamedTuple):
    """A row of EVENTS."""

    id: UUID
    tenant_id: UUID
    event_type: str
    aggregate_type: str
    aggregate_id: UUID
    aggregate_version: int
    trace_id: str
    envelope: str


class Work(NamedTuple):
    """One delivery that a message asks for."""

    handler: str
    dispatch_id: int
    delivery_id: int


class StreamTransport:
    """Publishes what the relay claimed."""

    def __init__(self, stream: Stream | None = None) -> None:
        self._stream = stream or streams.configured("rustok-relay")
        self._is_ready = False

    def send(self, claims: Sequence[Claim]) -> list[int]:
        """Publish a message for each event; answer the dispatches of those that the stream did not acknowledge.

        :raises TransportDown: if it acknowledged none
        """
        works = _works_of(claims)
        events = sorted(_stored(works), key=_in_order)
        messages = [message_for(event, self._stream, works[event.id]) for event in events]
        try:
            self._make_ready()
            lost = set(self._stream.publish(messages))
        except StreamUnavailable as error:
            self._is_ready = False  # the stream may be gone for good, and then is made again
            raise TransportDown(str(error)) from error
        unsent = [works[event.id] for event, message in zip(events, messages, strict=True) if message.id in lost]
        return sorted({work.dispatch_id for each in unsent for work in each})

    def close(self) -> None:
        """Disconnect."""
        self._stream.close()

    def _make_ready(self) -> None:
        """Make what is missing in the stream; what differs stops the consumers, but no event on its way to them."""
        if self._is_ready:
            return
        try:
            self._stream.setup()
        except StreamDrift as drift:
            log.warning("stream_drift", extra={"differences": drift.differences})
        self._is_ready = True


def message_for(event: StoredEvent, stream: Stream, works: Sequence[Work] = (), *, suffix: str = "") -> StreamMessage:
    """Turn an event into a message; without work it is only there to be read."""
    headers = {TENANT: str(event.tenant_id), TRACE: event.trace_id}
    if works:
        headers[WORK] = json.dumps(works)
    return StreamMessage(
        subject=stream.layout.subject(partition_of(event), event.event_type),
        id=f"{event.id}.{suffix or works[0].dispatch_id}",
        data=event.envelope.encode(),
        headers=headers,
    )


def partition_of(event: StoredEvent) -> int:
    """Return the partition of the stream that an aggregate's events travel in."""
    return _lane(event) * settings.STREAM_PARTITIONS >> 63


def _lane(event: StoredEvent) -> int:
    return lane_of(event.tenant_id, event.aggregate_type, event.aggregate_id)


def _in_order(event: StoredEvent) -> tuple[int, int]:
    return _lane(event), event.aggregate_version


def _works_of(claims: Sequence[Claim]) -> dict[UUID, list[Work]]:
    """Gather, by event, what is to be done for it."""
    claim_of = {delivery_id: claim for claim in claims for delivery_id in claim.delivery_ids}
    with connection.cursor() as cursor:
        cursor.execute(_EVENT_IDS, [list(claim_of)])
        event_of = dict(cursor.fetchall())
    works: dict[UUID, list[Work]] = {}
    for delivery_id, claim in claim_of.items():
        if event_id := event_of.get(delivery_id):
            works.setdefault(event_id, []).append(Work(claim.handler, claim.id, delivery_id))
    return works


def _stored(ids: Iterable[UUID]) -> list[StoredEvent]:
    with connection.cursor() as cursor:
        cursor.execute(_BY_ID, [list(ids)])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return [StoredEvent(*row) for row in rows]
