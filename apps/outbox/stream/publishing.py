"""Publishing many messages at once: all are sent, then their acknowledgements are awaited together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import MaxPayloadError

from apps.outbox.stream.connection import Connection
from apps.outbox.stream.messages import StreamMessage, StreamUnavailable

__all__ = ["Publications"]

log = logging.getLogger(__name__)

#: Messages that are sent before their acknowledgements are awaited.
WINDOW = 1000


class _Batch:
    """The messages of one window that the stream has not acknowledged."""

    def __init__(self) -> None:
        self.open: dict[str, str] = {}
        self.failed: list[str] = []
        self.problem = "no acknowledgement"
        self.done = asyncio.Event()

    def answered(self, token: str, problem: str) -> None:
        """Note an answer; the last one ends the wait."""
        message_id = self.open.pop(token)
        if problem:
            self.failed.append(message_id)
            self.problem = problem
        if not self.open:
            self.done.set()


class Publications:
    """Sends messages and matches the stream's answers with them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: dict[str, _Batch] = {}
        self._inbox = ""
        self._count = 0
        connection.on_open.append(self._opened)

    async def publish(self, messages: Sequence[StreamMessage], timeout: float) -> list[str]:
        """Publish window by window; answer the ids that were not acknowledged, in order.

        :raises StreamUnavailable: if none was
        """
        failed: set[str] = set()
        problem = ""
        for start in range(0, len(messages), WINDOW):
            batch = await self._publish_window(messages[start : start + WINDOW], timeout)
            failed.update(batch.failed, batch.open.values())
            problem = batch.problem
            if batch.open:  # no use in filling another window now
                failed.update(message.id for message in messages[start + WINDOW :])
                break
        if len(failed) == len({message.id for message in messages}):
            raise StreamUnavailable(f"NATS at {self._connection.address}: {problem}")
        return [message.id for message in messages if message.id in failed]

    async def _publish_window(self, messages: Sequence[StreamMessage], timeout: float) -> _Batch:
        client = await self._connection.client()
        batch = _Batch()
        try:
            for message in messages:
                await self._send(client, message, batch)
            if batch.open:
                await asyncio.wait_for(batch.done.wait(), timeout)
        except TimeoutError:
            pass
        finally:
            for token in batch.open:
                self._waiting.pop(token, None)
        return batch

    async def _send(self, client: Client, message: StreamMessage, batch: _Batch) -> None:
        self._count += 1
        token = str(self._count)
        batch.open[token] = message.id
        self._waiting[token] = batch
        headers = {"Nats-Msg-Id": message.id, **message.headers}
        try:
            await client.publish(message.subject, message.data, reply=f"{self._inbox}.{token}", headers=headers)
        except MaxPayloadError:
            log.error("message_too_large", extra={"subject": message.subject, "bytes": len(message.data)})
            self._answered(token, "the message is too large")

    def _answered(self, token: str, problem: str) -> None:
        batch = self._waiting.pop(token, None)
        if batch is not None:
            batch.answered(token, problem)

    async def _opened(self, client: Client) -> None:
        self._inbox = client.new_inbox()
        await client.subscribe(f"{self._inbox}.*", cb=self._received)

    async def _received(self, raw: Msg) -> None:
        problem = ""
        if raw.headers and raw.headers.get("Status") == "503":
            problem = "the stream is missing or has no leader"
        elif b'"error"' in raw.data:
            problem = raw.data.decode(errors="replace")[:200]
        self._answered(raw.subject[len(self._inbox) + 1 :], problem)
