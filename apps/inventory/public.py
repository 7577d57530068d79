"""What other modules may use of stock."""

from apps.inventory.models import Location
from apps.inventory.selectors import UNLIMITED, Stock, available, check_lines, default_location, stock_of
from apps.inventory.services import (
    OutOfStock,
    adjust_stock,
    commit_reservation,
    count_stock,
    create_location,
    ensure_default_location,
    release_reservation,
    reserve,
    set_policy,
    set_stock,
)

__all__ = [
    "UNLIMITED", "Location", "OutOfStock", "Stock", "adjust_stock", "available", "check_lines", "commit_reservation",
    "count_stock", "create_location", "default_location", "ensure_default_location", "release_reservation", "reserve",
    "set_policy", "set_stock", "stock_of",
]  # fmt: skip
