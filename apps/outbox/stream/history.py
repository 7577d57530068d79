"""Reading the stream from some point to its end, without leaving a trace in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg

from apps.outbox.stream.connection import Connection, Refused
from apps.outbox.stream.layout import Layout
from apps.outbox.stream.messages import Received, StreamUnavailable

__all__ = ["History"]

SECOND = 1_000_000_000
BATCH = 500
PATIENCE = 5.0


class History:
    """One reading: a consumer in the server's memory that ends by itself."""

    def __init__(self, connection: Connection, layout: Layout) -> None:
        self._connection = connection
        self._layout = layout

    def read(self, start_time: datetime | None, start_sequence: int | None) -> Iterator[Received]:
        """Yield messages up to the end of the stream; a consumer that is lost is made again where it was.

        :raises StreamUnavailable: if NATS is away
        """
        start = _start(start_time, start_sequence)
        while True:
            name, pending = self._connection.run(self._open(start))
            while pending:
                messages = self._connection.run(self._pull(name))
                yield from messages
                if not messages:
                    break
                pending = messages[-1].pending
                start = {"deliver_policy": "by_start_sequence", "opt_start_seq": messages[-1].sequence + 1}
            if not pending:
                return

    async def _open(self, start: dict[str, Any]) -> tuple[str, int]:
        config = {
            "filter_subject": self._layout.events,
            "ack_policy": "none",
            "replay_policy": "instant",
            "mem_storage": True,
            "num_replicas": 1,
            "inactive_threshold": 60 * SECOND,
            **start,
        }
        body = {"stream_name": self._layout.name, "config": config}
        try:
            info = await self._connection.request(f"CONSUMER.CREATE.{self._layout.name}", body)
        except Refused as refused:
            raise StreamUnavailable(f"stream {self._layout.name}: {refused}") from None
        return info["name"], info["num_pending"]

    async def _pull(self, name: str) -> list[Received]:
        """Return the next messages; none if the consumer is lost."""
        client = await self._connection.client()
        inbox = client.new_inbox()
        messages: list[Received] = []
        over = asyncio.Event()

        async def receive(raw: Msg) -> None:
            if not raw.reply:
                over.set()
                return
            messages.append(Received.from_raw(raw))
            if len(messages) == BATCH or not messages[-1].pending:
                over.set()

        await self._ask(client, inbox, receive, name, over)
        return messages

    async def _ask(self, client: Client, inbox: str, receive: Any, name: str, over: asyncio.Event) -> None:
        subscription = await client.subscribe(inbox, cb=receive)
        body = json.dumps({"batch": BATCH, "no_wait": True}).encode()
        try:
            await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{self._layout.name}.{name}", body, reply=inbox)
            await asyncio.wait_for(over.wait(), PATIENCE)
        except TimeoutError:
            return
        finally:
            await subscription.unsubscribe()


def _start(start_time: datetime | None, start_sequence: int | None) -> dict[str, Any]:
    if start_sequence is not None:
        return {"deliver_policy": "by_start_sequence", "opt_start_seq": max(1, start_sequence)}
    if start_time is not None:
        return {"deliver_policy": "by_start_time", "opt_start_time": start_time.astimezone(UTC).isoformat()}
    return {"deliver_policy": "all"}
