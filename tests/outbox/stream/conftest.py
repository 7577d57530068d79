"""A real NATS server, a stream on it, and who relays into it and consumes from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from apps.outbox import stream as streams
from apps.outbox.consumer import Consumer
from apps.outbox.relay import Relay
from apps.outbox.stream import Stream
from apps.outbox.stream_transport import StreamTransport
from tests.nats import Cluster, cluster

_names = count()


@pytest.fixture(scope="module")
def nats() -> Iterator[Cluster]:
    with cluster() as server:
        yield server


@pytest.fixture
def stream(nats, settings) -> Iterator[Stream]:
    """The configured stream, with a name of this test's own; messages come again after a second."""
    settings.NATS_URLS, settings.STREAM_NAME = nats.urls, f"C{os.getpid()}-{next(_names)}"
    made = streams.configured()
    object.__setattr__(made.layout, "ack_wait", 1.0)
    made._pulls._ack_wait = 1.0
    made.setup()
    yield made
    made.close()


@pytest.fixture
def relay(stream) -> Iterator[Callable[[], None]]:
    """Relay everything that is due into the stream."""
    one = Relay(StreamTransport(stream))

    def run() -> None:
        while one.step():
            pass

    yield run
    one.bell.stop()


@pytest.fixture
def consume(stream) -> Callable[..., int]:
    """Consume until nothing comes for a moment."""
    consumers: dict[str, Consumer] = {}

    def run(group: str = "default", patience: float = 0.3) -> int:
        consumer = consumers.setdefault(group, Consumer(stream, group))
        total = 0
        while found := consumer.step(patience):
            total += found
        return total

    return run
