"""The stream filled again from the outbox."""

from __future__ import annotations

import json

import pytest

from apps.outbox import rebuilding
from apps.outbox import stream as streams
from apps.outbox.models import OutboxEvent
from apps.outbox.rebuilding import rebuild
from tests.outbox.stream.messages import say


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
    monkeypatch.setattr(rebuilding, "_NEXT", rebuilding._NEXT.replace("LIMIT 500", "LIMIT 10"))
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
