"""What other modules may use of the checkout."""

from apps.commerce.services import PaymentChoice, complete_cart, settle_payments

__all__ = ["PaymentChoice", "complete_cart", "settle_payments"]
