"""What the forum announces beyond what content says of its topics' nodes."""

from uuid import UUID

from rustok.kernel.events import Event, event


@event("reply.added", version=1)
class ReplyAdded(Event):
    """Somebody answered in a topic."""

    reply_id: UUID
    topic_id: UUID


@event("reply.deleted", version=1)
class ReplyDeleted(Event):
    """An answer is gone for good."""

    reply_id: UUID
    topic_id: UUID


@event("topic.updated", version=1)
class TopicUpdated(Event):
    """A topic was pinned, closed, or moved to another board, or is no longer."""

    topic_id: UUID
    node_id: UUID
