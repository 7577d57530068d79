"""GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from apps.$module import inputs, selectors, services
from rustok.kernel.access import PUBLIC, Actor
from rustok.kernel.edges.graphql import Field, Mutation, as_connection, connection_of, page_request
from rustok.kernel.pages import paginate

__all__ = ["Mutations", "Query"]


class ${Model}Type(graphene.ObjectType):
    """A $word."""

    class Meta:
        name = "$Model"

    id = graphene.ID(required=True)
    title = graphene.String(required=True)
    position = graphene.Int(required=True)


class Query(graphene.ObjectType):
    """Reading."""

    $query = Field(
        connection_of(${Model}Type, "$Model"), permission=PUBLIC, first=graphene.Int(), after=graphene.String()
    )

    def resolve_$query(root: Any, info: Any, first: int | None = None, after: str | None = None) -> Any:
        """List, a page at a time."""
        page = paginate(selectors.${word}s(), ("position", "id"), page_request(first, after))
        return as_connection(page, selectors.${word}_document)


class ${Model}Create(Mutation):
    """Create a $word."""

    permission = "$resource.create"
    $word = graphene.Field(${Model}Type)

    class Input:
        title = graphene.String(required=True)
        position = graphene.Int()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Create it."""
        row = services.create_$word(actor=actor, **inputs.${Model}Input.parse(data))
        return {"$word": selectors.${word}_document(row)}


class Mutations(graphene.ObjectType):
    """Writing."""

    ${word}_create = ${Model}Create.Field()
