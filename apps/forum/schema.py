"""GraphQL: boards, topics and replies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import graphene
from django.utils import timezone

from apps.forum import inputs, selectors, services
from rustok.kernel.access import PUBLIC, Actor
from rustok.kernel.edges.graphql import (
    Field,
    Mutation,
    as_connection,
    asked_locale,
    connection_of,
    decode_node_id,
    encode_node_id,
    page_request,
)
from rustok.kernel.edges.rest import found
from rustok.kernel.ids import parse_id

__all__ = ["Mutations", "Query"]


class BoardType(graphene.ObjectType):
    """A board."""

    class Meta:
        name = "ForumCategory"

    id = graphene.ID(required=True)
    slug = graphene.String(required=True)
    title = graphene.String(required=True)
    description = graphene.String()
    topic_count = graphene.Int()


class ReplyType(graphene.ObjectType):
    """An answer in a topic."""

    class Meta:
        name = "Reply"

    id = graphene.ID(required=True)
    author = graphene.String(required=True)
    body_html = graphene.String(required=True)
    created_at = graphene.String(required=True)


ReplyConnection = connection_of(ReplyType, "Reply")


class TopicType(graphene.ObjectType):
    """A topic."""

    class Meta:
        name = "Topic"

    id = graphene.ID(required=True)
    slug = graphene.String(required=True)
    title = graphene.String(required=True)
    body_html = graphene.String(required=True)
    author = graphene.String(required=True)
    category = graphene.Field(BoardType, required=True)
    pinned = graphene.Boolean(required=True)
    locked = graphene.Boolean(required=True)
    reply_count = graphene.Int(required=True)
    last_reply_at = graphene.String()
    created_at = graphene.String(required=True)
    resolved_locale = graphene.String(required=True)
    replies = graphene.Field(
        ReplyConnection, required=True, first=graphene.Int(), after=graphene.String(), description="Oldest first."
    )

    def resolve_id(root: Any, info: Any) -> str:
        """Answer a Relay node id."""
        return encode_node_id("Topic", root["id"])

    def resolve_replies(root: Any, info: Any, first: Any = None, after: Any = None) -> Any:
        """List the replies."""
        return as_connection(selectors.replies(root["id"], page_request(first, after)))


TopicConnection = connection_of(TopicType, "Topic")


def _key(text: str) -> UUID:
    return UUID(str(found(parse_id(decode_node_id("Topic", text)))))


class Query(graphene.ObjectType):
    """The forum."""

    forum_categories = Field(
        graphene.List(graphene.NonNull(BoardType), required=True),
        permission=PUBLIC,
        locale=graphene.String(),
        description="The boards in order.",
    )
    topics = Field(
        TopicConnection,
        permission=PUBLIC,
        required=True,
        category=graphene.String(description="Slug of a board."),
        first=graphene.Int(),
        after=graphene.String(),
        locale=graphene.String(),
        description="Topics: pinned ones first, then by their last activity.",
    )
    topic = Field(
        TopicType,
        permission=PUBLIC,
        id=graphene.ID(required=True),
        locale=graphene.String(),
        description="A topic by id; null if there is none.",
    )

    def resolve_forum_categories(root: Any, info: Any, locale: Any = None) -> Any:
        """List the boards."""
        return selectors.categories(asked_locale(info, locale))

    def resolve_topics(
        root: Any, info: Any, category: Any = None, first: Any = None, after: Any = None, locale: Any = None
    ) -> Any:
        """List topics."""
        page = page_request(first, after)
        return as_connection(
            selectors.topics(asked_locale(info, locale), page, category=category, actor=info.context.actor)
        )

    def resolve_topic(root: Any, info: Any, id: str, locale: Any = None) -> Any:
        """Answer a topic."""
        return selectors.topic(_key(id), asked_locale(info, locale), actor=info.context.actor)


class TopicCreate(Mutation):
    """Open a topic."""

    permission = "nodes.create"
    topic = graphene.Field(TopicType)

    class Input:
        category = graphene.String(required=True, description="Slug of a board.")
        title = graphene.String(required=True)
        body = graphene.String(required=True)
        locale = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Open it."""
        clean = inputs.TopicInput.parse(data)
        clean.setdefault("locale", asked_locale(info))
        topic = services.add_topic(actor=actor, now=timezone.now(), **clean)
        return {"topic": selectors.topic(topic.pk, clean["locale"], actor=actor)}


class ReplyCreate(Mutation):
    """Answer in a topic."""

    permission = "comments.create"
    reply = graphene.Field(ReplyType)

    class Input:
        topic_id = graphene.ID(required=True)
        body = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Answer."""
        topic_id = _key(data["topic_id"])
        found(selectors.topic(topic_id, asked_locale(info), actor=actor))
        clean = inputs.ReplyInput.parse({"body": data["body"]})
        reply = services.add_reply(actor=actor, topic_id=topic_id, now=timezone.now(), **clean)
        return {"reply": selectors.reply_document(reply)}


class Mutations(graphene.ObjectType):
    """The forum's mutations."""

    topic_create = TopicCreate.Field()
    reply_create = ReplyCreate.Field()
