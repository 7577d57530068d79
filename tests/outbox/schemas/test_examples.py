"""Examples: one is made of every type, and every one that is committed is read by today's code."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

import jsonschema
import pytest

from apps.outbox import schemas
from apps.outbox.schemas import examples
from rustok.kernel import events
from rustok.kernel.events import event_types, read_payload, upcaster
from rustok.kernel.payloads import fit
from tests.database import ROOT
from tests.outbox.schemas.every_type import EveryType
from tests.outbox.schemas.things import problems, publish_second, withdraw

FOLDER = ROOT / "docs" / "events"

COMMITTED = sorted(FOLDER.glob("*.v*.json"))


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
