"""GraphQL: posts, and comments on them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import graphene

from apps.blog import selectors
from apps.comments.public import CommentInput, add_comment, comment_document, comments_for
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

__all__ = ["Mutations", "Query"]


class CommentType(graphene.ObjectType):
    """What somebody said."""

    class Meta:
        name = "Comment"

    id = graphene.ID(required=True)
    author = graphene.String(required=True)
    body_html = graphene.String(required=True)
    status = graphene.String(required=True)
    created_at = graphene.String(required=True)


CommentConnection = connection_of(CommentType, "Comment")


class PostImageType(graphene.ObjectType):
    """The cover of a post."""

    class Meta:
        name = "PostImage"

    url = graphene.String(required=True)
    alt = graphene.String(required=True)


class PostSeoType(graphene.ObjectType):
    """What search engines are told of a post."""

    class Meta:
        name = "PostSeo"

    title = graphene.String(required=True)
    description = graphene.String(required=True)


class PostType(graphene.ObjectType):
    """A post in one language."""

    class Meta:
        name = "Post"

    id = graphene.ID(required=True)
    slug = graphene.String(required=True)
    title = graphene.String(required=True)
    excerpt = graphene.String(required=True)
    body_html = graphene.String(required=True)
    status = graphene.String(required=True)
    published_at = graphene.String()
    author = graphene.String(required=True)
    image = graphene.Field(PostImageType)
    tags = graphene.List(graphene.NonNull(graphene.String), required=True)
    takes_comments = graphene.Boolean(required=True)
    seo = graphene.Field(PostSeoType, required=True)
    resolved_locale = graphene.String(required=True)
    updated_at = graphene.String(required=True)
    comments = Field(
        CommentConnection,
        permission=PUBLIC,
        needs=("comments",),
        first=graphene.Int(),
        after=graphene.String(),
        description="Oldest first; null where comments are switched off.",
    )

    def resolve_id(root: Any, info: Any) -> str:
        """Answer a Relay node id."""
        return encode_node_id("Post", root["id"])

    def resolve_comments(root: Any, info: Any, first: Any = None, after: Any = None) -> Any:
        """List what was said about the post."""
        return as_connection(comments_for("post", root["id"], page_request(first, after), actor=info.context.actor))


PostConnection = connection_of(PostType, "Post")


class Query(graphene.ObjectType):
    """Posts."""

    posts = Field(
        PostConnection,
        permission=PUBLIC,
        required=True,
        first=graphene.Int(),
        after=graphene.String(),
        tag=graphene.String(),
        locale=graphene.String(),
        description="Posts, newest first.",
    )
    post = Field(
        PostType,
        permission=PUBLIC,
        slug=graphene.String(required=True),
        locale=graphene.String(),
        description="A post by its slug or id; null if there is none.",
    )

    def resolve_posts(
        root: Any, info: Any, first: Any = None, after: Any = None, tag: Any = None, locale: Any = None
    ) -> Any:
        """List posts."""
        page = page_request(first, after)
        return as_connection(selectors.list_posts(asked_locale(info, locale), page, tag=tag, actor=info.context.actor))

    def resolve_post(root: Any, info: Any, slug: str, locale: Any = None) -> Any:
        """Answer a post."""
        return selectors.get_post(slug, asked_locale(info, locale), actor=info.context.actor)


class CommentAdd(Mutation):
    """Say something about a post."""

    permission = "comments.create"
    needs = ("comments",)
    comment = graphene.Field(CommentType)

    class Input:
        post_id = graphene.ID(required=True, description="Its id, or its slug.")
        body = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Say it."""
        clean = CommentInput.parse({"body": data["body"]})
        comment = add_comment(
            actor=actor, target_kind="post", target_id=_post_id(data["post_id"], actor), body=clean["body"]
        )
        return {"comment": comment_document(comment)}


def _post_id(text: str, actor: Actor) -> UUID:
    """Read a node id, a bare id or a slug."""
    known = selectors.post_id_of(text, actor=actor)
    return known or UUID(str(found(selectors.post_id_of(decode_node_id("Post", text), actor=actor))))


class Mutations(graphene.ObjectType):
    """The blog's mutations."""

    comment_add = CommentAdd.Field()
