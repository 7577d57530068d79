"""What the content module announces."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event

Kind = Annotated[str, Meta(min_length=1, max_length=16, examples=["page"])]


@event("node.created", version=1)
class NodeCreated(Event):
    """A page, post or topic was begun."""

    node_id: UUID
    kind: Kind


@event("node.updated", version=1)
class NodeUpdated(Event):
    """Its words, or what belongs to it, changed."""

    node_id: UUID
    kind: Kind


@event("node.published", version=1)
class NodePublished(Event):
    """It can be read in one more language."""

    node_id: UUID
    kind: Kind


@event("node.unpublished", version=1)
class NodeUnpublished(Event):
    """It can be read in one language less, or not at all."""

    node_id: UUID
    kind: Kind


@event("node.deleted", version=1)
class NodeDeleted(Event):
    """It is gone for good."""

    node_id: UUID
    kind: Kind
