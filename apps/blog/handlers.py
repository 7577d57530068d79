"""What the blog contributes to the index: covers and tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.blog.models import Post
from apps.content.public import nodes_by_ids
from apps.index.public import Part, register_content_part
from apps.media.public import image_docs_by_locale

__all__ = ["blog_part"]


def blog_part(node_ids: Sequence[UUID], locales: Sequence[str]) -> Mapping[UUID, Part]:
    """Answer what published posts have beyond their words."""
    posts = {post.pk: post for post in Post.objects.filter(pk__in=node_ids).prefetch_related("tags")}
    shown = nodes_by_ids(list(posts), locales[0]) if posts else {}
    images = image_docs_by_locale({post.cover_id for post in posts.values() if post.cover_id}, locales)
    return {key: _part(post, images) for key, post in posts.items() if key in shown}


def _part(post: Post, images: Mapping[str, Mapping[UUID, Any]]) -> Part:
    return {
        "document": {"tags": sorted(tag.slug for tag in post.tags.all()), "takes_comments": post.takes_comments},
        "locales": {
            locale: {"image": found.get(post.cover_id) if post.cover_id else None} for locale, found in images.items()
        },
    }


def _with_cover(payload: Mapping[str, Any]) -> Iterable[UUID]:
    return Post.objects.filter(cover_id=payload["asset_id"]).values_list("pk", flat=True)


register_content_part("blog", blog_part, events={"media.updated": _with_cover})
