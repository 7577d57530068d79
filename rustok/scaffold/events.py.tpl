"""What the $module module announces."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event


@event("$word.created", version=1)
class ${Model}Created(Event):
    """There is a new $word."""

    ${word}_id: UUID
    title: Annotated[str, Meta(min_length=1, max_length=200, examples=["First"])]
