"""What GraphQL shows of an order."""

from __future__ import annotations

from typing import Any

import graphene

from apps.cart.public import AddressType
from apps.index.public import ChosenOptionType
from rustok.kernel.edges.graphql import MoneyType, connection_of, encode_node_id

__all__ = ["OrderConnection", "OrderType"]


class OrderLineType(graphene.ObjectType):
    """So many pieces of one variant, as they were named and priced."""

    class Meta:
        name = "OrderLine"

    id = graphene.ID(required=True)
    variant_id = graphene.ID()
    handle = graphene.String(required=True)
    sku = graphene.String(required=True)
    title = graphene.String(required=True)
    variant_title = graphene.String(required=True)
    options = graphene.List(graphene.NonNull(ChosenOptionType), required=True)
    image_url = graphene.String()
    quantity = graphene.Int(required=True)
    unit_price = graphene.Field(MoneyType, required=True)
    discount = graphene.Field(MoneyType, required=True)
    tax = graphene.Field(MoneyType, required=True)
    total = graphene.Field(MoneyType, required=True)

    def resolve_options(root: Any, info: Any) -> list[dict[str, str]]:
        """Write a map as pairs."""
        return [{"name": name, "value": value} for name, value in root["options"].items()]

    def resolve_image_url(root: Any, info: Any) -> str | None:
        """Answer where the picture is."""
        return root["image"]["url"] if root["image"] else None


class OrderStepType(graphene.ObjectType):
    """A step of an order's way."""

    class Meta:
        name = "OrderStep"

    status = graphene.String(required=True)
    at = graphene.String(required=True)
    note = graphene.String(required=True)


class ChosenMethodType(graphene.ObjectType):
    """How an order is sent."""

    class Meta:
        name = "ChosenShippingMethod"

    id = graphene.ID(required=True)
    name = graphene.String(required=True)


class TrackingType(graphene.ObjectType):
    """How a parcel is followed."""

    class Meta:
        name = "Tracking"

    carrier = graphene.String(required=True)
    number = graphene.String(required=True)
    url = graphene.String(required=True)


class OrderType(graphene.ObjectType):
    """A purchase, as it was agreed."""

    class Meta:
        name = "Order"

    id = graphene.ID(required=True)
    number = graphene.String(required=True)
    token = graphene.String(required=True, description="The secret part of the order's own page.")
    status = graphene.String(required=True)
    payment_status = graphene.String(required=True)
    fulfillment_status = graphene.String(required=True)
    email = graphene.String(required=True)
    currency = graphene.String(required=True)
    locale = graphene.String(required=True)
    lines = graphene.List(graphene.NonNull(OrderLineType), required=True)
    subtotal = graphene.Field(MoneyType, required=True)
    discount_total = graphene.Field(MoneyType, required=True)
    shipping_total = graphene.Field(MoneyType, required=True)
    tax_total = graphene.Field(MoneyType, required=True)
    tax_included = graphene.Boolean(required=True)
    total = graphene.Field(MoneyType, required=True)
    shipping_method = graphene.Field(ChosenMethodType)
    shipping_address = graphene.Field(AddressType)
    billing_address = graphene.Field(AddressType)
    tracking = graphene.Field(TrackingType)
    placed_at = graphene.String(required=True)
    timeline = graphene.List(graphene.NonNull(OrderStepType), required=True)

    def resolve_id(root: Any, info: Any) -> str:
        """Write a node id."""
        return encode_node_id("Order", root["id"])


OrderConnection = connection_of(OrderType, "Order")
