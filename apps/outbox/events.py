"""What is done with events that failed is a fact, too."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event

__all__ = ["DeadLetterDiscarded", "DeadLetterRetried"]


@event("dead_letter.retried", version=1)
class DeadLetterRetried(Event):
    """Somebody had an event delivered again to a handler that had given it up."""

    letter_id: UUID
    event_id: UUID
    handler: Annotated[str, Meta(max_length=100, examples=["index.reindex_products"])]
    tenant_id: UUID


@event("dead_letter.discarded", version=1)
class DeadLetterDiscarded(Event):
    """Somebody gave an event up for a handler, for good."""

    letter_id: UUID
    event_id: UUID
    handler: Annotated[str, Meta(max_length=100, examples=["index.reindex_products"])]
    tenant_id: UUID
    reason: Annotated[str, Meta(min_length=1, max_length=300, examples=["The product is gone"])]
