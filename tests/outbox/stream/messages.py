"""Publishing what goes by stream, and looking at what arrived in it."""

from __future__ import annotations

from django.db import transaction

from apps.outbox.models import Delivery
from apps.outbox.stream import Stream
from rustok.kernel.events import publish_many
from tests.conftest import make_user
from tests.outbox.test_publish import SampleHappened


def say(count: int, users: int = 1, slug: str = "acme") -> None:
    """Publish events of some aggregates in turn, numbered by their labels."""
    with transaction.atomic():
        people = [make_user(f"u{number}@{slug}.test") for number in range(users)]
        publish_many([(SampleHappened(number=1, label=str(n)), people[n % users]) for n in range(count)])


def mine():
    return Delivery.objects.filter(handler__startswith="tests.")


def messages_of(stream: Stream, handler: str = "tests.") -> list:
    """List the messages in the stream that name work of these handlers."""
    return [each for each in stream.history() if handler in each.headers.get("Rustok-Work", "")]


def take(stream: Stream, number: int) -> list:
    """Fetch messages that name work of the tests; answer the others."""
    found = []
    while len(found) < number:
        got = stream.fetch("default", range(8), 100, 5)
        assert got
        found += [each for each in got if "tests." in each.headers.get("Rustok-Work", "")]
        stream.ack(each for each in got if each not in found)
    return found
