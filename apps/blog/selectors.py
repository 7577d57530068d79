"""Reading posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from apps.blog.models import Post
from apps.content.public import NodeView, find_node, get_node, list_nodes, lists_drafts, nodes_by_ids, texts_of
from apps.index.public import ContentQuery, ListPage, list_content
from apps.media.public import image_docs
from rustok.kernel.access import ANONYMOUS, Actor
from rustok.kernel.ids import parse_id
from rustok.kernel.pages import Page, PageRequest
from rustok.kernel.tenancy import current_tenant

__all__ = ["get_post", "is_open", "list_posts", "post_for_editor", "post_id_of", "slugs_of"]


def list_posts(
    locale: str, page: PageRequest | None = None, *, tag: str | None = None, actor: Actor = ANONYMOUS,
    status: str | None = None,
) -> Page[dict[str, Any]] | ListPage:  # fmt: skip
    """List posts, newest first: visitors read the index, editors the tables, where drafts are."""
    asked = page or PageRequest()
    if not lists_drafts(actor, "post", status):
        return list_content(ContentQuery(locale=locale, kind="post", tag=tag or "", page=asked))
    among = Post.objects.filter(tags__slug=tag[:80]).values("pk") if tag else None
    found = list_nodes("post", locale, asked, actor=actor, status=status, among=among)
    return Page(_documents(found.results, locale), found.next, found.previous, found.count, found.cursors)


def get_post(slug_or_id: str, locale: str, *, actor: Actor = ANONYMOUS) -> dict[str, Any] | None:
    """Answer a post by its slug in any language, or by id, in the first locale of the chain that it has."""
    key = parse_id(slug_or_id)
    if key:
        view = get_node(key, locale, kind="post", actor=actor)
    else:
        view = find_node("post", slug_or_id, locale, actor=actor)
    return _documents([view], locale)[0] if view else None


def post_id_of(slug_or_id: str, *, actor: Actor = ANONYMOUS) -> UUID | None:
    """Answer the id of a post that the actor may see."""
    found = get_post(slug_or_id, current_tenant().default_locale, actor=actor)
    return UUID(found["id"]) if found else None


def is_open(post_id: UUID) -> bool:
    """Tell whether a post can be read, and takes comments."""
    closed = Post.objects.filter(pk=post_id, takes_comments=False).exists()
    return not closed and get_node(post_id, current_tenant().default_locale, kind="post") is not None


def slugs_of(ids: Iterable[UUID], locale: str) -> dict[UUID, str]:
    """Answer the slugs of those of the posts that visitors may see."""
    return {key: view.slug for key, view in nodes_by_ids(list(ids), locale).items()}


def post_for_editor(post_id: UUID, locale: str, *, actor: Actor) -> dict[str, Any] | None:
    """Answer a post with all that was written, in every locale: the sources."""
    found = get_post(str(post_id), locale, actor=actor)
    return found | {"translations": texts_of(post_id)} if found else None


# --- what a post has beyond its node ------------------------------------------------------------------------------


def _documents(views: Iterable[NodeView], locale: str) -> list[dict[str, Any]]:
    found = list(views)
    posts = {post.pk: post for post in _posts([view.id for view in found])}
    images = _images({post.cover_id for post in posts.values() if post.cover_id}, locale)
    return [view.document() | _extras(posts.get(view.id), images) for view in found]


def _posts(ids: list[UUID]) -> Iterable[Post]:
    return Post.objects.filter(pk__in=ids).prefetch_related("tags") if ids else ()


def _extras(post: Post | None, images: Mapping[UUID, Any]) -> dict[str, Any]:
    if post is None:
        return {"image": None, "tags": [], "takes_comments": True}
    return {
        "image": images.get(post.cover_id) if post.cover_id else None,
        "tags": sorted(tag.slug for tag in post.tags.all()),
        "takes_comments": post.takes_comments,
    }


def _images(ids: set[UUID], locale: str) -> Mapping[UUID, Any]:
    return image_docs(sorted(ids), locale) if ids else {}
