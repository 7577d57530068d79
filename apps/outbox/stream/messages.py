"""What goes into the stream, what comes out of it, and what can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from nats.aio.msg import Msg

__all__ = ["Received", "StreamDrift", "StreamMessage", "StreamUnavailable"]


class StreamUnavailable(Exception):
    """NATS is away, too slow or without a majority: wait and try again."""


class StreamDrift(Exception):
    """The stream or a consumer is not as this code needs it; the message has the first differences."""

    def __init__(self, differences: list[str]) -> None:
        more = f"; and {len(differences) - 3} more" if len(differences) > 3 else ""
        super().__init__("; ".join(differences[:3]) + more)
        self.differences = differences


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """A message to publish; the stream keeps one of those that come with the same id within two minutes."""

    subject: str
    id: str
    data: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Received:
    """A message from the stream."""

    data: bytes
    headers: Mapping[str, str]
    subject: str
    sequence: int
    #: How often it was handed out, this time included.
    delivered: int
    #: When the stream stored it.
    timestamp: datetime
    #: How many messages the consumer still has to be given.
    pending: int
    _raw: Msg = field(repr=False)

    @classmethod
    def from_raw(cls, raw: Msg) -> Self:
        """Read the numbers that the server writes into the reply subject; newer servers put two words before them."""
        words = raw.reply.split(".")
        first = 4 if len(words) == 9 else 6
        delivered, sequence, _, nanoseconds, pending = words[first : first + 5]
        stored = datetime.fromtimestamp(int(nanoseconds) / 1e9, UTC)
        headers = raw.headers or {}
        return cls(raw.data, headers, raw.subject, int(sequence), int(delivered), stored, int(pending), raw)
