"""Filling the stream again from the outbox, after it was lost or for a new reader of its history."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from django.db import connection

from apps.outbox.stream import Stream, StreamMessage, StreamUnavailable
from apps.outbox.stream_transport import EVENTS, StoredEvent, message_for
from rustok.kernel.ids import new_id

__all__ = ["rebuild"]

BATCH = 500
#: Seconds between two lines of progress.
EVERY = 2.0
TRIES = 3
FIRST = UUID(int=0)

_NEXT = f"{EVENTS} WHERE id > %s ORDER BY id LIMIT {BATCH}"


def rebuild(stream: Stream, *, go_on: bool, say: Callable[[str], None]) -> int:
    """Publish every event that the outbox keeps, in the order of their ids; answer how many.

    They name no work, so that no handler runs. With `go_on` the stream keeps what it holds, and the rebuild that was
    interrupted goes on; otherwise the stream is emptied first, and what was on its way is sent again by the relay.

    :raises StreamUnavailable: if NATS is away; run it again with `go_on`
    """
    stream.setup()
    run, after = _begin(stream, go_on=go_on)
    count, begun, said = 0, time.monotonic(), 0.0
    while events := _after(after):
        _publish(stream, [message_for(event, stream, suffix=run) for event in events])
        after, count = events[-1].id, count + len(events)
        stream.mark(f"{run} {after}")
        if time.monotonic() - said > EVERY:
            said = time.monotonic()
            say(f"{count} events, {count / (said - begun):.0f} a second, up to {after}")
    return count


def _begin(stream: Stream, *, go_on: bool) -> tuple[str, UUID]:
    """Return the name of this rebuild, and the event after which it goes on.

    The name is part of the messages' ids: the stream remembers ids for two minutes, even of what was purged.
    """
    mark = stream.last_mark() if go_on else None
    if mark:
        run, after = mark.split()
        return run, UUID(after)
    if not go_on:
        stream.purge()
    return new_id().hex, FIRST


def _publish(stream: Stream, messages: list[StreamMessage]) -> None:
    """Publish a batch, trying again what was not acknowledged."""
    for _ in range(TRIES):
        lost = set(stream.publish(messages))
        if not lost:
            return
        messages = [message for message in messages if message.id in lost]
    raise StreamUnavailable(f"{len(messages)} messages were not taken")


def _after(event_id: UUID) -> list[StoredEvent]:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [event_id])
        return [StoredEvent(*row) for row in cursor.fetchall()]
