"""What pages contribute to the index: the path, and the words of the blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.index.public import Part, register_content_part
from apps.pages.models import Page

__all__ = ["pages_part"]

#: Fields of blocks that readers see.
_WORDS = ("title", "text", "body", "caption")


def pages_part(node_ids: Sequence[UUID], locales: Sequence[str]) -> Mapping[UUID, Part]:
    """Answer the paths of pages and the words of their blocks; two queries."""
    pages = Page.objects.filter(pk__in=node_ids).prefetch_related("blocks")
    return {page.pk: {"document": {"path": page.path}, "texts": _texts(page)} for page in pages}


def _texts(page: Page) -> dict[str, str]:
    words: dict[str, list[str]] = {}
    for block in page.blocks.all():
        words.setdefault(block.locale, []).extend(_words(block.data))
    return {locale: " ".join(found) for locale, found in words.items()}


def _words(data: Mapping[str, Any]) -> Iterator[str]:
    return (data[name] for name in _WORDS if data.get(name))


register_content_part("pages", pages_part)
