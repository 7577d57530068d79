"""Placing orders and moving them along; every step locks the order, is written into its timeline and announced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.inventory import public as inventory
from apps.order.events import OrderCancelled, OrderCompleted, OrderPlaced, OrderStatusChanged, PlacedLine
from apps.order.models import Order, OrderLine, OrderTransition
from apps.order.states import ConfirmedOrder, PaidOrder, PendingOrder, ShippedOrder, expect, expect_cancellable
from apps.payment import public as payments
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import NotFound
from rustok.kernel.events import Event, publish_many

__all__ = [
    "LineDraft", "OrderDraft", "apply_outcome", "cancel_order", "capture_order", "confirm_order", "deliver_order",
    "pay_order", "place_order", "ship_order",
]  # fmt: skip

#: The number before the first one.
BEFORE_FIRST = 1000


@dataclass(frozen=True, slots=True)
class LineDraft:
    """What is bought: amounts in minor units, `discount` and `tax` for the whole line."""

    variant_id: UUID
    sku: str
    title: str
    unit_price: int
    quantity: int
    discount: int = 0
    tax: int = 0
    variant_title: str = ""
    options: dict[str, str] = field(default_factory=dict)
    product_handle: str = ""
    image_url: str = ""
    requires_shipping: bool = True

    @property
    def total(self) -> int:
        """What the pieces cost before discounts."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """Everything an order is made of; `total` is what the buyer was shown."""

    order_id: UUID
    email: str
    locale: str
    currency: str
    lines: Sequence[LineDraft]
    total: int
    cart_id: UUID | None = None
    customer_id: UUID | None = None
    shipping_total: int = 0
    shipping_tax: int = 0
    tax_included: bool = False
    shipping_address: dict[str, str] | None = None
    billing_address: dict[str, str] | None = None
    shipping_method_id: UUID | None = None
    shipping_method_name: str = ""


class TotalsDisagree(RuntimeError):
    """The lines do not add up to the total that the buyer was shown: a defect, never a user's mistake."""


@transaction.atomic(savepoint=False)
def place_order(*, actor: Actor, draft: OrderDraft, now: datetime) -> Order:
    """Write a pending order with the next number, and announce it. Whoever checks a cart out may.

    Takes the lock on the number last of all, because every other checkout waits for it.

    :raises TotalsDisagree: if lines, discounts, shipping and tax are not the total
    """
    order = _order(draft, now)
    lines = [_line(order, position, line) for position, line in enumerate(draft.lines, start=1)]
    order.number = _next_number()
    order.save(force_insert=True)
    order.written = OrderLine.objects.bulk_create(lines)
    _log(order, [_step(order, "", order.status, actor, "", now)])
    publish_many([(_placed(order, draft), order)])
    return order


def _order(draft: OrderDraft, now: datetime) -> Order:
    subtotal = sum(line.total for line in draft.lines)
    discount = sum(line.discount for line in draft.lines)
    tax = sum(line.tax for line in draft.lines) + draft.shipping_tax
    total = subtotal - discount + draft.shipping_total + (0 if draft.tax_included else tax)
    if total != draft.total:
        raise TotalsDisagree(f"{total} of the lines, {draft.total} of the cart {draft.cart_id}")
    return Order(
        id=draft.order_id,
        cart_id=draft.cart_id,
        customer_id=draft.customer_id,
        email=draft.email,
        locale=draft.locale,
        currency=draft.currency,
        subtotal=subtotal,
        discount_total=discount,
        shipping_total=draft.shipping_total,
        shipping_tax=draft.shipping_tax,
        tax_total=tax,
        tax_included=draft.tax_included,
        total=total,
        shipping_address=draft.shipping_address,
        billing_address=draft.billing_address,
        shipping_method_id=draft.shipping_method_id,
        shipping_method_name=draft.shipping_method_name,
        placed_at=now,
    )


def _line(order: Order, position: int, line: LineDraft) -> OrderLine:
    return OrderLine(
        order=order,
        position=position,
        variant_id=line.variant_id,
        product_handle=line.product_handle,
        sku=line.sku,
        title=line.title,
        variant_title=line.variant_title,
        options=line.options,
        image_url=line.image_url,
        requires_shipping=line.requires_shipping,
        unit_price=line.unit_price,
        quantity=line.quantity,
        discount=line.discount,
        tax=line.tax,
        total=line.total,
    )


def _next_number() -> str:
    """Take the next number; a transaction that rolls back gives it back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO order_ordernumber AS n (key, last) VALUES ('order', %s)"
            " ON CONFLICT (key) DO UPDATE SET last = n.last + 1 RETURNING last",
            [BEFORE_FIRST + 1],
        )
        return str(cursor.fetchone()[0])


def _placed(order: Order, draft: OrderDraft) -> OrderPlaced:
    return OrderPlaced(
        order_id=order.pk,
        number=order.number,
        customer_id=order.customer_id,
        currency=order.currency,
        total=order.total,
        lines=[PlacedLine(variant_id=line.variant_id, quantity=line.quantity) for line in draft.lines],
    )


# --- moving along -------------------------------------------------------------------------------------------------


@transaction.atomic
def confirm_order(*, actor: Actor, order_id: UUID, now: datetime, note: str = "") -> Order:
    """Accept a pending order.

    :raises IllegalTransition: if it is not pending
    """
    order = _lock(actor, order_id)
    return _walk(order, [lambda: expect(order, PendingOrder).confirm()], actor, note, now)


@transaction.atomic
def pay_order(*, actor: Actor, order_id: UUID, now: datetime, note: str = "") -> Order:
    """Note that the money of a confirmed order came by hand (transfer, cash).

    :raises IllegalTransition: if it is not confirmed
    :raises NotPayable: if its payment is one that a provider takes
    """
    order = _lock(actor, order_id)
    confirmed = expect(order, ConfirmedOrder)
    payments.mark_captured(reference=order.pk, now=now)
    return _walk(order, [confirmed.pay], actor, note, now)


def capture_order(*, actor: Actor, order_id: UUID, now: datetime) -> Order:
    """Take the money that was reserved for a confirmed order; the provider is asked while nothing is locked.

    :raises IllegalTransition: if it is not confirmed, or its money is not reserved
    :raises ProviderSilent: if the provider does not answer
    """
    order = _find(order_id)
    authorize(actor, "orders.update", order)
    expect(order, ConfirmedOrder)
    payment = payments.open_payment(order.pk)
    if payment is None or payment.status != "authorized":
        raise payments.NotPayable("no money is reserved for this order")
    outcome = payments.capture_at_provider(payment)
    return apply_outcome(actor=actor, order_id=order_id, payment_id=payment.pk, outcome=outcome, now=now)


@transaction.atomic
def ship_order(
    *,
    actor: Actor,
    order_id: UUID,
    now: datetime,
    carrier: str = "",
    tracking_number: str = "",
    tracking_url: str = "",
    note: str = "",
) -> Order:
    """Send a paid order; its pieces leave the stock.

    :raises IllegalTransition: if it is not paid
    """
    order = _lock(actor, order_id)
    order.carrier, order.tracking_number, order.tracking_url = carrier, tracking_number, tracking_url
    _walk(order, [lambda: expect(order, PaidOrder).ship()], actor, note, now)
    inventory.commit_reservation(actor=actor, reference=order.pk)
    return order


@transaction.atomic
def deliver_order(*, actor: Actor, order_id: UUID, now: datetime, note: str = "") -> Order:
    """Note that a shipped order arrived.

    :raises IllegalTransition: if it is not shipped
    """
    order = _lock(actor, order_id)
    _walk(order, [lambda: expect(order, ShippedOrder).deliver()], actor, note, now)
    publish_many([(OrderCompleted(order_id=order.pk, number=order.number), order)])
    return order


def cancel_order(*, actor: Actor, order_id: UUID, now: datetime, reason: str = "") -> Order:
    """Give an order up before it is sent: its pieces are for sale again, reserved money is let go.

    Money that was captured stays captured until it is refunded; the timeline says so.

    :raises IllegalTransition: if it is on its way, arrived or cancelled
    :raises PaymentInProgress: if nobody knows yet whether it was charged
    """
    payment = payments.open_payment(order_id)
    with transaction.atomic():
        order = _lock(actor, order_id)
        cancellable = expect_cancellable(order)
        result = payments.cancel_payment(reference=order.pk, now=now)
        owed = result.status == "captured" and result.amount > 0
        note = f"{reason}; the money is to be refunded" if owed else reason
        _walk(order, [lambda: cancellable.cancel(result.status)], actor, note.lstrip("; "), now)
        _give_up(actor, order, reason)
    if payment is not None and payment.status == "authorized":
        payments.void_at_provider(payment)
    return order


@transaction.atomic(savepoint=False)
def apply_outcome(
    *, actor: Actor, order_id: UUID, payment_id: UUID, outcome: payments.Outcome | None, now: datetime
) -> Order:
    """Write down what a payment's provider said (None: nothing), and move its order along; twice is as good as once.

    A payment that is `pending` after its provider answered comes by hand: the order is confirmed and waits for it.
    A payment that failed cancels the order. Whoever the provider's answer comes through may.
    """
    order = _find(order_id, locked=True)
    if outcome is None:
        return order
    status = payments.record_result(payment_id=payment_id, outcome=outcome, now=now)
    is_open = order.status in ("pending", "confirmed")
    if status == "failed" and is_open:
        note = "the payment failed"
        _walk(order, [lambda: expect_cancellable(order).cancel("failed")], actor, note, now)
        _give_up(actor, order, note)
        return order
    steps: list[Callable[[], Any]] = []
    if order.status == "pending":
        steps.append(lambda: expect(order, PendingOrder).confirm())
    if status == "captured" and is_open:
        steps.append(lambda: expect(order, ConfirmedOrder).pay())
    elif status != order.payment_status and status in ("authorized", "captured"):
        steps.append(lambda: _note_money(order, status))
    return _walk(order, steps, actor, "", now)


def _note_money(order: Order, payment_status: str) -> None:
    """Note money that changes nothing about where the order stands: it is reserved, or came after the end."""
    order.payment_status = payment_status


def _give_up(actor: Actor, order: Order, reason: str) -> None:
    inventory.release_reservation(actor=actor, reference=order.pk)
    publish_many([(OrderCancelled(order_id=order.pk, number=order.number, reason=reason[:500]), order)])


def _walk(order: Order, steps: Sequence[Callable[[], Any]], actor: Actor, note: str, now: datetime) -> Order:
    """Take steps one by one, as the database's trigger wants them, then log and announce them together."""
    taken: list[OrderTransition] = []
    for step in steps:
        before = order.status
        step()
        order.save(update_fields=_STEP_FIELDS)
        if order.status != before:
            taken.append(_step(order, before, order.status, actor, note, now))
    _log(order, taken)
    publish_many([(_moved(order, one), order) for one in taken])
    return order


_STEP_FIELDS = (
    "status", "payment_status", "fulfillment_status", "carrier", "tracking_number", "tracking_url", "updated_at",
)  # fmt: skip


def _step(order: Order, before: str, after: str, actor: Actor, note: str, now: datetime) -> OrderTransition:
    label = actor.email or actor.label
    return OrderTransition(
        order=order, from_status=before, to_status=after, actor_id=actor.id, actor_label=label[:254], note=note[:500],
        at=now,
    )  # fmt: skip


def _log(order: Order, steps: list[OrderTransition]) -> None:
    OrderTransition.objects.bulk_create(steps)


def _moved(order: Order, step: OrderTransition) -> Event:
    return OrderStatusChanged(
        order_id=order.pk, number=order.number, from_status=step.from_status, to_status=step.to_status
    )


def _lock(actor: Actor, order_id: UUID) -> Order:
    """Lock an order that the actor may change.

    :raises NotFound: if there is none
    """
    order = _find(order_id, locked=True)
    authorize(actor, "orders.update", order)
    return order


def _find(order_id: UUID, *, locked: bool = False) -> Order:
    rows = Order.objects.because("the caller asks for the right to the one that is found")
    order = (rows.select_for_update() if locked else rows).filter(pk=order_id).first()
    if order is None:
        raise NotFound()
    return order
