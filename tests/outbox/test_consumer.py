"""Transport L2 on a real NATS server: the relay publishes, consumers do the work that messages name, once."""

# ruff: noqa: F811 - `listen` is a fixture
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import count
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now

from apps.index.models import IndexProduct
from apps.outbox import services
from apps.outbox import stream as streams
from apps.outbox.consumer import Consumer
from apps.outbox.models import DeadLetter, Delivery, Dispatch, Member, OutboxEvent
from apps.outbox.rebuilding import rebuild
from apps.outbox.relay import Relay
from apps.outbox.stream import Stream, StreamDrift, StreamMessage
from apps.outbox.stream_transport import StreamTransport
from apps.outbox.transports import TransportDown, transport
from apps.tenant.public import find, use_tenant
from rustok.kernel.events import publish_many
from tests import database
from tests.cart.factories import make_variant
from tests.conftest import make_user
from tests.database import ROOT
from tests.nats import Cluster, cluster
from tests.outbox.test_delivery import listen  # noqa: F401
from tests.outbox.test_publish import SampleHappened

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


def test_an_event_reaches_its_handlers_by_stream(acme, listen, relay, consume, stream):
    seen = []
    listen(lambda event: seen.append((event.payload["label"], event.event_type)))
    say(3)
    relay()
    assert seen == []
    assert consume()
    assert seen == [("0", "sample.happened"), ("1", "sample.happened"), ("2", "sample.happened")]
    assert not mine().exists()
    assert not Dispatch.objects.filter(handler__startswith="tests.").exists()
    assert stream.status()["consumers"][0]["ack_pending"] == 0


def test_a_message_is_the_envelope_and_names_tenant_trace_and_work(acme, listen, relay, stream):
    listen(lambda event: None)
    say(1)
    relay()
    [message] = messages_of(stream)
    event = OutboxEvent.objects.get(event_type="sample.happened")
    envelope = json.loads(message.data)
    assert envelope["id"] == str(event.pk)
    assert envelope["payload"] == event.payload
    assert envelope["aggregate_version"] == event.aggregate_version
    assert message.headers["Rustok-Tenant"] == str(acme.pk)
    assert message.headers["Rustok-Trace"] == event.trace_id
    dispatch = Dispatch.objects.get(handler__startswith="tests.")
    assert json.loads(message.headers["Rustok-Work"]) == [[dispatch.handler, dispatch.pk, dispatch.delivery_ids[0]]]
    assert message.headers["Nats-Msg-Id"] == f"{event.pk}.{dispatch.pk}"
    assert message.subject.endswith(".sample.happened")


def test_two_handlers_of_an_event_share_one_message(acme, listen, relay, consume, stream):
    seen = []

    def one(event):
        seen.append("one")

    def two(event):
        seen.append("two")

    listen(one)
    listen(two)
    say(1)
    relay()
    assert len(messages_of(stream)) == 1
    consume()
    assert sorted(seen) == ["one", "two"]


def test_messages_that_come_again_and_again_have_one_effect(acme, listen, relay, consume, stream):
    seen = []
    listen(lambda event: seen.append(event.payload["label"]))
    say(5)
    relay()
    copies = [
        StreamMessage(each.subject, f"copy-{n}-{each.sequence}", each.data, dict(each.headers))
        for n in range(3)
        for each in messages_of(stream)
    ]
    for copy in copies:
        copy.headers.pop("Nats-Msg-Id")
    assert stream.publish(copies) == []
    assert consume() >= 20
    assert seen == ["0", "1", "2", "3", "4"]


def test_events_of_one_aggregate_come_in_order_through_batches_and_failures(acme, listen, relay, consume):
    seen: dict[str, list[int]] = {}
    failed = set()

    def note(event):
        if event.payload["label"] in ("8", "17") and event.payload["label"] not in failed:
            failed.add(event.payload["label"])
            raise ValueError("once")
        seen.setdefault(str(event.aggregate_id), []).append(event.aggregate_version)

    listen(note)
    say(60, users=3)
    for _ in range(20):
        Delivery.objects.filter(state="waiting").update(next_at=Now())
        relay()
        consume()
        if not mine().exists():
            break
    assert failed == {"8", "17"}
    assert len(seen) == 3
    assert all(versions == sorted(versions) for versions in seen.values())
    assert sum(map(len, seen.values())) == 60


def test_a_batch_handler_gets_what_came_of_its_dispatch_together(acme, listen, relay, consume):
    sizes = []
    listen(lambda events: sizes.append(len(events)), batch=True)
    say(40)
    relay()
    time.sleep(0.2)
    consume()
    assert sum(sizes) == 40
    assert len(sizes) <= 4


def test_each_group_does_its_own_work_and_passes_over_the_others(acme, listen, relay, consume, stream):
    seen = []
    listen(lambda event: seen.append(event.payload["label"]), group="index")
    say(2)
    relay()
    consume("default")
    assert seen == []
    assert mine().count() == 2
    consume("index")
    assert seen == ["0", "1"]
    assert {each["ack_pending"] for each in stream.status()["consumers"]} == {0}


def test_work_of_a_handler_that_is_gone_is_tried_by_the_default_group(acme, listen, relay, consume):
    listen(lambda event: None)
    say(1)
    Delivery.objects.filter(handler__startswith="tests.").update(handler="tests.gone")
    relay()
    consume("index")
    assert Delivery.objects.get(handler="tests.gone").attempts == 0
    consume("default")
    delivery = Delivery.objects.get(handler="tests.gone")
    assert (delivery.attempts, "no handler 'tests.gone' here" in delivery.error) == (1, True)


def test_a_handler_that_fails_for_good_is_a_dead_letter_and_its_message_is_done(acme, listen, relay, consume, stream):
    from rustok.kernel.events import Permanent

    def refuse(event):
        raise Permanent("never")

    listen(refuse)
    say(1)
    relay()
    consume()
    assert DeadLetter.objects.get(handler="tests.refuse").error_class.endswith("Permanent")
    assert {each["ack_pending"] for each in stream.status()["consumers"]} == {0}


def test_work_that_ends_its_consumer_each_time_is_a_dead_letter_at_its_last_delivery(
    acme, listen, relay, consume, stream
):
    seen = []
    listen(lambda event: seen.append(event))
    say(1)
    relay()
    Dispatch.objects.filter(handler__startswith="tests.").update(started_at=Now())
    for _ in range(4):
        stream.nak(take(stream, 1))
    consume()
    assert seen == []
    letter = DeadLetter.objects.get(handler__startswith="tests.")
    assert "handed out 5 times" in letter.error
    assert consume(patience=1.5) == 0


def test_work_that_nobody_began_is_done_at_its_last_delivery(acme, listen, relay, consume, stream):
    seen = []
    listen(lambda event: seen.append(event))
    say(1)
    relay()
    for _ in range(4):
        stream.nak(take(stream, 1))
    consume()
    assert len(seen) == 1
    assert not DeadLetter.objects.filter(handler__startswith="tests.").exists()


def test_the_neighbours_of_work_that_ended_its_consumer_wait_for_the_lease_and_then_go_alone(
    acme, listen, relay, consume, stream
):
    seen = []
    listen(lambda events: seen.append([event.payload["label"] for event in events]), batch=True)
    say(3, users=3)
    relay()
    Dispatch.objects.filter(handler__startswith="tests.").update(started_at=Now())  # and then it died
    stream.nak(take(stream, 3))
    consume()
    assert seen == []
    assert mine().filter(state="leased").count() == 3
    Dispatch.objects.update(lease_until=Now())
    services.expire()
    relay()
    consume()
    assert sorted(seen) == [["0"], ["1"], ["2"]]


def test_a_database_that_is_away_costs_time_and_nothing_else(acme, listen, relay, consume, monkeypatch):
    seen, tries = [], []
    real = services.deliver

    def sometimes(*args):
        tries.append(args)
        if len(tries) < 3:
            raise OperationalError("the database is away")
        return real(*args)

    monkeypatch.setattr(services, "deliver", sometimes)
    monkeypatch.setattr("apps.outbox.consumer.AWAY", 0.05)
    monkeypatch.setattr("apps.outbox.consumer.connection", SimpleNamespace(close=lambda: None))
    listen(lambda event: seen.append(event.payload["label"]))
    say(1)
    relay()
    consume()
    assert seen == ["0"]
    assert len(tries) >= 3


def test_a_consumer_that_is_stopped_gives_back_what_it_did_not_get_to(acme, listen, relay, consume, stream):
    seen = []
    consumer = Consumer(stream, "default")

    def note(event):
        seen.append(event.payload["label"])
        consumer.stop()

    listen(note)
    say(60, users=1)
    relay()
    consumer.step(1)
    consumer.partitions.leave()
    assert 0 < len(seen) < 60
    consume()
    while mine().exists():
        relay()
        consume()
    assert seen == [str(number) for number in range(60)]


def test_a_message_that_cannot_be_read_holds_up_nothing(acme, listen, relay, consume, stream):
    seen = []
    listen(lambda event: seen.append(1))
    for number, work in enumerate(["not json", "[1]", '[["x", 1]]', "{}"]):
        stream.publish([StreamMessage(stream.layout.subject(0, "a.b"), f"bad-{number}", b"", {"Rustok-Work": work})])
    say(1)
    relay()
    consume()
    assert seen == [1]
    assert {each["ack_pending"] for each in stream.status()["consumers"] if each["name"].startswith("default")} == {0}


def test_what_the_stream_did_not_take_is_given_back(acme, listen, stream, settings):
    listen(lambda event: None)
    say(2)
    settings.NATS_URLS = ["nats://127.0.0.1:1"]
    settings.EVENT_TRANSPORT = "stream"
    one = Relay(transport())
    with pytest.raises(TransportDown, match=r"NATS at 127\.0\.0\.1:1"):
        one.step()
    one.bell.stop()
    one.transport.close()
    assert not Dispatch.objects.exists()
    assert mine().filter(state="waiting", attempts=0).count() == 2


def test_a_stream_that_lost_everything_is_made_again_and_nothing_is_lost(acme, listen, relay, consume, stream):
    seen = []
    listen(lambda event: seen.append(event.payload["label"]))
    say(2)
    relay()
    stream._ask(f"STREAM.DELETE.{stream.layout.name}")
    with pytest.raises(streams.StreamUnavailable):
        consume()
    stream.setup()
    Dispatch.objects.update(lease_until=Now())
    services.expire()
    relay()
    consume(patience=1.5)
    assert seen == ["0", "1"]


# --- rebuilding -------------------------------------------------------------------------------------------------


def test_a_rebuilt_stream_holds_every_event_and_asks_for_no_work(acme, listen, relay, consume, stream):
    seen, lines = [], []
    listen(lambda event: seen.append(event))
    say(30, users=5)
    ids = [str(key) for key in OutboxEvent.objects.order_by("id").values_list("pk", flat=True)]
    for _ in range(2):
        assert rebuild(stream, go_on=False, say=lines.append) == len(ids)
        assert [json.loads(each.data)["id"] for each in stream.history()] == ids
    assert lines
    consume()
    assert seen == []
    relay()
    consume()
    assert len(seen) == 30


def test_an_interrupted_rebuild_goes_on_where_it_was(acme, listen, stream, monkeypatch):
    monkeypatch.setattr("apps.outbox.rebuilding._NEXT", _small())
    listen(lambda event: None)
    say(30, users=3)
    ids = [str(key) for key in OutboxEvent.objects.order_by("id").values_list("pk", flat=True)]
    real, calls = stream.publish, []

    def fail_third(messages, **options):
        calls.append(messages)
        if len(calls) == 5:  # each batch is followed by a mark
            raise streams.StreamUnavailable("gone")
        return real(messages, **options)

    monkeypatch.setattr(stream, "publish", fail_third)
    with pytest.raises(streams.StreamUnavailable):
        rebuild(stream, go_on=False, say=lambda line: None)
    assert len(list(stream.history())) == 20
    rebuild(stream, go_on=True, say=lambda line: None)
    assert [json.loads(each.data)["id"] for each in stream.history()] == ids
    assert rebuild(stream, go_on=True, say=lambda line: None) == 0


def _small() -> str:
    from apps.outbox import rebuilding

    return rebuilding._NEXT.replace("LIMIT 500", "LIMIT 10")


# --- the command ------------------------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("consume", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_sets_up_rebuilds_and_tells_how_things_stand(acme, stream):
    consumers = len(stream.layout.consumers())
    assert run("--setup", "--update") == f"stream {stream.layout.name} has its {consumers} consumers\n"
    events = OutboxEvent.objects.count()
    assert f"{events} events are in stream" in run("--rebuild")
    assert json.loads(run("--status", "--json"))["stream"] == stream.layout.name
    assert "0 being worked on" in run("--status")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--group", "nobody"], r"no handler is in group nobody; there are default, index"),
        (["--update"], "--update goes with --setup"),
        (["--continue", "--setup"], "--continue goes with --rebuild"),
    ],
)
def test_a_wrong_option_is_one_clear_line(acme, stream, arguments, line):
    with pytest.raises(CommandError, match=line):
        run(*arguments)


def test_a_stream_that_differs_stops_the_consumer_with_one_line(acme, stream, settings):
    settings.STREAM_MAX_AGE_DAYS = 3
    with pytest.raises(CommandError, match=r"max_age is .*, not 259200 s; .*--setup --update. brings it in line"):
        run()
    run("--setup", "--update")
    with pytest.raises(StreamDrift):
        stream.setup()


def test_a_nats_that_is_away_is_one_clear_line(acme, stream, settings):
    settings.NATS_URLS = ["nats://127.0.0.1:1"]
    for arguments in (["--setup"], ["--status"], ["--rebuild"]):
        with pytest.raises(CommandError, match=r"^NATS at 127\.0\.0\.1:1: "):
            run(*arguments)


# --- processes --------------------------------------------------------------------------------------------------


def soon(condition: Callable[[], object], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture
def start(committed_db, stream, nats) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start commands of the platform at the test's database and stream."""
    environment = os.environ | {
        "DATABASE_URL": database.url(committed_db), "NATS_URL": nats.url, "STREAM_NAME": stream.layout.name,
        "EVENT_TRANSPORT": "stream", "EVENT_LEASE_SECONDS": "3", "DJANGO_SETTINGS_MODULE": "rustok.settings",
    }  # fmt: skip
    stream._ask(f"STREAM.DELETE.{stream.layout.name}")  # with settings of the tests
    processes: list[subprocess.Popen[str]] = []

    def run(*command: str) -> subprocess.Popen[str]:
        processes.append(subprocess.Popen(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, text=True, stderr=subprocess.PIPE
        ))  # fmt: skip
        return processes[-1]

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def test_relay_and_consumers_as_processes_deliver_what_was_committed(committed_db, start):
    started = [start("relay"), start("consume"), start("consume", "--group", "index")]
    with use_tenant(find("acme")):
        for number in range(5):
            make_variant(f"tent-{number}")
        assert Delivery.objects.count() > 10
    assert soon(lambda: not Delivery.objects.exists())
    with use_tenant(find("acme")):
        assert IndexProduct.objects.count() == 20  # in two languages and two currencies
    assert soon(lambda: Member.objects.count() == 4), "a relay, two consumers of index and one of default"
    for process in started:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(10) for process in started] == [0, 0, 0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.outbox_lease WHERE owner IS NOT NULL")
        assert cursor.fetchone() == (0,)


def test_two_consumers_share_the_partitions_and_one_takes_over(committed_db, stream):
    one, two = Consumer(stream, "default"), Consumer(stream, "default")
    one.partitions.renew()
    two.partitions.renew()
    assert len(one.partitions.renew()) == len(two.partitions.renew()) == 4
    thread = threading.Thread(target=one.run)
    thread.start()
    one.stop()
    thread.join(10)
    assert len(two.partitions.renew()) == 8
