"""What GraphQL shows of a cart."""

from __future__ import annotations

from typing import Any

import graphene

from apps.cart import selectors
from apps.index.public import ChosenOptionType
from rustok.kernel.edges.graphql import MoneyType
from rustok.kernel.edges.rest import requested_locale

__all__ = ["AddressInputType", "AddressType", "CartType", "ShippingMethodType"]


class AddressType(graphene.ObjectType):
    """Where something is sent, or who is billed."""

    class Meta:
        name = "Address"

    first_name = graphene.String(required=True, default_value="")
    last_name = graphene.String(required=True, default_value="")
    company = graphene.String(required=True, default_value="")
    line1 = graphene.String(required=True, default_value="")
    line2 = graphene.String(required=True, default_value="")
    city = graphene.String(required=True, default_value="")
    region = graphene.String(required=True, default_value="")
    postal_code = graphene.String(required=True, default_value="")
    country = graphene.String(required=True, default_value="")
    phone = graphene.String(required=True, default_value="")


class AddressInputType(graphene.InputObjectType):
    """Where to send something, or whom to bill."""

    class Meta:
        name = "AddressInput"

    first_name = graphene.String()
    last_name = graphene.String(required=True)
    company = graphene.String()
    line1 = graphene.String(required=True)
    line2 = graphene.String()
    city = graphene.String(required=True)
    region = graphene.String()
    postal_code = graphene.String()
    country = graphene.String(required=True)
    phone = graphene.String()


class CartLineType(graphene.ObjectType):
    """A line of a cart; without a price it cannot be bought, and `problem` says why."""

    class Meta:
        name = "CartLine"

    id = graphene.ID(required=True)
    variant_id = graphene.ID(required=True)
    handle = graphene.String(required=True)
    sku = graphene.String(required=True)
    title = graphene.String(required=True)
    variant_title = graphene.String(required=True)
    options = graphene.List(graphene.NonNull(ChosenOptionType), required=True)
    image_url = graphene.String()
    quantity = graphene.Int(required=True)
    unit_price = graphene.Field(MoneyType)
    total = graphene.Field(MoneyType)
    requires_shipping = graphene.Boolean(required=True)
    problem = graphene.String()

    def resolve_options(root: Any, info: Any) -> list[dict[str, str]]:
        """Write a map as pairs."""
        return [{"name": name, "value": value} for name, value in root["options"].items()]

    def resolve_image_url(root: Any, info: Any) -> str | None:
        """Answer where the picture is."""
        return root["image"]["url"] if root["image"] else None


class ShippingMethodType(graphene.ObjectType):
    """A way to send a cart; the price is of this cart."""

    class Meta:
        name = "ShippingMethod"

    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    description = graphene.String()
    price = graphene.Field(MoneyType)
    free = graphene.Boolean()


class CartType(graphene.ObjectType):
    """A cart at today's prices."""

    class Meta:
        name = "Cart"

    id = graphene.ID(required=True)
    token = graphene.String(description="The secret, as you sent it or, once, as it was made.")
    version = graphene.Int(required=True)
    status = graphene.String(required=True)
    email = graphene.String()
    currency = graphene.String(required=True)
    locale = graphene.String(required=True)
    lines = graphene.List(graphene.NonNull(CartLineType), required=True)
    subtotal = graphene.Field(MoneyType, required=True)
    discount_total = graphene.Field(MoneyType, required=True)
    shipping_total = graphene.Field(MoneyType, required=True)
    tax_total = graphene.Field(MoneyType, required=True)
    tax_included = graphene.Boolean(required=True)
    total = graphene.Field(MoneyType, required=True)
    needs_shipping = graphene.Boolean(required=True)
    shipping_method = graphene.Field(ShippingMethodType)
    shipping_methods = graphene.List(
        graphene.NonNull(ShippingMethodType), required=True, description="The ways to send this cart."
    )
    shipping_address = graphene.Field(AddressType)
    billing_address = graphene.Field(AddressType)

    def resolve_shipping_methods(root: Any, info: Any) -> list[dict[str, Any]]:
        """List the ways to send it."""
        return selectors.shipping_methods(root["_cart"], requested_locale(info.context))
