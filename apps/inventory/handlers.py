"""What the inventory module contributes to product documents, and when."""

from uuid import UUID

from apps.index.public import register_part
from apps.inventory.selectors import index_part, products_at

register_part(
    "inventory",
    index_part,
    events={
        "inventory.updated": lambda payload: [payload["product_id"]],
        "location.updated": lambda payload: products_at(UUID(payload["location_id"])),
    },
)
