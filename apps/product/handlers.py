"""What this module contributes to product documents, and when."""

from uuid import UUID

from apps.index.public import register_part
from apps.product.documents import product_parts
from apps.product.models import Product
from apps.product.selectors import products_in_category, products_in_collection, products_showing

register_part(
    "product",
    product_parts,
    events={
        **dict.fromkeys(
            ("product.created", "product.updated", "product.published", "product.unpublished", "product.deleted"),
            lambda payload: [payload["product_id"]],
        ),
        "collection.updated": lambda payload: products_in_collection(UUID(payload["collection_id"])),
        "collection.products_changed": lambda payload: payload["product_ids"],
        "category.updated": lambda payload: products_in_category(payload["path"]),
        "media.updated": lambda payload: products_showing(UUID(payload["asset_id"])),
    },
    rows=Product.objects.all,
)
