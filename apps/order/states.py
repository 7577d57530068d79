"""The flow of an order as types: a state offers its legal transitions and no others.

    Pending → Confirmed → Paid → Shipped → Delivered, and Cancelled from the first three.

`PendingOrder.ship` does not exist, so mypy refuses it; `expect` refuses it at run time; a trigger in the database
refuses it last. The states know the row by a protocol and nothing of Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

from rustok.kernel.errors import Conflict

__all__ = [
    "FLOW", "Cancellable", "CancelledOrder", "ConfirmedOrder", "DeliveredOrder", "IllegalTransition", "OrderRow",
    "PaidOrder", "PendingOrder", "ShippedOrder", "State", "expect", "expect_cancellable", "state_of",
]  # fmt: skip


class IllegalTransition(Conflict):
    """The order's state does not allow this."""

    code = "illegal_transition"


class OrderRow(Protocol):
    """What a state needs of an order."""

    status: str
    payment_status: str
    fulfillment_status: str


@dataclass(frozen=True, slots=True)
class State:
    """An order in one state; a transition changes the row and answers the next state."""

    order: OrderRow
    status: ClassVar[str]


@dataclass(frozen=True, slots=True)
class PendingOrder(State):
    """Placed; nobody has said yet how it will be paid."""

    status = "pending"

    def confirm(self) -> ConfirmedOrder:
        """Accept the order; the money is still to come."""
        self.order.status = ConfirmedOrder.status
        return ConfirmedOrder(self.order)

    def cancel(self, payment_status: str) -> CancelledOrder:
        """Give the order up; `payment_status` tells what became of the money."""
        return _cancel(self.order, payment_status)


@dataclass(frozen=True, slots=True)
class ConfirmedOrder(State):
    """Accepted, not yet paid; the money may be authorised."""

    status = "confirmed"

    def pay(self) -> PaidOrder:
        """Take note that all of the money is here."""
        self.order.status = PaidOrder.status
        self.order.payment_status = "captured"
        return PaidOrder(self.order)

    def cancel(self, payment_status: str) -> CancelledOrder:
        """Give the order up; `payment_status` tells what became of the money."""
        return _cancel(self.order, payment_status)


@dataclass(frozen=True, slots=True)
class PaidOrder(State):
    """Paid, waiting to be packed."""

    status = "paid"

    def ship(self) -> ShippedOrder:
        """Hand the parcel over."""
        self.order.status = ShippedOrder.status
        self.order.fulfillment_status = "fulfilled"
        return ShippedOrder(self.order)

    def cancel(self, payment_status: str) -> CancelledOrder:
        """Give the order up; `payment_status` tells what became of the money."""
        return _cancel(self.order, payment_status)


@dataclass(frozen=True, slots=True)
class ShippedOrder(State):
    """On its way."""

    status = "shipped"

    def deliver(self) -> DeliveredOrder:
        """Take note that it arrived."""
        self.order.status = DeliveredOrder.status
        return DeliveredOrder(self.order)


@dataclass(frozen=True, slots=True)
class DeliveredOrder(State):
    """Arrived: the end."""

    status = "delivered"


@dataclass(frozen=True, slots=True)
class CancelledOrder(State):
    """Given up: the other end."""

    status = "cancelled"


Cancellable = PendingOrder | ConfirmedOrder | PaidOrder

#: status → statuses that may follow; the trigger in the database says the same.
FLOW: dict[str, tuple[str, ...]] = {
    "pending": ("confirmed", "cancelled"),
    "confirmed": ("paid", "cancelled"),
    "paid": ("shipped", "cancelled"),
    "shipped": ("delivered",),
    "delivered": (),
    "cancelled": (),
}

_STATES: dict[str, type[State]] = {
    state.status: state
    for state in (PendingOrder, ConfirmedOrder, PaidOrder, ShippedOrder, DeliveredOrder, CancelledOrder)
}
S = TypeVar("S", bound=State)


def _cancel(order: OrderRow, payment_status: str) -> CancelledOrder:
    order.status = CancelledOrder.status
    order.payment_status = payment_status
    return CancelledOrder(order)


def state_of(order: OrderRow) -> State:
    """Answer an order in the type of its state."""
    return _STATES[order.status](order)


def expect(order: OrderRow, wanted: type[S]) -> S:
    """Answer an order as one in the wanted state.

    :raises IllegalTransition: if it is in another
    """
    state = state_of(order)
    if not isinstance(state, wanted):
        raise IllegalTransition(f"the order is {order.status}; this is for one that is {wanted.status}")
    return state


def expect_cancellable(order: OrderRow) -> Cancellable:
    """Answer an order as one that can still be cancelled.

    :raises IllegalTransition: if it is on its way, arrived or cancelled
    """
    state = state_of(order)
    if not isinstance(state, PendingOrder | ConfirmedOrder | PaidOrder):
        raise IllegalTransition(f"the order is {order.status} and cannot be cancelled")
    return state
