"""What other modules may use of orders."""

from apps.order.models import Order
from apps.order.outputs import OrderOutput
from apps.order.selectors import find_order, list_orders, order_by_token, order_document, own_orders
from apps.order.services import (
    LineDraft,
    OrderDraft,
    apply_outcome,
    cancel_order,
    capture_order,
    confirm_order,
    deliver_order,
    pay_order,
    place_order,
    ship_order,
)
from apps.order.states import IllegalTransition
from apps.order.types import OrderType

__all__ = [
    "IllegalTransition", "LineDraft", "Order", "OrderDraft", "OrderOutput", "OrderType", "apply_outcome",
    "cancel_order", "capture_order", "confirm_order", "deliver_order", "find_order", "list_orders", "order_by_token",
    "order_document", "own_orders", "pay_order", "place_order", "ship_order",
]  # fmt: skip
