"""The stream on a real NATS server: what is published arrives, in order, until it is answered."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from apps.outbox.stream import Layout, Received, Stream, StreamDrift, StreamMessage, StreamUnavailable
from tests.nats import Cluster, cluster

PARTITIONS = 4
_names = count()
MakeStream = Callable[..., Stream]


@pytest.fixture
def layout() -> Layout:
    """A stream of this test's own; its messages come again after a second."""
    return Layout(f"T{next(_names)}", ["default", "index"], PARTITIONS, ack_wait=1.0)


@pytest.fixture
def connect(nats: Cluster) -> Iterator[MakeStream]:
    """Open connections that end with the test."""
    opened: list[Stream] = []

    def make(layout: Layout, urls: list[str] | None = None) -> Stream:
        opened.append(Stream(urls or nats.urls, layout))
        return opened[-1]

    yield make
    for stream in opened:
        stream.close()


@pytest.fixture
def stream(connect: MakeStream, layout: Layout) -> Stream:
    """A stream that is set up."""
    made = connect(layout)
    made.setup()
    return made


def messages(layout: Layout, number: int, *, partition: int | None = None) -> list[StreamMessage]:
    """Number messages; over the partitions in turn unless one is named."""
    return [
        StreamMessage(
            layout.subject(each % PARTITIONS if partition is None else partition, "thing.happened"),
            f"id-{each}", str(each).encode(), {"Rustok-Tenant": "acmé"},
        )
        for each in range(number)
    ]  # fmt: skip


def fetch_all(stream: Stream, number: int, group: str = "default", *, ack: bool = True) -> list[Received]:
    """Fetch until so many messages are there."""
    found: list[Received] = []
    deadline = time.monotonic() + 10
    while len(found) < number and time.monotonic() < deadline:
        got = stream.fetch(group, range(PARTITIONS), 7, 1)
        found += got
        if ack:
            stream.ack(got)
    return found


def settled(stream: Stream, group: str = "default") -> bool:
    """Tell whether nothing of a group waits for an answer, soon."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        consumers = [each for each in stream.status()["consumers"] if each["name"].startswith(group)]
        if all(each["ack_pending"] == each["pending"] == 0 for each in consumers):
            return True
        time.sleep(0.05)
    return False


def test_every_message_reaches_every_group_once_and_in_the_order_of_its_partition(stream: Stream) -> None:
    assert stream.publish(messages(stream.layout, 100)) == []
    for group in ("default", "index"):
        found = fetch_all(stream, 100, group)
        assert sorted(int(each.data) for each in found) == list(range(100))
        for partition in range(PARTITIONS):
            mine = [int(each.data) for each in found if each.subject.split(".")[2] == str(partition)]
            assert mine == list(range(partition, 100, PARTITIONS))
        assert settled(stream, group)
    assert stream.fetch("default", range(PARTITIONS), 7, 0.1) == []


def test_a_message_carries_its_headers_and_where_it_stands(stream: Stream) -> None:
    before = datetime.now(UTC)
    stream.publish(messages(stream.layout, 1))
    [found] = fetch_all(stream, 1)
    assert found.headers["Rustok-Tenant"] == "acmé"
    assert (found.subject, found.sequence, found.delivered) == (f"{stream.layout.prefix}.events.0.thing.happened", 1, 1)
    assert abs(found.timestamp - before) < timedelta(seconds=5)


def test_a_message_published_twice_is_stored_once(stream: Stream) -> None:
    stream.publish(messages(stream.layout, 3))
    assert stream.publish(messages(stream.layout, 4)) == []
    assert stream.status()["messages"] == 4


def test_a_large_batch_goes_out_in_windows(stream: Stream) -> None:
    assert stream.publish(messages(stream.layout, 2500)) == []
    assert stream.status()["messages"] == 2500


def test_a_waiting_fetch_answers_as_soon_as_there_is_something(stream: Stream, connect: MakeStream) -> None:
    assert stream.fetch("default", range(PARTITIONS), 7, 0.2) == []
    other = connect(stream.layout)
    begun = time.monotonic()
    other.publish(messages(stream.layout, 1))
    assert len(stream.fetch("default", range(PARTITIONS), 7, 10)) == 1
    assert time.monotonic() - begun < 1


def test_what_was_not_answered_comes_again_when_its_reader_is_gone(stream: Stream, connect: MakeStream) -> None:
    stream.publish(messages(stream.layout, 2, partition=0))
    stream.ack(fetch_all(stream, 2, ack=False)[:1])
    stream.close()
    [again] = fetch_all(connect(stream.layout), 1)
    assert (again.data, again.delivered) == (b"1", 2)


def test_what_is_still_worked_on_goes_to_nobody_else(stream: Stream, connect: MakeStream) -> None:
    stream.publish(messages(stream.layout, 1))
    held = fetch_all(stream, 1, ack=False)
    assert connect(stream.layout).fetch("default", range(PARTITIONS), 7, 2.5) == []
    stream.ack(held)
    assert settled(stream)


def test_a_message_asked_for_again_comes_after_its_delay(stream: Stream) -> None:
    stream.publish(messages(stream.layout, 1))
    stream.nak(fetch_all(stream, 1, ack=False), 0.5)
    begun = time.monotonic()
    [again] = fetch_all(stream, 1)
    assert again.delivered == 2
    assert 0.3 < time.monotonic() - begun < 3


def test_a_terminated_message_never_comes_again(stream: Stream) -> None:
    stream.publish(messages(stream.layout, 1))
    stream.term(fetch_all(stream, 1, ack=False))
    assert settled(stream)
    assert stream.fetch("default", range(PARTITIONS), 7, 1.5) == []


def test_a_message_is_handed_out_five_times_at_most(stream: Stream) -> None:
    stream.publish(messages(stream.layout, 1))
    for delivered in range(1, 6):
        [found] = fetch_all(stream, 1, ack=False)
        assert found.delivered == delivered
        stream.nak([found])
    assert stream.fetch("default", range(PARTITIONS), 7, 0.5) == []


def test_partitions_that_change_hands_take_their_messages_along(stream: Stream, connect: MakeStream) -> None:
    stream.fetch("default", range(PARTITIONS), 7, 0.1)  # asks for all partitions
    stream.publish(messages(stream.layout, 8))
    time.sleep(0.2)
    kept = stream.fetch("default", [0, 1], 100, 1)  # and gives two back
    moved: list[Received] = []
    other = connect(stream.layout)
    while got := other.fetch("default", [2, 3], 7, 0.7):
        moved += got
    assert sorted(int(each.data) for each in kept) == [0, 1, 4, 5]
    assert sorted(int(each.data) for each in moved) == [2, 3, 6, 7]


def test_who_gave_a_partition_away_is_sent_nothing_of_it_any_more(stream: Stream, connect: MakeStream) -> None:
    other = connect(stream.layout)
    stream.fetch("default", [0, 1], 200, 0.05)
    stream.fetch("default", [0], 200, 0.05)
    other.fetch("default", [1], 200, 0.05)
    stream.publish(messages(stream.layout, 200, partition=1))
    found: list[Received] = []
    while got := other.fetch("default", [1], 200, 0.5):
        stream.fetch("default", [0], 200, 0.01)
        other.ack(got)
        found += got
    assert [int(each.data) for each in found] == list(range(200))
    assert {each.delivered for each in found} == {1}


def test_history_reads_from_the_start_a_sequence_or_a_time_to_the_end(stream: Stream) -> None:
    assert list(stream.history()) == []
    stream.publish(messages(stream.layout, 1200))
    stream.mark("a rebuild was here")
    time.sleep(0.05)
    between = datetime.now(UTC)
    stream.publish(messages(stream.layout, 1210)[1200:])
    assert [int(each.data) for each in stream.history()] == list(range(1210))
    assert [int(each.data) for each in stream.history(start_sequence=1201)] == list(range(1200, 1210))
    assert [int(each.data) for each in stream.history(start_time=between)] == list(range(1200, 1210))
    assert list(stream.history(start_sequence=5000)) == []
    assert [each["pending"] for each in stream.status()["consumers"] if each["name"] == "default-0"] == [303]


def test_the_newest_mark_is_remembered_until_the_stream_is_purged(stream: Stream) -> None:
    assert stream.last_mark() is None
    stream.mark("one")
    stream.mark("two")
    assert stream.last_mark() == "two"
    stream.purge()
    assert stream.last_mark() is None
    assert stream.status()["messages"] == 0


def test_setup_twice_changes_nothing_and_says_nothing(stream: Stream) -> None:
    stream.publish(messages(stream.layout, 3))
    stream.setup()
    assert stream.status()["messages"] == 3
    assert len(stream.status()["consumers"]) == 2 * PARTITIONS


def test_setup_names_each_difference_and_with_update_takes_it_away(stream: Stream, connect: MakeStream) -> None:
    stream.publish(messages(stream.layout, 3))
    other = connect(replace(stream.layout, max_age_days=3, partitions=3, ack_wait=2.0))
    with pytest.raises(StreamDrift) as drift:
        other.setup()
    assert f"stream {stream.layout.name}: max_age is 1.2096e+06 s, not 259200 s" in drift.value.differences
    assert "consumer default-0: ack_wait is 1 s, not 2 s" in drift.value.differences
    assert "consumer index-3: there are 3 partitions" in drift.value.differences
    assert len(drift.value.differences) == 1 + 6 + 2
    other.setup(update=True)
    other.setup()
    assert other.status()["messages"] == 3
    assert len(other.status()["consumers"]) == 6


def test_a_stream_that_the_server_cannot_make_is_named(connect: MakeStream, layout: Layout) -> None:
    with pytest.raises(StreamDrift, match="replicas > 1 not supported"):
        connect(replace(layout, replicas=3)).setup()


def test_a_server_that_is_not_there_is_one_clear_line(connect: MakeStream, layout: Layout) -> None:
    absent = connect(layout, ["nats://user:secret@127.0.0.1:1"])
    for attempt in (absent.connect, absent.setup, absent.status, lambda: absent.fetch("default", [0], 1, 1)):
        with pytest.raises(StreamUnavailable, match=r"^NATS at 127\.0\.0\.1:1: ") as problem:
            attempt()
        assert "secret" not in str(problem.value)
        assert "\n" not in str(problem.value)


def test_a_stream_that_is_missing_is_unavailable(connect: MakeStream, layout: Layout) -> None:
    missing = connect(layout)
    with pytest.raises(StreamUnavailable, match="the stream is missing or has no leader"):
        missing.publish(messages(layout, 2))
    with pytest.raises(StreamUnavailable, match="no consumer default-0"):
        missing.fetch("default", [0], 1, 2)
    with pytest.raises(StreamUnavailable, match="stream not found"):
        missing.status()


def test_a_message_that_is_too_large_holds_up_no_other(stream: Stream) -> None:
    large = StreamMessage(stream.layout.subject(0, "thing.happened"), "large", b"x" * 2_000_000, {})
    assert stream.publish([*messages(stream.layout, 2), large]) == ["large"]
    assert stream.status()["messages"] == 2


def test_a_killed_server_is_found_again_with_all_it_stored(connect: MakeStream, layout: Layout) -> None:
    with cluster() as server:
        stream = connect(layout, server.urls)
        stream.setup()
        stream.publish(messages(layout, 10))
        stream.ack(fetch_all(stream, 5, ack=False)[:5])
        server.kill()
        with pytest.raises(StreamUnavailable):
            for _ in range(5):
                stream.publish(messages(layout, 1), timeout=1)
        server.start()
        assert _soon(lambda: stream.publish(messages(layout, 12)) == [])
        found: set[int] = set()
        assert _soon(lambda: bool({10, 11} <= (found.update(int(m.data) for m in fetch_all(stream, 1)) or found)))
        assert settled(stream)


def _soon(work: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(StreamUnavailable):
            if work():
                return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        ("EVENT_TRANSPORT", "pigeon", "EVENT_TRANSPORT='pigeon' is not valid: expected inprocess or outbox or stream"),
        ("NATS_URL", "nats://a:1,http://b", "NATS_URL='nats://a:1,http://b' is not valid: expected URLs starting with"),
        ("STREAM_NAME", "two words", "STREAM_NAME='two words' is not valid: expected 1 to 32 letters"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(variable: str, value: str, line: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", "import rustok.settings"], env={**os.environ, variable: value}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert result.returncode != 0
    assert line in result.stderr
    assert result.stderr.count("\n") == 1
