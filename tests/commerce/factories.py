"""Carts that are ready to be bought."""

from django.utils import timezone

from apps.commerce.public import PaymentChoice, complete_cart
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.ids import new_id

OK, DECLINED, TIMEOUT = (PaymentChoice("test", f"tok_{word}") for word in ("ok", "declined", "timeout"))
MANUAL = PaymentChoice("manual")


def complete(cart, token, payment=OK, key=None, actor=ANONYMOUS):
    return complete_cart(
        actor=actor, cart_id=cart.pk, token=token, payment=payment, idempotency_key=key or str(new_id()),
        now=timezone.now(),
    )  # fmt: skip
