"""Reading pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from apps.content.public import NodeView, get_node, list_nodes, nodes_by_ids, texts_of
from apps.media.public import image_docs
from apps.pages.models import Block, Page
from apps.pages.models.blocks import asset_ids
from rustok.kernel.access import ANONYMOUS, Actor
from rustok.kernel.ids import parse_id
from rustok.kernel.markup import render_article
from rustok.kernel.pages import Page as Slice
from rustok.kernel.pages import PageRequest

__all__ = ["blocks_of", "find_page", "list_pages", "page_by_path", "page_for_editor", "paths_of"]


def find_page(path_or_id: str) -> Page | None:
    """Answer the page of a path or id."""
    key = parse_id(path_or_id)
    return Page.objects.filter(pk=key).first() if key else Page.objects.filter(path=path_or_id.strip("/")[:200]).first()


def page_by_path(path: str, locale: str, *, actor: Actor = ANONYMOUS) -> dict[str, Any] | None:
    """Answer a page with its blocks, in the first locale of the chain in which the actor may see it."""
    page = find_page(path)
    view = get_node(page.pk, locale, kind="page", actor=actor) if page else None
    if page is None or view is None:
        return None
    return _document(page.path, view) | {"blocks": blocks_of(page.pk, view.locale)}


def _document(path: str, view: NodeView) -> dict[str, Any]:
    return view.document() | {"path": path}


def list_pages(
    locale: str, page: PageRequest, *, actor: Actor = ANONYMOUS, status: str | None = None
) -> Slice[dict[str, Any]]:
    """List pages without their blocks, newest first."""
    found = list_nodes("page", locale, page, actor=actor, status=status, among=Page.objects.values("pk"))
    paths = _paths(view.id for view in found.results)
    documents = [_document(paths[view.id], view) for view in found.results]
    return Slice(documents, found.next, found.previous, found.count, found.cursors)


def _paths(ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(Page.objects.filter(pk__in=list(ids)).values_list("pk", "path"))


def paths_of(ids: Iterable[UUID], locale: str) -> dict[UUID, str]:
    """Answer the paths of those of the pages that visitors may see."""
    paths = _paths(ids)
    shown = nodes_by_ids(list(paths), locale) if paths else {}
    return {key: path for key, path in paths.items() if key in shown}


# --- blocks -------------------------------------------------------------------------------------------------------


def blocks_of(page_id: UUID, locale: str) -> list[dict[str, Any]]:
    """Answer the blocks of a page in one locale, in order, with their images and HTML."""
    rows = list(Block.objects.filter(page_id=page_id, locale=locale).order_by("position"))
    images = _images(asset_ids((row.type, row.data) for row in rows), locale)
    return [
        {"id": str(row.pk), "type": row.type, "position": row.position, "data": _shown(row.data, images)}
        for row in rows
    ]


def _images(ids: set[UUID], locale: str) -> Mapping[str, Any]:
    if not ids:
        return {}
    return {str(key): document for key, document in image_docs(sorted(ids), locale).items()}


def _shown(data: Mapping[str, Any], images: Mapping[str, Any]) -> dict[str, Any]:
    """Add what a reader needs to what an editor wrote."""
    shown = dict(data)
    if "image_id" in data:
        shown["image"] = images.get(data["image_id"] or "")
    if "body" in data:
        shown["html"] = render_article(shown.pop("body"))
    return shown


def page_for_editor(page: Page, locale: str, *, actor: Actor) -> dict[str, Any]:
    """Answer a page with all that was written, in every locale: the sources."""
    view = get_node(page.pk, locale, kind="page", actor=actor)
    document: dict[str, Any] = _document(page.path, view) if view else {}
    document |= {"translations": texts_of(page.pk), "blocks": {}}
    for row in Block.objects.filter(page=page).order_by("locale", "position"):
        document["blocks"].setdefault(row.locale, []).append({"type": row.type, "data": row.data})
    return document
