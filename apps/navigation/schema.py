"""GraphQL: a menu by its location."""

from __future__ import annotations

from typing import Any

import graphene

from apps.navigation import selectors
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.graphql import Field, asked_locale

__all__ = ["Query"]


class MenuItemType(graphene.ObjectType):
    """An item of a menu."""

    class Meta:
        name = "MenuItem"

    label = graphene.String(required=True)
    url = graphene.String(required=True)
    children = graphene.List(graphene.NonNull(lambda: MenuItemType), required=True)


class Query(graphene.ObjectType):
    """Menus."""

    menu = Field(
        graphene.List(graphene.NonNull(MenuItemType), required=True),
        permission=PUBLIC,
        location=graphene.String(required=True, description="header, footer, sidebar or mobile."),
        locale=graphene.String(),
        description="The items of a location as a tree; empty if it has no menu.",
    )

    def resolve_menu(root: Any, info: Any, location: str, locale: Any = None) -> Any:
        """Answer a menu."""
        return selectors.menu(location, asked_locale(info, locale))
