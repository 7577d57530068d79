"""`manage.py consume`: sets up, rebuilds, tells how things stand, refuses in one line."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.outbox.models import OutboxEvent
from apps.outbox.stream import StreamDrift


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
