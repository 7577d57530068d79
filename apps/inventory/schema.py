"""GraphQL: adjusting stock."""

from __future__ import annotations

from typing import Any

import graphene

from apps.inventory import inputs, selectors, services
from rustok.kernel.access import Actor
from rustok.kernel.edges.graphql import Mutation, decode_node_id, encode_node_id

__all__ = ["Mutations"]


class StockLevelType(graphene.ObjectType):
    """Stock at one location."""

    class Meta:
        name = "StockLevel"

    location_id = graphene.ID(required=True)
    location = graphene.String(required=True)
    on_hand = graphene.Int(required=True)
    reserved = graphene.Int(required=True)
    available = graphene.Int(required=True)


class InventoryType(graphene.ObjectType):
    """The stock of a variant."""

    class Meta:
        name = "Inventory"

    variant_id = graphene.ID(required=True)
    available = graphene.Int(required=True)
    tracked = graphene.Boolean(required=True)
    backorder = graphene.Boolean(required=True)
    low_stock_at = graphene.Int(required=True)
    levels = graphene.List(graphene.NonNull(StockLevelType), required=True)

    def resolve_variant_id(root: Any, info: Any) -> str:
        """Answer a Relay node id."""
        return encode_node_id("Variant", root["variant_id"])


class InventoryAdjust(Mutation):
    """Add to the stock on hand of a variant, or take from it."""

    permission = "inventory.update"
    inventory = graphene.Field(InventoryType)

    class Input:
        variant_id = graphene.ID(required=True)
        location_id = graphene.ID(description="The default location if left out.")
        delta = graphene.Int(required=True)
        reason = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Adjust it."""
        clean = inputs.AdjustmentInput.parse(data | {"variant_id": decode_node_id("Variant", data["variant_id"])})
        services.adjust_stock(actor=actor, **clean)
        return {"inventory": selectors.inventory_document(clean["variant_id"])}


class Mutations(graphene.ObjectType):
    """Inventory's mutations."""

    inventory_adjust = InventoryAdjust.Field()
