"""Reading the forum."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from apps.content.public import NodeView, get_node, locale_chain, nodes_by_ids
from apps.forum.models import ForumCategory, Reply, Topic
from rustok.kernel.access import ANONYMOUS, Actor
from rustok.kernel.ids import parse_id
from rustok.kernel.locales import pick
from rustok.kernel.pages import Page, PageRequest, paginate

__all__ = ["MAX_BOARDS", "board_document", "categories", "category", "replies", "reply_document", "topic", "topics"]

MAX_BOARDS = 100


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


# --- boards -------------------------------------------------------------------------------------------------------


def categories(locale: str) -> list[dict[str, Any]]:
    """List the boards in order, with how many topics each has; at most 100."""
    rows = ForumCategory.objects.prefetch_related("translations").annotate(topic_count=Count("topics"))
    return [board_document(row, locale) for row in rows.order_by("position", "slug")[:MAX_BOARDS]]


def category(slug_or_id: str, locale: str) -> dict[str, Any] | None:
    """Answer a board."""
    key = parse_id(slug_or_id)
    rows = ForumCategory.objects.prefetch_related("translations").annotate(topic_count=Count("topics"))
    row = (rows.filter(pk=key) if key else rows.filter(slug=slug_or_id[:80])).first()
    return board_document(row, locale) if row else None


def board_document(row: ForumCategory, locale: str) -> dict[str, Any]:
    """Answer the form that every API shows of a board."""
    words = pick(row.translations.all(), locale_chain(locale))
    document = {
        "id": str(row.pk),
        "slug": row.slug,
        "title": words.name if words else row.slug,
        "description": words.description if words else "",
        "position": row.position,
        "resolved_locale": words.locale if words else locale,
    }
    counted = getattr(row, "topic_count", None)
    return document if counted is None else document | {"topic_count": counted}


# --- topics -------------------------------------------------------------------------------------------------------


def topics(
    locale: str, page: PageRequest | None = None, *, category: str | None = None, actor: Actor = ANONYMOUS
) -> Page[dict[str, Any]]:
    """List topics, of one board or of all: pinned ones first, then by their last activity."""
    rows = Topic.objects.select_related("category").prefetch_related("category__translations")
    if category is not None:
        rows = rows.filter(category__slug=category[:80])
    found = paginate(rows, ("-is_pinned", "-active_at", "-id"), page or PageRequest())
    views = nodes_by_ids([row.pk for row in found.results], locale, actor=actor)
    shown = [(row, cursor) for row, cursor in zip(found.results, found.cursors, strict=True) if row.pk in views]
    documents = [_document(row, views[row.pk], locale) for row, _ in shown]
    return Page(documents, found.next, found.previous, found.count, [cursor for _, cursor in shown])


def topic(topic_id: UUID | str, locale: str, *, actor: Actor = ANONYMOUS) -> dict[str, Any] | None:
    """Answer a topic with its text."""
    key = parse_id(str(topic_id))
    rows = Topic.objects.select_related("category").prefetch_related("category__translations")
    row = rows.filter(pk=key).first() if key else None
    view = get_node(row.pk, locale, kind="topic", actor=actor) if row else None
    return _document(row, view, locale) if row and view else None


def _document(row: Topic, view: NodeView, locale: str) -> dict[str, Any]:
    board = board_document(row.category, locale)
    return view.document() | {
        "category": {key: board[key] for key in ("id", "slug", "title")},
        "pinned": row.is_pinned,
        "locked": row.is_locked,
        "reply_count": row.reply_count,
        "last_reply_at": _stamp(row.last_reply_at),
        # A reader cares when it was opened, not when it was imported.
        "created_at": _stamp(view.published_at or view.created_at),
    }


# --- replies ------------------------------------------------------------------------------------------------------


def replies(topic_id: UUID | str, page: PageRequest | None = None) -> Page[dict[str, Any]]:
    """List the replies of a topic, oldest first."""
    key = parse_id(str(topic_id))
    rows = Reply.objects.filter(topic_id=key) if key else Reply.objects.none()
    found = paginate(rows, ("said_at", "id"), page or PageRequest())
    return Page(_replies(found.results), found.next, found.previous, found.count, found.cursors)


def _replies(rows: Iterable[Reply]) -> list[dict[str, Any]]:
    return [reply_document(row) for row in rows]


def reply_document(row: Reply) -> dict[str, Any]:
    """Answer the form that every API shows of a reply."""
    return {
        "id": str(row.pk),
        "topic_id": str(row.topic_id),
        "author": row.author_name,
        "body_html": row.body_html,
        "created_at": _stamp(row.said_at),
    }
