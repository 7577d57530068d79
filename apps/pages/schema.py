"""GraphQL: a page by its path."""

from __future__ import annotations

from typing import Any

import graphene
from graphene.types.generic import GenericScalar

from apps.pages import selectors
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.graphql import Field, asked_locale, encode_node_id

__all__ = ["Query"]


class BlockType(graphene.ObjectType):
    """One part of a page; `data` is what its type says, with images and HTML."""

    class Meta:
        name = "Block"

    id = graphene.ID(required=True)
    type = graphene.String(required=True)
    position = graphene.Int(required=True)
    data = graphene.Field(GenericScalar, required=True)


class PageSeoType(graphene.ObjectType):
    """What search engines are told of a page."""

    class Meta:
        name = "PageSeo"

    title = graphene.String(required=True)
    description = graphene.String(required=True)


class PageType(graphene.ObjectType):
    """A page in one language."""

    class Meta:
        name = "Page"

    id = graphene.ID(required=True)
    path = graphene.String(required=True)
    slug = graphene.String(required=True)
    title = graphene.String(required=True)
    excerpt = graphene.String(required=True)
    body_html = graphene.String(required=True)
    status = graphene.String(required=True)
    published_at = graphene.String()
    seo = graphene.Field(PageSeoType, required=True)
    resolved_locale = graphene.String(required=True)
    updated_at = graphene.String(required=True)
    blocks = graphene.List(graphene.NonNull(BlockType), required=True)

    def resolve_id(root: Any, info: Any) -> str:
        """Answer a Relay node id."""
        return encode_node_id("Page", root["id"])


class Query(graphene.ObjectType):
    """Pages."""

    page = Field(
        PageType,
        permission=PUBLIC,
        path=graphene.String(required=True),
        locale=graphene.String(),
        description="A page by its path; null if there is none.",
    )

    def resolve_page(root: Any, info: Any, path: str, locale: Any = None) -> Any:
        """Answer a page."""
        wanted = asked_locale(info, locale)
        return selectors.page_by_path(path, wanted, actor=info.context.actor)
