"""The use cases of stock, one file each for what is counted and where it lies."""

from apps.inventory.services.locations import (
    LocationInUse,
    NoSuchLocation,
    create_location,
    delete_location,
    ensure_default_location,
    update_location,
)
from apps.inventory.services.stock import (
    NoSuchVariant,
    NotEnoughOnHand,
    OutOfStock,
    adjust_stock,
    commit_reservation,
    count_stock,
    release_reservation,
    reserve,
    set_policy,
    set_stock,
)

__all__ = [
    "LocationInUse", "NoSuchLocation", "NoSuchVariant", "NotEnoughOnHand", "OutOfStock", "adjust_stock",
    "commit_reservation", "count_stock", "create_location", "delete_location", "ensure_default_location",
    "release_reservation", "reserve", "set_policy", "set_stock", "update_location",
]  # fmt: skip
