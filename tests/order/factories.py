"""Orders for tests."""

from django.utils import timezone

from apps.inventory.public import reserve
from apps.order.public import LineDraft, OrderDraft, confirm_order, pay_order, place_order
from apps.payment.public import ask_provider, record_result, start_payment
from rustok.kernel.access import Actor
from rustok.kernel.ids import new_id
from tests.cart.factories import ADDRESS, make_variant

SYSTEM = Actor.system("tests")


def draft(*lines, **fields):
    """Describe an order of one tent, unless told otherwise."""
    lines = lines or (LineDraft(variant_id=make_variant(f"tent-{new_id().hex[-8:]}"), sku="tent", title="Tent",
                                unit_price=1999, quantity=1),)  # fmt: skip
    total = sum(line.total - line.discount for line in lines)
    values = {
        "order_id": new_id(), "email": "ann@example.com", "locale": "en", "currency": "USD", "lines": lines,
        "total": total, "shipping_address": ADDRESS,
    }  # fmt: skip
    return OrderDraft(**(values | fields))


def make_order(status="pending", *, provider="manual", token="", actor=SYSTEM, **fields):
    """Place an order and walk it to `pending`, `confirmed` or `paid`."""
    what = draft(**fields)
    reserve(actor=SYSTEM, reference=what.order_id, lines=[(line.variant_id, line.quantity) for line in what.lines])
    order = place_order(actor=actor, draft=what, now=timezone.now())
    payment = start_payment(
        reference=order.pk, provider=provider, token=token, amount=order.total, currency=order.currency
    )
    if status != "pending":
        record_result(payment_id=payment.pk, outcome=ask_provider(payment), now=timezone.now())
        order = confirm_order(actor=SYSTEM, order_id=order.pk, now=timezone.now())
    if status == "paid":
        order = pay_order(actor=SYSTEM, order_id=order.pk, now=timezone.now())
    return order
