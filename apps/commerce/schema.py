"""GraphQL: completing a cart."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from apps.commerce import inputs, services
from apps.order.public import OrderType
from rustok.kernel.access import PUBLIC, Actor
from rustok.kernel.edges.graphql import Mutation, decode_node_id
from rustok.kernel.edges.limits import limit
from rustok.kernel.errors import NotFound
from rustok.kernel.ids import parse_id

__all__ = ["Mutations"]


class PaymentInputType(graphene.InputObjectType):
    """Who takes the money, and the token that stands for it there."""

    class Meta:
        name = "PaymentInput"

    provider = graphene.String(required=True)
    token = graphene.String()


class CartComplete(Mutation):
    """Turn a cart into an order and have it paid; the same key again answers the same."""

    permission = PUBLIC
    order = graphene.Field(OrderType)

    class Input:
        cart_id = graphene.ID(required=True)
        token = graphene.String()
        idempotency_key = graphene.String(required=True)
        payment = PaymentInputType(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Complete."""
        limit(info.context, "checkout")
        key = parse_id(decode_node_id("Cart", data["cart_id"]))
        if key is None:
            raise NotFound()
        choice = inputs.CompleteInput.parse({"payment": data["payment"]})["payment"]
        order = services.complete_cart(
            actor=actor,
            cart_id=key,
            token=data.get("token") or "",
            payment=services.PaymentChoice(**choice),
            idempotency_key=data["idempotency_key"],
            now=timezone.now(),
        )
        return {"order": order}


class Mutations(graphene.ObjectType):
    """The checkout's mutation."""

    cart_complete = CartComplete.Field()
