"""Completing a cart: everything local in one transaction, then the provider without a lock, then what it said.

    tx 1   lock the cart · read the key · check · reserve stock · order `pending` · payment `pending` · key · events
    —      ask the payment provider, with the payment's id as its idempotency key
    tx 2   payment and order move along · the answer is kept under the key

Whatever is interrupted between the two, by a crash or a provider that fell silent, is finished by the same request
sent again, by `settle_payments`, or by the provider's notification: all of them end in tx 2, which is done once.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from apps.cart import public as carts
from apps.commerce.models import IdempotencyKey
from apps.inventory import public as inventory
from apps.order import public as orders
from apps.payment import public as payments
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict, IdempotencyMismatch, Invalid, NotFound
from rustok.kernel.ids import new_id

__all__ = ["PaymentChoice", "complete_cart", "receive_notice", "settle_payments"]

log = logging.getLogger(__name__)

#: How long a request may take until somebody else finishes what it began.
SETTLE_AFTER = timedelta(seconds=30)
CHECKOUT = Actor.system("checkout")


class KeyRequired(Invalid):
    """Send an Idempotency-Key header of 1 to 255 characters, a new one for every new attempt."""

    code = "idempotency_key_required"


class PaymentDeclined(Conflict):
    """The payment was declined; nothing was bought, and the cart is open again."""

    code = "payment_declined"


@dataclass(frozen=True, slots=True)
class PaymentChoice:
    """Who takes the money, and the token that stands for it there."""

    provider: str
    token: str = ""

    def digest(self) -> str:
        """Answer what tells one request from another."""
        return hashlib.sha256(f"{self.provider}\n{self.token}".encode()).hexdigest()


def complete_cart(
    *,
    actor: Actor,
    cart_id: UUID | None,
    token: str,
    payment: PaymentChoice,
    idempotency_key: str,
    now: datetime,
) -> dict[str, Any]:
    """Turn a cart into an order and have it paid; answer the order's document. The same key answers the same again.

    Not to be called inside a transaction: the payment provider is asked between two of its own.

    :raises KeyRequired: without a key
    :raises IdempotencyMismatch: if the key came with another request
    :raises CartCompleted: if the cart is an order already
    :raises OutOfStock: if somebody was faster
    :raises PaymentDeclined: if the provider refuses; the cart is open again
    """
    key = _check_key(idempotency_key)
    payments.check_payment(provider=payment.provider, token=payment.token)
    attempt, charge, order = _begin(actor, cart_id, token, payment, key, now)
    if charge is not None:
        attempt = _finish(actor, attempt, payments.ask_provider(charge), now, placed=order)
    return _answer(attempt)


def _check_key(key: str) -> str:
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise KeyRequired()
    return key


def _answer(attempt: IdempotencyKey) -> dict[str, Any]:
    if attempt.status != 201:
        raise PaymentDeclined()
    document: dict[str, Any] = orjson.loads(attempt.response or "{}")
    return document


# --- the first transaction ----------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def _begin(
    actor: Actor, cart_id: UUID | None, token: str, payment: PaymentChoice, key: str, now: datetime
) -> tuple[IdempotencyKey, payments.Payment | None, orders.Order | None]:
    """Answer the attempt of this key, a new one with all that it reserves or the one there is, and what to charge.

    A new one comes with the order that was placed.
    """
    cart = carts.lock_cart(actor=actor, cart_id=cart_id, token=token)
    known = IdempotencyKey.objects.filter(cart_id=cart.pk, key=key).first()
    if known is not None:
        if known.request_hash != payment.digest():
            raise IdempotencyMismatch()
        return known, payments.find_payment(known.payment_id) if known.status is None else None, None
    view = carts.check_out(cart)
    order_id = new_id()
    wanted = [(line.variant_id, line.quantity) for line in view.lines]
    inventory.reserve(actor=CHECKOUT, reference=order_id, lines=wanted)
    order = orders.place_order(actor=actor, draft=_draft(actor, order_id, view), now=now)
    charge = payments.start_payment(
        reference=order.pk, provider=payment.provider, token=payment.token, amount=order.total, currency=order.currency
    )
    carts.mark_completed(cart)
    attempt = IdempotencyKey.objects.create(
        cart_id=cart.pk, key=key, request_hash=payment.digest(), order_id=order.pk, payment_id=charge.pk
    )
    return attempt, charge, order


def _draft(actor: Actor, order_id: UUID, view: carts.CartView) -> orders.OrderDraft:
    cart, quote = view.cart, view.quote
    buyer = actor.id if actor.kind == "user" else None
    return orders.OrderDraft(
        order_id=order_id,
        cart_id=cart.pk,
        customer_id=cart.customer_id or buyer,
        email=cart.email,
        locale=cart.locale,
        currency=cart.currency,
        lines=_lines(view),
        total=quote.total,
        shipping_total=quote.shipping_total,
        shipping_tax=quote.shipping_tax,
        tax_included=quote.tax_included,
        shipping_address=cart.shipping_address,
        billing_address=cart.billing_address or cart.shipping_address,
        shipping_method_id=view.offer.method_id if view.offer else None,
        shipping_method_name=view.offer.name if view.offer else "",
    )


def _lines(view: carts.CartView) -> Sequence[orders.LineDraft]:
    quote = view.quote
    return [
        _line(line, discount, tax)
        for line, discount, tax in zip(view.lines, quote.line_discounts, quote.line_taxes, strict=True)
    ]


def _line(line: carts.LineView, discount: int, tax: int) -> orders.LineDraft:
    variant = line.variant
    assert variant is not None  # check_out refuses a line without one
    return orders.LineDraft(
        variant_id=line.variant_id,
        sku=variant.sku,
        title=variant.title,
        variant_title=variant.variant_title,
        options=dict(variant.options),
        product_handle=variant.product_handle,
        image_url=variant.image_url or "",
        requires_shipping=variant.requires_shipping,
        unit_price=line.unit_price,
        quantity=line.quantity,
        discount=discount,
        tax=tax,
    )


# --- the second transaction ---------------------------------------------------------------------------------------


@transaction.atomic
def _finish(
    actor: Actor,
    attempt: IdempotencyKey,
    outcome: payments.Outcome | None,
    now: datetime,
    *,
    placed: orders.Order | None = None,
) -> IdempotencyKey:
    """Move payment and order along, and keep the answer; whoever comes second finds the first one's.

    Locks as everything does: cart, order, payment, stock.
    """
    failed = outcome is not None and outcome.status == "failed"
    cart = carts.lock_cart(actor=CHECKOUT, cart_id=attempt.cart_id, token="") if failed else None
    order = orders.apply_outcome(
        actor=actor, order_id=attempt.order_id, payment_id=attempt.payment_id, outcome=outcome, now=now
    )
    if cart is not None and order.status == "cancelled" and cart.status == "completed":
        carts.reopen(cart)
    attempt.status = 409 if order.status == "cancelled" else 201
    attempt.response = orjson.dumps(orders.order_document(order, placed.written if placed else None)).decode()
    unanswered = IdempotencyKey.objects.filter(pk=attempt.pk, status=None)
    if not unanswered.update(status=attempt.status, response=attempt.response, updated_at=now):
        attempt.refresh_from_db()
    return attempt


# --- finishing what was interrupted -------------------------------------------------------------------------------


def settle_payments(*, now: datetime, limit: int = 100) -> int:
    """Find out what became of payments whose provider never answered, or whose request died; answer how many moved.

    Safe to run at any time and twice at once: the provider charges once a key, and an order moves along once.
    """
    settled = 0
    for payment in payments.unsettled_payments(before=now - SETTLE_AFTER, limit=limit):
        try:
            settled += _settle(payment.pk, payments.settle_at_provider(payment), now)
        except Exception:  # one payment that fails holds back no other; it is logged, and tried again next time
            log.exception("payment_not_settled", extra={"payment": str(payment.pk)})
    return settled


def _settle(payment_id: UUID, outcome: payments.Outcome | None, now: datetime) -> bool:
    attempt = IdempotencyKey.objects.filter(payment_id=payment_id).first()
    if attempt is None or outcome is None:
        return False
    _finish(Actor.system("settlement"), attempt, outcome, now)
    return True


@transaction.atomic
def receive_notice(*, provider: str, event_id: str, payment_id: UUID, outcome: payments.Outcome, now: datetime) -> bool:
    """Act on a provider's notification, whose signature the edge has checked; False if it came before.

    :raises NotFound: if there is no such payment of that provider
    """
    payment = payments.find_payment(payment_id)
    attempt = IdempotencyKey.objects.filter(payment_id=payment_id).first()
    if payment is None or payment.provider != provider or attempt is None:
        raise NotFound()
    if not payments.note_once(provider=provider, event_id=event_id):
        return False
    _finish(Actor.system(f"notice of {provider}"), attempt, outcome, now)
    return True
