"""Work by stream that fails, ends its consumer, cannot be read, or finds a server gone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.db.models.functions import Now

from apps.outbox import services
from apps.outbox import stream as streams
from apps.outbox.consumer import Consumer
from apps.outbox.models import DeadLetter, Delivery, Dispatch
from apps.outbox.relay import Relay
from apps.outbox.stream import StreamMessage
from apps.outbox.transports import TransportDown, transport
from rustok.kernel.events import Permanent
from tests.outbox.stream.messages import mine, say, take


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
