"""The page that is made of the events, and the command that makes it."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from apps.outbox import schemas
from rustok.kernel.events import Event, event, on
from tests.outbox.schemas.every_type import EveryType
from tests.outbox.schemas.things import ThingNamedTwice, publish_second


class TestPage:
    def test_it_says_what_an_event_tells_and_who_hears_it(self, folder):
        publish_second()
        page = folder.with_suffix(".md").read_text()
        for line in (
            "### thing.named",
            "A thing has a label.",
            "Version 2, [schema](events/thing.named.v2.json). Still read: version 1.",
            "| `label` | text | at most 20 characters |",
            '  "label": "label"',
            "- `shop.listen`: group `default`, one by one, 3 attempts, 0.5 s to 90 s apart",
        ):
            assert line in page.splitlines()

    def test_every_type_is_put_in_words(self, folder):
        event("every.type", version=1)(EveryType)
        schemas.write()
        page = folder.with_suffix(".md").read_text().splitlines()
        for line in (
            "| `none` | text or null | at most 4 characters |",
            "| `code` | text | exactly 8 characters |",
            "| `kind` | one of | `a`, `b` |",
            "| `locale` | text | a language tag of BCP 47, such as de-AT |",
            "| `at` | point in time | ISO 8601 with a time zone |",
            "| `one` | list of object | exactly 1 entries |",
            "| `one[].weight` | number | above 2, at most 9 |",
            "| `three` | list of text | 3 to 9 entries, each at most 9 characters |",
            "| `prices` | object of whole number | at most 5 keys |",
        ):
            assert line in page

    def test_it_is_stale_after_any_change(self, folder):
        on("thing.named", name="shop.other")(print)
        assert "docs/events.md is stale; run `manage.py events write`" in schemas.check()


class TestCommand:
    def test_check_names_each_problem_in_a_line_and_fails(self, folder, capsys):
        call_command("events", "check")
        assert capsys.readouterr().out == "1 event versions, all as committed\n"
        (folder / "thing.named.v1.json").unlink()
        with pytest.raises(CommandError, match=r"^1 problem\(s\) with events$"):
            call_command("events", "check")
        assert capsys.readouterr().err == "thing.named v1: no schema file; run `manage.py events write`\n"

    def test_write_tells_what_it_wrote_and_what_is_left(self, folder, capsys):
        event("thing.named", version=2)(ThingNamedTwice)
        with pytest.raises(CommandError):
            call_command("events", "write")
        told = capsys.readouterr()
        assert told.out.split() == [
            "wrote",
            "thing.named.v2.json",
            "wrote",
            "thing.named.v2.json",
            "wrote",
            "events.md",
        ]
        assert told.err == "thing.named v1: no upcaster to v2\n"

    def test_list_shows_group_and_retry(self, folder, capsys):
        event("thing.gone", version=1)(type("ThingGone", (Event,), {}))
        call_command("events", "list")
        assert capsys.readouterr().out.splitlines() == [
            "thing.gone                   v1  —",
            "thing.named                  v1  shop.listen (group default, 3 attempts, 0.5 s to 90 s apart)",
        ]
        call_command("events", "list", "--json")
        assert json.loads(capsys.readouterr().out)[1] == {
            "event": "thing.named", "version": 1, "module": "tests.outbox.schemas.things",
            "handlers": [{
                "name": "shop.listen", "group": "default", "batch": False,
                "retry": {"max_attempts": 3, "base": 0.5, "ceiling": 90},
            }],
        }  # fmt: skip
