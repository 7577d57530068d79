"""What other modules may use of shipping."""

from apps.shipping.selectors import NotOffered, Offer, find_offer, methods_for
from apps.shipping.services import save_shipping_method

__all__ = ["NotOffered", "Offer", "find_offer", "methods_for", "save_shipping_method"]
