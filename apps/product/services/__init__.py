"""Writing the catalogue."""

from apps.product.services.aggregate import BadHandle, HandleTaken, NoSuchProduct, SameChoice, SkuTaken
from apps.product.services.collections import (
    add_to_collection,
    create_collection,
    delete_collection,
    ensure_collection,
    remove_from_collection,
    set_collection_products,
    update_collection,
)
from apps.product.services.images import add_image, remove_image
from apps.product.services.options import BadOptions, TooMany
from apps.product.services.products import ProductRef, create_product, delete_product, ref_of, update_product
from apps.product.services.publishing import (
    ProductNotReady,
    publish_product,
    register_publish_check,
    unpublish_product,
)
from apps.product.services.structure import OptionInUse
from apps.product.services.variants import LastVariant, NoSuchVariant, add_variant, delete_variant, update_variant
from apps.product.services.words import NeedsTitle

__all__ = [
    "BadHandle", "BadOptions", "HandleTaken", "LastVariant", "NeedsTitle", "NoSuchProduct", "NoSuchVariant",
    "OptionInUse", "ProductNotReady", "ProductRef", "SameChoice", "SkuTaken", "TooMany", "add_image",
    "add_to_collection", "add_variant", "create_collection", "create_product", "delete_collection", "delete_product",
    "delete_variant", "ensure_collection", "publish_product", "ref_of", "register_publish_check",
    "remove_from_collection", "remove_image", "set_collection_products", "unpublish_product", "update_collection",
    "update_product", "update_variant",
]  # fmt: skip
