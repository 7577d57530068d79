"""GraphQL: a cart and its edits."""

from __future__ import annotations

from typing import Any

import graphene

from apps.cart import inputs, selectors, services
from apps.cart.models import Cart
from apps.cart.types import AddressInputType, CartType
from rustok.kernel.access import PUBLIC, Actor
from rustok.kernel.edges.graphql import Field, Mutation, decode_node_id
from rustok.kernel.edges.rest import offered_currency, requested_locale
from rustok.kernel.errors import NotFound
from rustok.kernel.ids import parse_id

__all__ = ["Mutations", "Query"]


class Query(graphene.ObjectType):
    """A cart."""

    cart = Field(
        CartType,
        permission=PUBLIC,
        id=graphene.ID(required=True),
        token=graphene.String(),
        description="The cart that the token opens, or that is yours; null if there is none.",
    )

    def resolve_cart(root: Any, info: Any, id: str, token: str = "") -> Any:
        """Answer a cart at today's prices."""
        key = parse_id(decode_node_id("Cart", id))
        try:
            cart = selectors.find_cart(actor=info.context.actor, cart_id=key, token=token) if key else None
        except NotFound:
            return None
        return _document(info, cart, token) if cart else None


def _document(info: Any, cart: Cart, token: str) -> dict[str, Any]:
    return {**selectors.cart_document(cart, token=token, locale=requested_locale(info.context)), "_cart": cart}


class CartLineInputType(graphene.InputObjectType):
    """So many pieces of one variant."""

    class Meta:
        name = "CartLineInput"

    variant_id = graphene.ID(required=True)
    quantity = graphene.Int(default_value=1)


class CartLineQuantityInputType(graphene.InputObjectType):
    """How many of one line."""

    class Meta:
        name = "CartLineQuantityInput"

    line_id = graphene.ID(required=True)
    quantity = graphene.Int(required=True)


def _wishes(lines: Any) -> list[services.Wish]:
    """Read lines; a variant may be named by its node id."""
    plain = [{**line, "variant_id": decode_node_id("Variant", line["variant_id"])} for line in lines]
    clean = inputs.AddLinesInput.parse({"lines": plain})["lines"] if plain else []
    return [services.Wish(**line) for line in clean]


def _which(data: dict[str, Any]) -> dict[str, Any]:
    """Take what says which cart is meant out of an input."""
    key = parse_id(decode_node_id("Cart", data.pop("cart_id")))
    if key is None:
        raise NotFound()
    return {"cart_id": key, "token": data.pop("token", None) or "", "expected_version": data.pop("version", None)}


class CartCreate(Mutation):
    """Open a cart; the answer holds its secret token, this once."""

    permission = PUBLIC
    cart = graphene.Field(CartType)

    class Input:
        currency = graphene.String()
        locale = graphene.String()
        email = graphene.String()
        lines = graphene.List(graphene.NonNull(CartLineInputType))

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Create."""
        lines = _wishes(data.pop("lines", None) or [])
        clean = inputs.CreateCartInput.parse(data)
        cart, token = services.create_cart(
            actor=actor,
            currency=offered_currency(clean.get("currency")),
            locale=clean.get("locale") or requested_locale(info.context),
            email=clean.get("email", ""),
            lines=lines,
        )
        return {"cart": _document(info, cart, token)}


class CartLinesAdd(Mutation):
    """Put pieces into a cart; the same variant again adds to its line."""

    permission = PUBLIC
    cart = graphene.Field(CartType)

    class Input:
        cart_id = graphene.ID(required=True)
        token = graphene.String()
        version = graphene.Int()
        lines = graphene.List(graphene.NonNull(CartLineInputType), required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Add."""
        which = _which(data)
        locale = requested_locale(info.context)
        cart = services.add_lines(actor=actor, **which, lines=_wishes(data["lines"]), locale=locale)
        return {"cart": _document(info, cart, which["token"])}


class CartLinesUpdate(Mutation):
    """Set how many pieces lines hold."""

    permission = PUBLIC
    cart = graphene.Field(CartType)

    class Input:
        cart_id = graphene.ID(required=True)
        token = graphene.String()
        version = graphene.Int()
        lines = graphene.List(graphene.NonNull(CartLineQuantityInputType), required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Set."""
        which = _which(data)
        lines = inputs.UpdateLinesInput.parse(data)["lines"]
        quantities = {line["line_id"]: line["quantity"] for line in lines}
        cart = services.set_quantities(actor=actor, **which, quantities=quantities)
        return {"cart": _document(info, cart, which["token"])}


class CartLinesRemove(Mutation):
    """Take lines out of a cart."""

    permission = PUBLIC
    cart = graphene.Field(CartType)

    class Input:
        cart_id = graphene.ID(required=True)
        token = graphene.String()
        version = graphene.Int()
        line_ids = graphene.List(graphene.NonNull(graphene.ID), required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Remove."""
        which = _which(data)
        cart = services.remove_lines(actor=actor, **which, **inputs.RemoveLinesInput.parse(data))
        return {"cart": _document(info, cart, which["token"])}


class CartUpdate(Mutation):
    """Set e-mail address, addresses and shipping method; what is left out stays, null takes it back."""

    permission = PUBLIC
    cart = graphene.Field(CartType)

    class Input:
        cart_id = graphene.ID(required=True)
        token = graphene.String()
        version = graphene.Int()
        email = graphene.String()
        shipping_address = AddressInputType()
        billing_address = AddressInputType()
        shipping_method_id = graphene.ID()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Update."""
        which = _which(data)
        clean = inputs.UpdateCartInput.parse(data)
        cart = services.update_cart(actor=actor, **which, locale=requested_locale(info.context), **clean)
        return {"cart": _document(info, cart, which["token"])}


class Mutations(graphene.ObjectType):
    """The cart's mutations."""

    cart_create = CartCreate.Field()
    cart_lines_add = CartLinesAdd.Field()
    cart_lines_update = CartLinesUpdate.Field()
    cart_lines_remove = CartLinesRemove.Field()
    cart_update = CartUpdate.Field()
