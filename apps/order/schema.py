"""GraphQL: orders, and moving them along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import graphene
from django.utils import timezone

from apps.order import inputs, selectors, services
from apps.order.models import Order
from apps.order.types import OrderConnection, OrderType
from rustok.kernel.access import Actor
from rustok.kernel.edges.graphql import Field, Mutation, as_connection, page_request
from rustok.kernel.errors import NotFound

__all__ = ["Mutations", "Query"]


class Query(graphene.ObjectType):
    """Orders."""

    orders = Field(
        OrderConnection,
        permission="orders.list",
        required=True,
        first=graphene.Int(),
        after=graphene.String(),
        status=graphene.String(),
        description="The orders that you may see, newest first: all of them for staff, your own otherwise.",
    )
    order = Field(OrderType, permission="orders.read", number=graphene.String(required=True))

    def resolve_orders(
        root: Any, info: Any, first: int | None = None, after: str | None = None, status: str = ""
    ) -> dict[str, Any]:
        """List orders."""
        page = selectors.list_orders(actor=info.context.actor, page=page_request(first, after), status=status)
        return as_connection(page, selectors.order_document)

    def resolve_order(root: Any, info: Any, number: str) -> dict[str, Any] | None:
        """Answer an order; null if there is none that you may see."""
        try:
            return selectors.order_document(selectors.find_order(actor=info.context.actor, number=number))
        except NotFound:
            return None


def _id(actor: Actor, data: dict[str, Any]) -> UUID:
    return selectors.find_order(actor=actor, number=data.pop("number")).pk


def _payload(order: Order) -> dict[str, Any]:
    return {"order": selectors.order_document(order)}


class OrderConfirm(Mutation):
    """Accept a pending order."""

    permission = "orders.update"
    order = graphene.Field(OrderType)

    class Input:
        number = graphene.String(required=True)
        note = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Confirm."""
        key, clean = _id(actor, data), inputs.StepInput.parse(data)
        return _payload(services.confirm_order(actor=actor, order_id=key, now=timezone.now(), **clean))


class OrderPay(Mutation):
    """Note that the money of a confirmed order came by hand."""

    permission = "orders.update"
    order = graphene.Field(OrderType)

    class Input:
        number = graphene.String(required=True)
        note = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Pay."""
        key, clean = _id(actor, data), inputs.StepInput.parse(data)
        return _payload(services.pay_order(actor=actor, order_id=key, now=timezone.now(), **clean))


class OrderCapture(Mutation):
    """Take the money that was reserved for a confirmed order."""

    permission = "orders.update"
    order = graphene.Field(OrderType)

    class Input:
        number = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Capture."""
        return _payload(services.capture_order(actor=actor, order_id=_id(actor, data), now=timezone.now()))


class OrderShip(Mutation):
    """Send a paid order."""

    permission = "orders.update"
    order = graphene.Field(OrderType)

    class Input:
        number = graphene.String(required=True)
        carrier = graphene.String()
        tracking_number = graphene.String()
        tracking_url = graphene.String()
        note = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Ship."""
        key, clean = _id(actor, data), inputs.ShipInput.parse(data)
        return _payload(services.ship_order(actor=actor, order_id=key, now=timezone.now(), **clean))


class OrderDeliver(Mutation):
    """Note that a shipped order arrived."""

    permission = "orders.update"
    order = graphene.Field(OrderType)

    class Input:
        number = graphene.String(required=True)
        note = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Deliver."""
        key, clean = _id(actor, data), inputs.StepInput.parse(data)
        return _payload(services.deliver_order(actor=actor, order_id=key, now=timezone.now(), **clean))


class OrderCancel(Mutation):
    """Give an order up before it is sent."""

    permission = "orders.update"
    order = graphene.Field(OrderType)

    class Input:
        number = graphene.String(required=True)
        reason = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Cancel."""
        key, clean = _id(actor, data), inputs.CancelInput.parse(data)
        return _payload(services.cancel_order(actor=actor, order_id=key, now=timezone.now(), **clean))


class Mutations(graphene.ObjectType):
    """The mutations of orders."""

    order_confirm = OrderConfirm.Field()
    order_pay = OrderPay.Field()
    order_capture = OrderCapture.Field()
    order_ship = OrderShip.Field()
    order_deliver = OrderDeliver.Field()
    order_cancel = OrderCancel.Field()
