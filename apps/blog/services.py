"""Writing posts: the words, the cover, the tags; and what readers say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.blog.models import MAX_TAGS, Post
from apps.content.public import Texts, create_node, delete_node, publish_node, unpublish_node, update_node
from apps.taxonomy.public import ensure_tags
from rustok.kernel.access import Actor
from rustok.kernel.errors import Invalid, NotFound

__all__ = ["UNCHANGED", "create_post", "delete_post", "extend_node", "publish_post", "unpublish_post", "update_post"]

#: Stands for "leave the cover as it is", which None does not: that takes it away.
UNCHANGED = object()


class TooManyTags(Invalid):
    """A post has at most 20 tags."""

    code = "too_many_tags"


class NoSuchImage(Invalid):
    """There is no such image."""

    code = "no_such_image"


@transaction.atomic
def create_post(
    *, actor: Actor, translations: Texts, now: datetime, cover_id: UUID | None = None, tags: Sequence[str] = (),
    author_name: str = "", takes_comments: bool = True, publish_at: datetime | None = None,
) -> Post:  # fmt: skip
    """Write a post; with `publish_at` it is published as of then, in every language it has.

    :raises TooManyTags: with more than 20
    :raises NoSuchImage: if the cover is none of ours
    """
    node = create_node(
        actor=actor, kind="post", translations=translations, now=now, author_name=author_name, publish_at=publish_at
    )
    post = Post.objects.create(pk=node.pk, node_id=node.pk, cover_id=_image(cover_id), takes_comments=takes_comments)
    _tag(actor, post, tags)
    return post


def extend_node(actor: Actor, node: Any) -> Post:
    """Make a post of a node that came over the general edge."""
    return Post.objects.create(pk=node.pk, node_id=node.pk)


def _image(cover_id: UUID | None) -> UUID | None:
    covers: Any = Post._meta.get_field("cover").related_model
    if cover_id is not None and not covers.objects.filter(pk=cover_id).exists():
        raise NoSuchImage(field="cover_id")
    return cover_id


def _tag(actor: Actor, post: Post, tags: Sequence[str]) -> None:
    if len(tags) > MAX_TAGS:
        raise TooManyTags(field="tags")
    keys: Any = ensure_tags(actor=actor, names=list(tags)) if tags else []
    post.tags.set(keys)


@transaction.atomic
def update_post(
    *, actor: Actor, post_id: UUID, now: datetime, translations: Texts | None = None, cover_id: Any = UNCHANGED,
    tags: Sequence[str] | None = None, author_name: str | None = None, takes_comments: bool | None = None,
    expected: int | None = None,
) -> Post:  # fmt: skip
    """Change a post; what is not named stays as it is.

    :raises PreconditionFailed: if its version is not the expected one
    """
    update_node(
        actor=actor, node_id=post_id, kind="post", translations=translations or {}, author_name=author_name, now=now,
        expected=expected,
    )  # fmt: skip
    post = _post(post_id)
    if cover_id is not UNCHANGED:
        post.cover_id = _image(cover_id)
    if takes_comments is not None:
        post.takes_comments = takes_comments
    post.save(update_fields=["cover", "takes_comments", "updated_at"])
    if tags is not None:
        _tag(actor, post, tags)
    return post


def _post(post_id: UUID) -> Post:
    post = Post.objects.filter(pk=post_id).first()
    if post is None:
        raise NotFound()
    return post


def publish_post(
    *, actor: Actor, post_id: UUID, now: datetime, locale: str | None = None, published_at: datetime | None = None,
    expected: int | None = None,
) -> Post:  # fmt: skip
    """Let visitors read a post, in one language or in all that it has."""
    publish_node(
        actor=actor, node_id=post_id, kind="post", locale=locale, published_at=published_at, now=now, expected=expected
    )
    return _post(post_id)


def unpublish_post(
    *, actor: Actor, post_id: UUID, now: datetime, locale: str | None = None, expected: int | None = None
) -> Post:
    """Take a post back, in one language or in all."""
    unpublish_node(actor=actor, node_id=post_id, kind="post", locale=locale, now=now, expected=expected)
    return _post(post_id)


def delete_post(*, actor: Actor, post_id: UUID, expected: int | None = None) -> None:
    """Remove a post; what was said about it goes with it."""
    delete_node(actor=actor, node_id=post_id, kind="post", expected=expected)
