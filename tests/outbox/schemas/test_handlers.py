"""Handlers' names: deliveries wait under them, so they are committed too."""

from __future__ import annotations

import json

from apps.outbox import schemas
from rustok.kernel.events import Event, event, on
from tests.outbox.schemas.things import forget, listen, problems


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
