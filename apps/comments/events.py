"""What the comments module announces."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event

TargetKind = Annotated[str, Meta(min_length=1, max_length=16, examples=["post"])]


@event("comment.added", version=1)
class CommentAdded(Event):
    """Somebody said something."""

    comment_id: UUID
    target_kind: TargetKind
    target_id: UUID


@event("comment.updated", version=1)
class CommentUpdated(Event):
    """Somebody says it differently now."""

    comment_id: UUID
    target_kind: TargetKind
    target_id: UUID


@event("comment.moderated", version=1)
class CommentModerated(Event):
    """A moderator let it stand, or did not."""

    comment_id: UUID
    target_kind: TargetKind
    target_id: UUID
    status: Literal["pending", "approved", "spam"]


@event("comment.deleted", version=1)
class CommentDeleted(Event):
    """It is gone for good."""

    comment_id: UUID
    target_kind: TargetKind
    target_id: UUID
