"""Versions: what is published keeps its schema, and every old one leads to the newest."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from apps.outbox import schemas
from rustok.kernel import events
from rustok.kernel.events import Event, event, upcaster
from tests.outbox.schemas.things import ThingNamedTwice, forget, problems, publish_second, replace, withdraw


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
