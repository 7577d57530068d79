"""The stream of transport L2 on NATS JetStream, for code that is not asynchronous.

It carries the news that deliveries are to be run, and keeps a history of the events; the truth is in PostgreSQL.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from nats.errors import Error

from apps.outbox.stream.connection import Connection, Refused
from apps.outbox.stream.history import History
from apps.outbox.stream.layout import MAX_DELIVER, Layout, consumers_of
from apps.outbox.stream.messages import Received, StreamDrift, StreamMessage, StreamUnavailable
from apps.outbox.stream.publishing import Publications
from apps.outbox.stream.pulling import Pulls
from rustok.kernel.events import groups

__all__ = [
    "MAX_DELIVER",
    "Layout",
    "Received",
    "Stream",
    "StreamDrift",
    "StreamMessage",
    "StreamUnavailable",
    "configured",
]


class Stream:
    """A stream and its consumers; thread-safe, connects when it is first used and again for ever."""

    def __init__(self, urls: Sequence[str], layout: Layout, *, name: str = "rustok") -> None:
        self.layout = layout
        self._connection = Connection(urls, name)
        self._publications = Publications(self._connection)
        self._pulls = Pulls(self._connection, layout.name, layout.ack_wait)

    def connect(self) -> None:
        """Connect now.

        :raises StreamUnavailable: if NATS is away
        """
        self._connection.run(self._connection.client())

    def close(self) -> None:
        """Send the answers that are on their way, and disconnect; what was fetched and not answered comes again."""
        if self._connection.is_open:
            with suppress(StreamUnavailable):
                self._connection.run(self._pulls.give_back_all())
        self._connection.close()

    def setup(self, *, update: bool = False) -> None:
        """Make the stream and its consumers if they are missing; with `update` bring them in line.

        :raises StreamDrift: naming each difference to what exists
        :raises StreamUnavailable: if NATS is away
        """
        try:
            self._connection.run(self.layout.settle(self._connection, update=update))
        except Refused as refused:
            raise StreamDrift([f"stream {self.layout.name}: {refused}"]) from None

    def publish(self, messages: Sequence[StreamMessage], *, timeout: float = 5.0) -> list[str]:
        """Publish messages; answer the ids of those that the stream did not acknowledge in `timeout` seconds.

        :raises StreamUnavailable: if it acknowledged none
        """
        return self._connection.run(self._publications.publish(messages, timeout)) if messages else []

    def fetch(self, group: str, partitions: Sequence[int], batch: int, timeout: float) -> list[Received]:
        """Return up to `batch` messages as soon as there are some, in order within a partition.

        Until they are answered, or ten minutes are over, nobody else gets them.

        :raises StreamUnavailable: if NATS or a consumer is away
        """
        return self._connection.run(self._pulls.fetch(group, partitions, batch, timeout))

    def ack(self, messages: Iterable[Received]) -> None:
        """Say that messages are done; an answer that gets lost only brings its message again."""
        self._answer(messages, b"")

    def nak(self, messages: Iterable[Received], delay: float = 0.0) -> None:
        """Ask for messages again, after some seconds."""
        self._answer(messages, b'-NAK {"delay": %d}' % int(delay * 1e9) if delay else b"-NAK")

    def term(self, messages: Iterable[Received]) -> None:
        """Never ask for messages again."""
        self._answer(messages, b"+TERM")

    def history(self, *, start_time: datetime | None = None, start_sequence: int | None = None) -> Iterator[Received]:
        """Read the events that the stream holds, in its order, from a time or a sequence to its end.

        :raises StreamUnavailable: if NATS is away
        """
        return History(self._connection, self.layout).read(start_time, start_sequence)

    def status(self) -> dict[str, Any]:
        """Answer what the stream holds and how far its consumers are.

        :raises StreamUnavailable: if NATS is away or the stream is missing
        """
        info = self._ask(f"STREAM.INFO.{self.layout.name}")
        state, cluster = info["state"], info.get("cluster") or {}
        return {
            "stream": self.layout.name,
            "messages": state["messages"],
            "bytes": state["bytes"],
            "first_sequence": state["first_seq"],
            "last_sequence": state["last_seq"],
            "leader": cluster.get("leader"),
            "consumers": [_consumer_status(each) for each in self._consumers()],
        }

    def purge(self) -> None:
        """Delete all messages; deliveries that were on their way are sent again by the relay.

        :raises StreamUnavailable: if NATS is away or the stream is missing
        """
        self._ask(f"STREAM.PURGE.{self.layout.name}")

    def mark(self, text: str) -> None:
        """Leave a mark in the stream, such as how far a rebuild has come.

        :raises StreamUnavailable: if it was not stored
        """
        now = datetime.now(UTC).isoformat()
        self.publish([StreamMessage(self.layout.mark, f"mark.{text}.{now}", text.encode(), {})])

    def last_mark(self) -> str | None:
        """Return the newest mark.

        :raises StreamUnavailable: if NATS is away
        """
        body = {"last_by_subj": self.layout.mark}
        try:
            answer = self._connection.run(self._connection.request(f"STREAM.MSG.GET.{self.layout.name}", body))
        except Refused:
            return None
        return base64.b64decode(answer["message"].get("data", "")).decode()

    def _consumers(self) -> list[dict[str, Any]]:
        ours = self.layout.consumers()
        found = self._connection.run(consumers_of(self._connection, self.layout.name))
        return sorted((each for each in found if each["name"] in ours), key=lambda each: str(each["name"]))

    def _ask(self, subject: str) -> dict[str, Any]:
        try:
            return self._connection.run(self._connection.request(subject))
        except Refused as refused:
            raise StreamUnavailable(f"stream {self.layout.name}: {refused}") from None

    def _answer(self, messages: Iterable[Received], payload: bytes) -> None:
        if answered := list(messages):
            self._connection.start(self._send_answers(answered, payload))

    async def _send_answers(self, messages: list[Received], payload: bytes) -> None:
        self._pulls.release(messages)
        try:
            client = await self._connection.client()
            for message in messages:
                await client.publish(message._raw.reply, payload)
        except (Error, OSError, StreamUnavailable):
            return  # they come again


def _consumer_status(info: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": info["name"],
        "pending": info["num_pending"],
        "ack_pending": info["num_ack_pending"],
        "redelivered": info["num_redelivered"],
    }


def configured(name: str = "rustok") -> Stream:
    """Return the stream that the settings name, with consumers for the groups of all handlers."""
    layout = Layout(
        name=settings.STREAM_NAME,
        groups=groups(),
        partitions=settings.STREAM_PARTITIONS,
        replicas=settings.STREAM_REPLICAS,
        max_age_days=settings.STREAM_MAX_AGE_DAYS,
    )
    return Stream(settings.NATS_URLS, layout, name=name)
