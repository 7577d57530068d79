"""Events: what a payload may say, what versions do to it, and what is found before a process starts."""

from __future__ import annotations

import enum
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import msgspec
import pytest
from msgspec import Meta

from rustok.kernel import events
from rustok.kernel.events import (
    Currency,
    Event,
    EventInvalid,
    Locale,
    Moment,
    UnknownVersion,
    check_handlers,
    encode,
    event,
    missing_upcasters,
    on,
    publish,
    read_payload,
    upcaster,
)
from rustok.kernel.payloads import MAX_BYTES, loose_fields

ROOT = Path(__file__).resolve().parents[2]


class Colour(enum.Enum):
    RED = "red"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    part_id: UUID
    price_currency: Currency | None = None


class Thing(Event):
    thing_id: UUID
    title: Annotated[str, Meta(max_length=100_000)] = "x"
    count: Annotated[int, Meta(ge=0, le=9)] = 0
    currency: Currency = "EUR"
    locale: Locale = "de"
    at: Moment | None = None
    parts: Annotated[list[Part], Meta(max_length=3)] = []
    prices: Annotated[dict[Annotated[str, Meta(max_length=3)], Currency], Meta(max_length=3)] = {}


@pytest.fixture
def thing(scratch_events):
    event("thing.happened", version=1)(Thing)
    return lambda **said: Thing(**{"thing_id": uuid4(), **said})


def part(**said: Any) -> Part:
    return Part(**{"part_id": uuid4(), **said})


NIL = UUID(int=0)


class TestPayloads:
    def test_a_good_one_becomes_plain_json(self, thing):
        at = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
        one = thing(at=at, parts=[part(price_currency="USD")], locale="zh-Hant-TW")
        plain = msgspec.json.decode(encode(one))
        assert (plain["thing_id"], plain["at"], plain["currency"]) == (str(one.thing_id), "2026-01-15T09:30:00Z", "EUR")

    @pytest.mark.parametrize(
        ("said", "field", "reason"),
        [
            ({"count": -1}, "count", ">= 0"),
            ({"count": "1"}, "count", "expected `int`"),
            ({"thing_id": "nobody"}, "thing_id", "UUID"),
            ({"thing_id": NIL}, "thing_id", "not the nil UUID"),
            ({"parts": [part(), part(part_id=NIL)]}, "parts.1.part_id", "not the nil UUID"),
            ({"parts": [part()] * 4}, "parts", "<= 3"),
            ({"title": "a\0b"}, "title", "NUL"),
            ({"title": "\ud800"}, "title", "surrogates"),
            ({"title": None}, "title", "expected `str`"),
            ({"title": object()}, "title", "object"),
            ({"currency": "eur"}, "currency", "matching"),
            ({"currency": "EUR\n"}, "currency", "<= 3"),
            ({"currency": "EUX"}, "currency", "ISO 4217"),
            ({"parts": [part(price_currency="EUX")]}, "parts.0.price_currency", "ISO 4217"),
            ({"prices": {"a": "EUX"}}, "prices.*", "ISO 4217"),
            ({"prices": {"a\0": "EUR"}}, "prices.*", "NUL"),
            ({"prices": {"abcd": "EUR"}}, "prices", "<= 3"),
            ({"locale": "DE"}, "locale", "matching"),
            ({"locale": "de\n"}, "locale", "BCP 47"),
            ({"at": datetime(2026, 1, 15)}, "at", "timezone"),
        ],
        ids=lambda value: str(value)[:30],
    )
    def test_a_bad_one_names_the_event_and_the_field(self, thing, said, field, reason):
        with pytest.raises(EventInvalid) as caught:
            encode(thing(**said))
        assert caught.value.code == "event_invalid"
        assert caught.value.errors[0].field == field
        assert caught.value.detail.startswith(f"thing.happened v1, field {field}: ")
        assert reason in caught.value.detail

    def test_one_that_is_too_large_names_the_field_that_makes_it_so(self, thing):
        assert len(encode(thing(title="x" * (MAX_BYTES - 500)))) <= MAX_BYTES
        with pytest.raises(
            EventInvalid, match=r"field title: the payload is .* bytes of JSON; expected 65,536 at most"
        ):
            encode(thing(title="x" * MAX_BYTES))

    def test_text_that_only_looks_like_a_nil_id_or_a_nul_is_text(self, thing):
        title = rf"{NIL} \u0000"
        assert msgspec.json.decode(encode(thing(title=title)))["title"] == title

    def test_an_error_says_nothing_of_what_was_in_the_field(self, thing):
        with pytest.raises(EventInvalid) as caught:
            encode(thing(currency="SSN"))
        assert "SSN" not in str(caught.value)


class TestBounds:
    def test_every_event_of_every_module_is_bounded(self):
        declared = [kind for kind in events.event_types().values() if kind.__module__.startswith(("apps.", "rustok."))]
        assert len(declared) > 30
        loose = {f"{kind.name} v{kind.version}": loose_fields(kind) for kind in declared}
        assert {name: fields for name, fields in loose.items() if fields} == {}

    def test_what_is_bounded_by_its_type_needs_no_more(self):
        class Tight(Event):
            a: UUID
            b: int
            c: bool | None
            d: Literal["x", "y"]
            e: date
            f: Colour
            g: Annotated[str, Meta(max_length=5)] | None = None
            h: Annotated[list[Part], Meta(max_length=5)] = []

        assert loose_fields(Tight) == []
        assert loose_fields(Thing) == []

    @pytest.mark.parametrize(
        ("kind", "problem"),
        [
            (str, "field needs a max_length"),
            (str | None, "field needs a max_length"),
            (Annotated[str, Meta(pattern="^a+$")], "field needs a max_length"),
            (list[UUID], "field needs a max_length"),
            (Annotated[list[str], Meta(max_length=2)], "field.* needs a max_length"),
            (dict[UUID, int], "field needs a max_length"),
            (Annotated[dict[str, int], Meta(max_length=2)], "field.* needs a max_length"),
            (bytes, "field needs a max_length"),
            (datetime, "field needs a time zone: use Moment"),
            (Any, "field has a type without bounds (Any)"),
        ],
        ids=str,
    )
    def test_what_may_grow_is_found(self, kind, problem):
        assert loose_fields(msgspec.defstruct("Loose", [("field", kind)])) == [problem]

    @pytest.mark.parametrize("name", ["currency", "base_currency", "locale"])
    def test_a_currency_and_a_locale_have_the_kernel_s_type(self, name):
        (problem,) = loose_fields(msgspec.defstruct("Loose", [(name, Annotated[str, Meta(max_length=3)])]))
        assert problem == f"{name} is not the {name.removeprefix('base_').title()} of rustok.kernel.events"

    def test_a_nested_field_is_found_by_its_path(self):
        inner = msgspec.defstruct("Inner", [("note", str)])
        outer = msgspec.defstruct("Outer", [("parts", Annotated[list[inner], Meta(max_length=2)])])
        assert loose_fields(outer) == ["parts.*.note needs a max_length"]


class TestDeclaring:
    @pytest.mark.parametrize(("name", "version"), [("happened", 1), ("Thing.Happened", 1), ("a.b c", 1), ("a.b", 0)])
    def test_a_name_is_noun_and_verb_and_versions_count_from_one(self, scratch_events, name, version):
        with pytest.raises(ValueError, match=r"noun\.past_verb"):
            event(name, version=version)(Thing)

    def test_two_classes_cannot_be_the_same_version(self, thing):
        with pytest.raises(ValueError, match="declared twice"):
            event("thing.happened", version=1)(type("Other", (Event,), {}))

    @pytest.mark.parametrize("key", [None, NIL, 5, "abc"])
    def test_the_aggregate_needs_an_id(self, acme, thing, key):
        aggregate = SimpleNamespace(pk=key, _meta=SimpleNamespace(label_lower="shop.thing"))
        with pytest.raises(EventInvalid, match=r"thing\.happened: its aggregate shop\.thing has "):
            publish(thing(), aggregate=aggregate)

    def test_publishing_nothing_is_nothing(self, scratch_events):
        assert events.publish_many([]) == []


class SecondThing(Event):
    thing_id: UUID
    label: Annotated[str, Meta(max_length=10)]


class ThirdThing(Event):
    thing_id: UUID
    labels: Annotated[list[Annotated[str, Meta(max_length=10)]], Meta(max_length=3)]
    currency: Currency = "EUR"


class TestVersions:
    """v1 says `title`, v2 says `label`, v3 says `labels` and a currency."""

    @pytest.fixture(autouse=True)
    def versions(self, scratch_events):
        event("thing.named", version=1)(Thing)
        event("thing.named", version=2)(SecondThing)
        event("thing.named", version=3)(ThirdThing)
        upcaster("thing.named", from_version=1)(self.to_second)
        upcaster("thing.named", from_version=2)(self.to_third)

    @staticmethod
    def to_second(payload):
        payload["label"] = payload.pop("title")  # changes what it is given, which is allowed
        return payload

    @staticmethod
    def to_third(payload):
        return {"thing_id": payload["thing_id"], "labels": [payload["label"]]}

    def test_an_old_payload_is_brought_up_step_by_step(self):
        first = {"thing_id": str(uuid4()), "title": "Shirt"}
        assert read_payload("thing.named", 1, first) == {
            "thing_id": first["thing_id"], "labels": ["Shirt"], "currency": "EUR",
        }  # fmt: skip
        assert read_payload("thing.named", 2, {**first, "label": "Hat"})["labels"] == ["Hat"]

    def test_the_stored_payload_stays_as_it_is(self):
        stored = {"thing_id": str(uuid4()), "title": "Shirt"}
        before = dict(stored)
        read_payload("thing.named", 1, stored)
        assert stored == before

    def test_the_newest_version_is_taken_as_it_is(self):
        newest = {"thing_id": str(uuid4()), "labels": []}
        assert read_payload("thing.named", 3, newest) is newest

    def test_what_comes_out_must_be_an_event_of_the_newest_version(self):
        with pytest.raises(EventInvalid, match=r"thing\.named v1 read as v3, field labels\.0: .*length <= 10"):
            read_payload("thing.named", 1, {"thing_id": str(uuid4()), "title": "x" * 11})
        upcaster("thing.named", from_version=2)(lambda payload: None)
        with pytest.raises(EventInvalid, match=r"thing\.named v2 read as v3: expected `object`"):
            read_payload("thing.named", 2, {"label": "x"})

    def test_a_missing_step_waits_for_code_that_has_it(self):
        del events._upcasters["thing.named", 1]
        assert missing_upcasters() == ["thing.named v1: no upcaster to v2"]
        with pytest.raises(UnknownVersion, match="no upcaster from v1 to v2"):
            read_payload("thing.named", 1, {})

    def test_the_class_of_an_old_version_may_go_while_its_upcaster_stays(self):
        del events._types["thing.named", 1]
        assert missing_upcasters() == []
        assert read_payload("thing.named", 1, {"thing_id": str(uuid4()), "title": "Shirt"})["labels"] == ["Shirt"]

    def test_a_newer_version_waits_for_newer_code(self):
        with pytest.raises(UnknownVersion, match=r"thing\.named v4; this code knows up to v3"):
            read_payload("thing.named", 4, {})

    def test_an_event_that_this_code_does_not_know_waits_too(self):
        with pytest.raises(UnknownVersion, match=r"thing\.lost v1; this code knows no such event"):
            read_payload("thing.lost", 1, {})


class TestHandlers:
    def test_those_of_the_platform_hear_what_exists(self):
        real = [
            problem for problem in check_handlers() if not problem.startswith(("handler tests.", "handler 'tests."))
        ]
        assert real == []

    def test_an_unknown_event_is_named_with_what_may_have_been_meant(self, thing):
        @on("thing.happend", "quite.else", name="shop.listen")
        def listen(envelope):
            """Hear nothing, ever."""

        assert check_handlers() == [
            "handler shop.listen: no module announces 'quite.else'",
            "handler shop.listen: no module announces 'thing.happend'; did you mean thing.happened?",
        ]

    def test_a_name_that_cannot_be_stored_is_refused(self, thing):
        on("thing.happened", name="shop.a,b")(lambda envelope: None)
        assert check_handlers() == [
            "handler 'shop.a,b': a handler is named module.verb_noun, in 100 characters at most"
        ]

    def test_two_cannot_have_one_name(self, thing):
        on("thing.happened", name="shop.listen")(print)
        with pytest.raises(ValueError, match=r"two handlers are named shop\.listen"):
            on("thing.happened", name="shop.listen")(repr)


class TestStarting:
    """A process with a handler that would never hear anything does not start."""

    @pytest.fixture
    def environment(self, tmp_path):
        package = tmp_path / "misspelt"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "apps.py").write_text(
            "from rustok.kernel.modules import ModuleConfig\n"
            "class Misspelt(ModuleConfig):\n"
            "    name, slug = 'misspelt', 'misspelt'\n"
        )
        (package / "handlers.py").write_text(
            "from rustok.kernel.events import on\n"
            "@on('price.update', name='misspelt.listen')\n"
            "def listen(envelope): ...\n"
        )
        (package / "settings.py").write_text(
            "from rustok.settings_test import *\n"
            "INSTALLED_APPS = [*INSTALLED_APPS[:-1], 'misspelt', INSTALLED_APPS[-1]]\n"
        )
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "misspelt.settings",
            "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
            "VALKEY_URL": "redis://127.0.0.1:1/0",
        }

    @pytest.mark.parametrize(
        "command",
        [
            ["manage.py", "check"],
            ["manage.py", "relay"],
            ["manage.py", "events", "check"],
            ["-m", "celery", "-A", "rustok", "worker", "--pool", "solo"],
            ["-c", "import rustok.wsgi"],
        ],
        ids=["check", "relay", "events", "worker", "web"],
    )
    def test_it_says_so_in_one_line(self, environment, command):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        line = "rustok: handler misspelt.listen: no module announces 'price.update'; did you mean price.updated?\n"
        assert done.stderr == line
