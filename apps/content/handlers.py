"""What content contributes to the index: the words of what is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.content.models import OWNERS, Node, NodeTranslation
from apps.content.selectors import view_of
from apps.index.public import Part, register_content_part

__all__ = ["content_part"]

#: Fields of the document that differ between languages.
_BY_LOCALE = ("slug", "title", "excerpt", "body_html", "published_at", "seo", "slugs")


def content_part(node_ids: Sequence[UUID], locales: Sequence[str]) -> Mapping[UUID, Part]:
    """Answer what visitors may read of nodes, in every language that they are published in; one query."""
    rows = NodeTranslation.objects.public().filter(node_id__in=node_ids, locale__in=locales).select_related("node")
    by_node: dict[UUID, list[NodeTranslation]] = {}
    for row in sorted(rows, key=lambda row: list(locales).index(row.locale)):
        by_node.setdefault(row.node_id, []).append(row)
    return {node_id: _part(found) for node_id, found in by_node.items()}


def _part(rows: Sequence[NodeTranslation]) -> Part:
    slugs = {row.locale: row.slug for row in rows}
    documents = {row.locale: view_of(row).document() | {"slugs": slugs} for row in rows}
    common = next(iter(documents.values()))
    return {
        "document": {key: value for key, value in common.items() if key not in (*_BY_LOCALE, "resolved_locale")},
        "locales": {locale: _only(document) for locale, document in documents.items()},
        "columns": {"version": rows[0].node.version, "created_at": rows[0].node.created_at},
    }


def _only(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in _BY_LOCALE}


register_content_part(
    "content",
    content_part,
    events=("node.created", "node.updated", "node.published", "node.unpublished", "node.deleted"),
    rows=Node.objects.all,
    owners={str(kind): module for kind, module in OWNERS.items()},
)
