"""GraphQL: setting prices."""

from __future__ import annotations

from typing import Any

import graphene

from apps.pricing import inputs, selectors, services
from rustok.kernel.access import Actor
from rustok.kernel.edges.graphql import MoneyType, Mutation, decode_node_id
from rustok.kernel.errors import NotFound
from rustok.kernel.ids import parse_id

__all__ = ["Mutations"]


class MoneyInputType(graphene.InputObjectType):
    """An amount as a decimal string beside its currency."""

    class Meta:
        name = "MoneyInput"

    amount = graphene.String(required=True)
    currency = graphene.String(required=True)


class PriceInputType(graphene.InputObjectType):
    """A price, and the one before if it is reduced."""

    class Meta:
        name = "PriceInput"

    price = graphene.InputField(MoneyInputType, required=True)
    compare_at = graphene.InputField(MoneyInputType)


class PriceType(graphene.ObjectType):
    """A price, and the one before if it is reduced."""

    class Meta:
        name = "Price"

    price = graphene.Field(MoneyType, required=True)
    compare_at = graphene.Field(MoneyType)


class PriceSet(Mutation):
    """Set prices of one variant; those in other currencies stay."""

    permission = "products.update"
    prices = graphene.List(graphene.NonNull(PriceType), description="All prices of the variant.")

    class Input:
        variant_id = graphene.ID(required=True)
        prices = graphene.List(graphene.NonNull(PriceInputType), required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Set them."""
        variant_id = parse_id(decode_node_id("Variant", data["variant_id"]))
        if variant_id is None:
            raise NotFound(field="variantId")
        given = inputs.PricesInput.parse({"prices": data["prices"]})["prices"]
        services.set_prices(
            actor=actor,
            prices=[services.NewPrice(variant_id, one["price"], one.get("compare_at")) for one in given],
        )
        return {"prices": [selectors.price_document(price) for price in selectors.prices_of(variant_id)]}


class Mutations(graphene.ObjectType):
    """Pricing's mutations."""

    price_set = PriceSet.Field()
