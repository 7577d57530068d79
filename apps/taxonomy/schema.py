"""GraphQL: categories."""

from __future__ import annotations

from typing import Any

import graphene

from apps.taxonomy import selectors
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.graphql import Field, as_connection, asked_locale, connection_of, encode_node_id, page_request
from rustok.kernel.pages import Page, paginate

__all__ = ["Query"]


class CategoryReferenceType(graphene.ObjectType):
    """A category as others name it."""

    class Meta:
        name = "CategoryReference"

    id = graphene.ID(required=True)
    path = graphene.String(required=True)
    name = graphene.String(required=True)

    def resolve_id(root: Any, info: Any) -> str:
        """Answer a Relay node id."""
        return encode_node_id("Category", root["id"])


class CategoryType(graphene.ObjectType):
    """A place in the tree of categories."""

    class Meta:
        name = "Category"

    id = graphene.ID(required=True)
    slug = graphene.String(required=True)
    path = graphene.String(required=True)
    name = graphene.String(required=True)
    description = graphene.String(required=True)
    ancestors = graphene.List(graphene.NonNull(CategoryReferenceType), required=True)
    children = graphene.List(graphene.NonNull(CategoryReferenceType), required=True)
    resolved_locale = graphene.String()

    def resolve_id(root: Any, info: Any) -> str:
        """Answer a Relay node id."""
        return encode_node_id("Category", root["id"])


CategoryConnection = connection_of(CategoryType, "Category")


class Query(graphene.ObjectType):
    """Categories."""

    categories = Field(
        CategoryConnection,
        permission=PUBLIC,
        required=True,
        first=graphene.Int(),
        after=graphene.String(),
        locale=graphene.String(),
        description="Categories by path.",
    )

    def resolve_categories(root: Any, info: Any, first: Any = None, after: Any = None, locale: Any = None) -> Any:
        """List categories by path."""
        page = paginate(selectors.categories(), ["path"], page_request(first, after, count=True))
        documents = selectors.category_documents(page.results, asked_locale(info, locale))
        return as_connection(
            Page(documents, next=page.next, previous=page.previous, count=page.count, cursors=page.cursors)
        )
