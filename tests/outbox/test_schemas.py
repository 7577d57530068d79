"""What is committed of every published version: schemas, examples, handler names, the page."""

from __future__ import annotations

import enum
import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import jsonschema
import msgspec
import pytest
from django.core.management import CommandError, call_command
from msgspec import Meta

from apps.outbox import schemas
from apps.outbox.schemas import examples
from rustok.kernel import events
from rustok.kernel.events import Event, Locale, Moment, RetryPolicy, event, event_types, on, read_payload, upcaster
from rustok.kernel.payloads import fit

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "events"
COMMITTED = sorted(FOLDER.glob("*.v*.json"))


class ThingNamed(Event):
    """A thing has a name."""

    thing_id: UUID
    title: Annotated[str, Meta(max_length=20)]


class ThingNamedTwice(Event):
    """A thing has a label."""

    thing_id: UUID
    label: Annotated[str, Meta(max_length=20)]


def listen(envelope):
    """Hear of things."""


@pytest.fixture
def folder(scratch_events, settings, tmp_path):
    """A project with one event and one handler, and all that is to be committed of them."""
    settings.BASE_DIR = tmp_path
    event("thing.named", version=1)(ThingNamed)
    on("thing.named", name="shop.listen", retry=RetryPolicy(max_attempts=3, base=0.5, ceiling=90))(listen)
    schemas.write()
    assert schemas.check() == []
    return tmp_path / "docs" / "events"


def forget(*names: str) -> None:
    """Take handlers out of the code."""
    for name in names:
        gone = events._handlers.pop(name)
        for heard in events._by_event.values():
            if gone in heard:
                heard.remove(gone)


def withdraw(version: int) -> None:
    """Take a class out of the code."""
    del events._types["thing.named", version]
    events._latest["thing.named"] = max([one for _, one in events._types], default=0)
    if not events._latest["thing.named"]:
        del events._latest["thing.named"]


def replace(version: int, kind: type[Event]) -> None:
    """Declare another class as a version that is declared already."""
    events._types.pop(("thing.named", version), None)
    event("thing.named", version=version)(kind)


def publish_second() -> None:
    """Publish v2, and what leads to it."""
    event("thing.named", version=2)(ThingNamedTwice)
    upcaster("thing.named", from_version=1)(lambda old: {"thing_id": old["thing_id"], "label": old["title"]})
    schemas.write()
    assert schemas.check() == []


def problems() -> list[str]:
    """Name the problems, but for the page, which every change makes stale."""
    found = schemas.check()
    return [problem for problem in found if "stale" not in problem]


class TestCommitted:
    """The files of this repository."""

    def test_there_are_some(self):
        assert len(COMMITTED) > 30

    @pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.name)
    def test_every_example_fits_its_schema_and_is_read_as_the_newest_version(self, path):
        schema, payload = json.loads(path.read_bytes()), json.loads((FOLDER / "examples" / path.name).read_bytes())
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(payload, schema, jsonschema.Draft202012Validator, format_checker=jsonschema.FormatChecker())
        name, _, version = path.name.removesuffix(".json").rpartition(".v")
        newest = event_types()[name, events.newest_version(name)]
        current = read_payload(name, int(version), payload)
        assert fit(newest, current, name) == current

    @pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.name)
    def test_an_example_without_one_of_its_fields_does_not_fit(self, path):
        schema, payload = json.loads(path.read_bytes()), json.loads((FOLDER / "examples" / path.name).read_bytes())
        for required in schema["required"]:
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({key: payload[key] for key in payload if key != required}, schema)


class TestSchemas:
    def test_what_is_missing_is_written_and_a_second_time_nothing(self, folder):
        assert sorted(path.name for path in folder.rglob("*.json")) == [
            "handlers.json", "thing.named.v1.json", "thing.named.v1.json",
        ]  # fmt: skip
        assert schemas.write() == []

    def test_a_change_without_a_new_version_is_refused_and_never_written(self, folder):
        before = (folder / "thing.named.v1.json").read_bytes()
        replace(1, ThingNamedTwice)
        schemas.write()
        assert (folder / "thing.named.v1.json").read_bytes() == before
        changed, example = problems()
        assert changed.startswith("thing.named v1: changed without a new version; declare v2 and an upcaster")
        assert example == "thing.named v1: its example: object missing required field `label`"

    def test_another_bound_is_a_change_too(self, folder):
        class Shorter(Event):
            thing_id: UUID
            title: Annotated[str, Meta(max_length=19)]

        replace(1, Shorter)
        (problem,) = problems()
        assert "changed without a new version" in problem

    def test_other_words_are_no_change_but_are_written(self, folder):
        class Reworded(Event):
            """A thing got a name."""

            thing_id: UUID
            title: Annotated[str, Meta(max_length=20, examples=["Hat"], description="Its name.")]

        replace(1, Reworded)
        assert problems() == ["thing.named v1: its words changed; run `manage.py events write`"]
        schemas.write()
        assert schemas.check() == []
        assert "got a name" in (folder / "thing.named.v1.json").read_text()

    def test_a_field_may_be_called_title_or_description(self, folder):
        class Described(Event):
            thing_id: UUID
            title: Annotated[str, Meta(max_length=20)]
            description: Annotated[str, Meta(max_length=20)]

        replace(1, Described)
        assert "changed without a new version" in problems()[0]

    def test_a_version_without_a_file_is_named(self, folder):
        (folder / "thing.named.v1.json").unlink()
        assert problems() == ["thing.named v1: no schema file; run `manage.py events write`"]

    def test_a_file_that_is_no_json_is_named_and_not_taken_for_an_empty_one(self, folder):
        (folder / "thing.named.v1.json").write_text("{")
        assert problems() == ["thing.named v1: thing.named.v1.json is no JSON"]

    def test_a_field_without_a_bound_is_named_and_nothing_is_written(self, folder):
        class Loose(Event):
            note: str

        event("thing.noted", version=1)(Loose)
        schemas.write()
        assert not (folder / "thing.noted.v1.json").exists()
        assert "thing.noted v1: note needs a max_length" in problems()

    def test_a_new_version_needs_an_upcaster(self, folder):
        event("thing.named", version=2)(ThingNamedTwice)
        schemas.write()
        assert problems() == ["thing.named v1: no upcaster to v2"]

    def test_an_upcaster_to_nowhere_is_named(self, folder):
        upcaster("thing.named", from_version=1)(dict)
        assert problems() == ["thing.named v1: its upcaster leads to v2, which no class declares"]

    def test_an_old_class_may_go_while_file_and_upcaster_stay(self, folder):
        publish_second()
        withdraw(1)
        assert schemas.check() == []

    def test_an_old_class_may_not_go_with_its_upcaster(self, folder):
        publish_second()
        withdraw(1)
        events._upcasters.clear()
        assert problems() == ["thing.named v1: no upcaster to v2"]

    def test_the_file_of_a_published_version_may_not_go(self, folder):
        publish_second()
        withdraw(1)
        (folder / "thing.named.v1.json").unlink()
        assert problems() == [
            "thing.named v1: published before v2, but its schema file is gone; restore it",
            "thing.named v1: has an example, but neither a class nor a schema file",
        ]

    def test_the_newest_version_may_not_go(self, folder):
        publish_second()
        withdraw(2)
        events._upcasters.clear()
        assert "thing.named v2: published, but the newest class is v1" in problems()

    def test_an_event_may_not_go(self, folder):
        forget("shop.listen")
        withdraw(1)
        assert "thing.named v1: published, but no module declares the event any more" in problems()


class Colour(enum.Enum):
    RED = "red"


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    piece_id: UUID
    on_sale: bool
    weight: Annotated[float, Meta(gt=2, le=9)]


class EveryType(Event):
    """All that a payload may hold."""

    one_id: UUID
    none: Annotated[str, Meta(max_length=4)] | None
    code: Annotated[str, Meta(min_length=8, max_length=8)]
    count: Annotated[int, Meta(ge=5, lt=9)]
    minus: Annotated[int, Meta(lt=0)]
    locale: Locale
    kind: Literal["a", "b"]
    colour: Colour
    at: Moment
    day: date
    clock: time
    one: Annotated[list[Piece], Meta(min_length=1, max_length=1)]
    three: Annotated[list[Annotated[str, Meta(max_length=9)]], Meta(min_length=3, max_length=9)]
    few: Annotated[frozenset[UUID], Meta(max_length=2)]
    prices: Annotated[dict[Locale, int], Meta(max_length=5)]


class TestExamples:
    def test_one_is_made_of_every_type_and_fits_it(self):
        EveryType.name, EveryType.version = "every.type", 1
        made = examples.build(EveryType)
        assert fit(EveryType, made, "made")
        assert (made["none"], made["count"], made["minus"], made["code"]) == ("none", 5, -1, "codexxxx")
        assert (made["colour"], made["locale"], made["one"][0]["weight"]) == ("red", "de-AT", 3)
        assert len(set(made["three"])) == 3
        jsonschema.validate(made, schemas.schema_of(EveryType), format_checker=jsonschema.FormatChecker())

    def test_the_same_class_gives_the_same(self):
        made = examples.build(EveryType)
        assert made == examples.build(EveryType)
        assert UUID(made["one_id"]).version == 7
        assert datetime.fromisoformat(made["at"]).year == 2026

    def test_one_that_exists_is_never_touched(self, folder):
        path = folder / "examples" / "thing.named.v1.json"
        mine = {"thing_id": str(UUID(int=1)), "title": "Mine"}
        path.write_text(json.dumps(mine))
        schemas.write()
        assert json.loads(path.read_bytes()) == mine

    def test_a_missing_one_is_named(self, folder):
        path = folder / "examples" / "thing.named.v1.json"
        path.unlink()
        assert problems() == ["thing.named v1: no example; run `manage.py events write`"]
        path.write_text("{")
        assert problems() == ["thing.named v1: examples/thing.named.v1.json is no JSON"]

    def test_a_missing_one_of_a_class_that_is_gone_must_be_restored(self, folder):
        publish_second()
        withdraw(1)
        (folder / "examples" / "thing.named.v1.json").unlink()
        assert problems() == ["thing.named v1: its example is gone; restore it"]

    def test_one_that_breaks_its_type_is_named(self, folder):
        path = folder / "examples" / "thing.named.v1.json"
        path.write_text(json.dumps({"thing_id": str(UUID(int=0)), "title": "x"}))
        assert problems() == ["thing.named v1: its example, field thing_id: expected an id, not the nil UUID"]

    @pytest.mark.parametrize(
        ("function", "reason"),
        [
            (lambda old: {"thing_id": old["thing_id"]}, "read as v2: object missing required field `label`"),
            (lambda old: old["titel"], "KeyError: 'titel'"),
        ],
    )
    def test_an_upcaster_that_fails_on_it_is_found(self, folder, function, reason):
        publish_second()
        upcaster("thing.named", from_version=1)(function)
        (problem,) = problems()
        assert problem.startswith("thing.named v1: ")
        assert reason in problem


class TestHandlerNames:
    def test_they_are_declared(self, folder):
        assert json.loads((folder / "handlers.json").read_bytes()) == {
            "shop.listen": {"events": ["thing.named"], "group": "default", "batch": False}
        }

    def test_a_new_one_is_to_be_declared(self, folder):
        on("thing.named", name="shop.other", group="mail")(print)
        assert problems() == [
            "handler shop.other: not declared in docs/events/handlers.json; run `manage.py events write`"
        ]
        schemas.write()
        assert schemas.check() == []

    def test_one_that_vanished_stays_declared_until_somebody_takes_it_out(self, folder):
        forget("shop.listen")
        schemas.write()
        assert problems() == [
            "handler shop.listen: declared, but no code has it; restore it, or take it out by hand once no delivery "
            "waits for it"
        ]

    def test_one_with_another_name_is_to_keep_the_old_one(self, folder):
        forget("shop.listen")
        on("thing.named", name="shop.hear")(listen)
        assert problems() == [
            "handler shop.hear: not declared in docs/events/handlers.json; run `manage.py events write`",
            """handler shop.listen: declared, but its name is 'shop.hear' now; keep the old one: """
            """@on(…, name="shop.listen")""",
        ]

    def test_another_group_or_batch_or_event_is_to_be_declared(self, folder):
        forget("shop.listen")
        event("thing.gone", version=1)(type("ThingGone", (Event,), {"__doc__": "Gone."}))
        on("thing.named", "thing.gone", name="shop.listen", group="mail", batch=True)(listen)
        said = [problem for problem in problems() if problem.startswith("handler")]
        assert said == [
            "handler shop.listen: its events is thing.gone, thing.named, declared as thing.named; run `manage.py events write`",
            "handler shop.listen: its group is mail, declared as default; run `manage.py events write`",
            "handler shop.listen: its batch is true, declared as false; run `manage.py events write`",
        ]

    def test_one_that_hears_what_nobody_announces_is_named(self, folder):
        on("thing.name", name="shop.other")(print)
        assert "handler shop.other: no module announces 'thing.name'; did you mean thing.named?" in problems()


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
            "event": "thing.named", "version": 1, "module": "tests.outbox.test_schemas",
            "handlers": [{
                "name": "shop.listen", "group": "default", "batch": False,
                "retry": {"max_attempts": 3, "base": 0.5, "ceiling": 90},
            }],
        }  # fmt: skip
