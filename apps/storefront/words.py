"""Refusals in the reader's language; what has no words of its own here is said as the module says it."""

from django.utils.translation import gettext as _

from rustok.kernel.errors import DomainError

__all__ = ["explain", "explain_code"]


def explain(error: DomainError) -> str:
    """Say what the shop refuses, and what to do about it."""
    return explain_code(error.code) or error.detail


def explain_code(code: str) -> str:
    """Say what a code means; nothing for a code that speaks for itself."""
    return {
        "variant_unavailable": _("This is no longer for sale."),
        "line_unavailable": _("Something in your cart is no longer for sale. Take it out to go on."),
        "no_price": _("This has no price in the chosen currency."),
        "quantity_too_large": _("One line holds at most 9,999 pieces."),
        "cart_full": _("A cart holds at most 100 different things."),
        "cart_completed": _("This cart has become an order already."),
        "empty_cart": _("Your cart is empty."),
        "insufficient_stock": _("There is not enough left. Lower the quantity to go on."),
        "shipping_method_not_offered": _("This delivery is not offered for your address. Choose another."),
        "shipping_method_required": _("Choose how the order is sent."),
        "payment_declined": _("The payment was declined. Nothing was charged; try another way to pay."),
        "unknown_payment_token": _("This way to pay is not offered here."),
        "invalid_link": _("This link is not good any more: it was used, or it is too old. Ask for a new one."),
        "wrong_code": _("The code is wrong, or was used before."),
        "too_many_attempts": _("Too many attempts failed. Wait a moment, then try again."),
        "wrong_password": _("The current password is wrong."),
        "same_email": _("This is your address already."),
        "email_taken": _("There is an account with this email address already."),
        "precondition_failed": _("This changed in another window. Look at it again, then go on."),
        "topic_locked": _("This topic is closed."),
        "invalid_body": _("Write something, up to 5,000 characters."),
        "forbidden": _("You may not do this."),
        "unauthenticated": _("Log in first."),
        "rate_limited": _("Too many requests. Wait a moment, then try again."),
    }.get(code, "")
