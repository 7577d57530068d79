"""Transport L2: the relay publishes, consumers do the work that messages name, once."""

from __future__ import annotations

import json
import time

from django.db.models.functions import Now

from apps.outbox.models import Delivery, Dispatch, OutboxEvent
from apps.outbox.stream import StreamMessage
from tests.outbox.stream.messages import messages_of, mine, say


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
