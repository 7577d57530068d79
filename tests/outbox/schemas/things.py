"""An event in two versions, and how it is declared, withdrawn and looked at."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from apps.outbox import schemas
from rustok.kernel import events
from rustok.kernel.events import Event, event, upcaster


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
