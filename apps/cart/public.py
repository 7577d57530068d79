"""What other modules may use of carts; edges of other modules parse what they are sent with the same inputs."""

from apps.cart.inputs import AddLinesInput, AddressInput, CreateCartInput, QuantityInput, UpdateCartInput
from apps.cart.models import MAX_LINES, Cart
from apps.cart.quotes import Quote, make_quote
from apps.cart.selectors import CartView, LineView, cart_by_token, cart_document, find_cart, shipping_methods, view_cart
from apps.cart.services import (
    CartCompleted,
    Wish,
    add_lines,
    check_out,
    create_cart,
    lock_cart,
    mark_completed,
    remove_lines,
    reopen,
    set_quantities,
    update_cart,
)
from apps.cart.types import AddressType

__all__ = [
    "MAX_LINES", "AddLinesInput", "AddressInput", "AddressType", "Cart", "CartCompleted", "CartView",
    "CreateCartInput", "LineView", "QuantityInput", "Quote", "UpdateCartInput", "Wish",
    "add_lines", "cart_by_token", "cart_document", "check_out", "create_cart", "find_cart", "lock_cart", "make_quote",
    "mark_completed", "remove_lines", "reopen", "set_quantities", "shipping_methods", "update_cart", "view_cart",
]  # fmt: skip
