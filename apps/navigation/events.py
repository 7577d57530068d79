"""What the navigation module announces."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event


@event("menu.updated", version=1)
class MenuUpdated(Event):
    """A menu leads elsewhere now."""

    menu_id: UUID
    location: Annotated[str, Meta(min_length=1, max_length=16, examples=["header"])]
