"""What the index announces: only to itself."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event


@event("index.rebuild_continued", version=1)
class IndexRebuildContinued(Event):
    """A stretch of a rebuild in the background is to be done."""

    run_id: UUID
    kind: Annotated[str, Meta(min_length=1, max_length=16, examples=["products"])]
