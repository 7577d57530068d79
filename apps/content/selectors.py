"""Reading nodes: visitors see what is published, editors see drafts too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.content.models import OWNERS, RESOURCES, Kind, Node, NodeTranslation, Status
from rustok.kernel.access import ANONYMOUS, Actor, allows, restrict
from rustok.kernel.errors import Invalid
from rustok.kernel.locales import fallback_chain, pick
from rustok.kernel.modules import is_enabled, require_enabled
from rustok.kernel.pages import Page, PageRequest, paginate
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "NodeView", "find_node", "get_node", "list_nodes", "lists_drafts", "locale_chain", "may_see_drafts", "nodes_by_ids",
    "require_kind", "texts_of",
]  # fmt: skip

#: Text of all fields that an editor writes.
TEXT_FIELDS = ("title", "slug", "excerpt", "body", "seo_title", "seo_description")


class UnknownStatus(Invalid):
    """A status is draft or published."""

    code = "unknown_status"


class UnknownKind(Invalid):
    """A node is a page, a post or a topic."""

    code = "unknown_kind"


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node in one locale, as read."""

    id: UUID
    kind: str
    locale: str
    title: str
    slug: str
    excerpt: str
    body_html: str
    status: str
    published_at: datetime | None
    author_id: UUID | None
    author_name: str
    seo_title: str
    seo_description: str
    version: int
    created_at: datetime
    updated_at: datetime
    #: Locale → slug of every translation that the reader may see; only of a single node.
    slugs: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Answer the form that every API shows."""
        return {
            "id": str(self.id),
            "kind": self.kind,
            "slug": self.slug,
            "title": self.title,
            "excerpt": self.excerpt,
            "body_html": self.body_html,
            "status": self.status,
            "published_at": _stamp(self.published_at),
            "author": self.author_name,
            "seo": {"title": self.seo_title or self.title, "description": self.seo_description or self.excerpt},
            "resolved_locale": self.locale,
            "slugs": dict(self.slugs),
            "version": self.version,
            "created_at": _stamp(self.created_at),
            "updated_at": _stamp(self.updated_at),
        }


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def locale_chain(locale: str) -> tuple[str, ...]:
    """List the locales that a read in `locale` tries in turn; at last, any that the tenant has."""
    tenant = current_tenant()
    return tuple(dict.fromkeys((*fallback_chain(locale, tenant.default_locale), *tenant.locales)))


def may_see_drafts(actor: Actor, kind: str) -> bool:
    """Tell whether the actor reads all that is not published."""
    return actor.is_authenticated and not actor.is_partial(f"{RESOURCES[_kind(kind)]}.read")


def lists_drafts(actor: Actor, kind: str, status: str | None) -> bool:
    """Tell whether a list may hold what is not published: all of it, or the drafts that the actor reads some of."""
    some = status == Status.DRAFT and actor.is_staff and allows(actor, f"{RESOURCES[_kind(kind)]}.read")
    return some or may_see_drafts(actor, kind)


def _kind(kind: str) -> Kind:
    try:
        return Kind(kind)
    except ValueError:
        raise UnknownKind(f"{str(kind)[:32]!r} is none of {', '.join(Kind.values)}", field="kind") from None


def require_kind(actor: Actor, kind: str) -> None:
    """Let pass what the tenant uses; the platform itself may always.

    :raises ModuleDisabled: if the module that the kind belongs to is off
    """
    if actor.kind != "system":
        require_enabled(OWNERS[_kind(kind)])


def _visible(actor: Actor, kind: str, status: str | None = None) -> QuerySet[NodeTranslation]:
    rows = NodeTranslation.objects.filter(kind=_kind(kind)).select_related("node")
    if may_see_drafts(actor, kind):
        return rows
    if not lists_drafts(actor, kind, status):
        return rows.public()
    nodes = restrict(actor, Node.objects.all(), f"{RESOURCES[_kind(kind)]}.read")
    return rows.filter(node_id__in=nodes.values("pk"))


def list_nodes(
    kind: str, locale: str, page: PageRequest, *, actor: Actor = ANONYMOUS, status: str | None = None,
    among: QuerySet[Any] | None = None,
) -> Page[NodeView]:  # fmt: skip
    """List nodes of a kind in the locale or what it falls back to, newest first.

    :raises UnknownStatus: if `status` is neither draft nor published
    :raises ModuleDisabled: if the module that the kind belongs to is off
    """
    require_kind(actor, kind)
    rows: Any = _visible(actor, kind, status)
    if among is not None:
        rows = rows.filter(node_id__in=among)
    if status is not None:
        if status not in Status.values:
            raise UnknownStatus(f"{status[:32]!r} is neither draft nor published", field="status")
        rows = rows.filter(status=status)
    drafts = lists_drafts(actor, kind, status) and status != Status.PUBLISHED
    order = ("-created_at", "-id") if drafts else ("-published_at", "-id")
    found = paginate(rows.best(locale_chain(locale)), order, page)
    return Page([view_of(row) for row in found.results], found.next, found.previous, found.count, found.cursors)


def get_node(node_id: UUID, locale: str, *, kind: str | None = None, actor: Actor = ANONYMOUS) -> NodeView | None:
    """Answer a node that the actor may see, in the first locale of the chain that it has; otherwise None."""
    rows = NodeTranslation.objects.filter(node_id=node_id).select_related("node")
    return _one([row for row in rows if _may_see(actor, row) and kind in (None, row.kind)], locale)


def find_node(kind: str, slug: str, locale: str, *, actor: Actor = ANONYMOUS) -> NodeView | None:
    """Answer the node that a slug names in the locale, or in any other; then as `get_node`."""
    named = {row.locale: row.node_id for row in _visible(actor, kind).filter(slug=slug[:120])[:50]}
    ranked = [*(one for one in locale_chain(locale) if one in named), *sorted(named)]
    return get_node(named[ranked[0]], locale, actor=actor) if ranked else None


def nodes_by_ids(ids: Collection[UUID], locale: str, *, actor: Actor = ANONYMOUS) -> dict[UUID, NodeView]:
    """Answer those of the nodes that the actor may see; one query."""
    rows = NodeTranslation.objects.filter(node_id__in=ids).select_related("node")
    by_node: dict[UUID, list[NodeTranslation]] = {}
    for row in rows:
        if _may_see(actor, row):
            by_node.setdefault(row.node_id, []).append(row)
    views = {key: _one(found, locale) for key, found in by_node.items()}
    return {key: view for key, view in views.items() if view}


def _may_see(actor: Actor, row: NodeTranslation) -> bool:
    from django.utils import timezone

    if actor.kind != "system" and not is_enabled(OWNERS[Kind(row.kind)]):
        return False
    published = row.is_published and row.published_at is not None and row.published_at <= timezone.now()
    mine = actor.id is not None and actor.id == row.node.author_id
    if published or mine or may_see_drafts(actor, row.kind):
        return True
    return actor.is_staff and allows(actor, f"{RESOURCES[Kind(row.kind)]}.read", row.node)


def _one(rows: Sequence[NodeTranslation], locale: str) -> NodeView | None:
    chain = locale_chain(locale)
    best = pick([row for row in rows if row.locale in chain], chain)
    return replace(view_of(best), slugs={row.locale: row.slug for row in rows}) if best else None


def view_of(row: NodeTranslation) -> NodeView:
    """Write a row and its node down as a view."""
    node = row.node
    return NodeView(
        id=node.pk, kind=row.kind, locale=row.locale, title=row.title, slug=row.slug, excerpt=row.excerpt,
        body_html=row.body_html, status=row.status, published_at=row.published_at, author_id=node.author_id,
        author_name=node.author_name, seo_title=row.seo_title, seo_description=row.seo_description,
        version=node.version, created_at=node.created_at, updated_at=node.updated_at,
    )  # fmt: skip


def texts_of(node_id: UUID) -> dict[str, dict[str, Any]]:
    """Answer what editors wrote, by locale: the sources, not the HTML."""
    rows: Iterable[NodeTranslation] = NodeTranslation.objects.filter(node_id=node_id)
    return {
        row.locale: {name: getattr(row, name) for name in TEXT_FIELDS}
        | {"status": row.status, "published_at": _stamp(row.published_at)}
        for row in rows
    }
