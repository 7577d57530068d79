"""What the taxonomy announces. A tag's slug never changes, so tags announce nothing."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event

Path = Annotated[str, Meta(min_length=1, max_length=648, examples=["clothing/shirts"])]


@event("category.created", version=1)
class CategoryCreated(Event):
    """A category stands in the tree."""

    category_id: UUID
    path: Path


@event("category.updated", version=1)
class CategoryUpdated(Event):
    """A category has another name or place; so have the paths of all that are under it."""

    category_id: UUID
    path: Path


@event("category.deleted", version=1)
class CategoryDeleted(Event):
    """A category is gone; nothing pointed at it."""

    category_id: UUID
    path: Path
