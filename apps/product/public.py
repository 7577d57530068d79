"""What other modules may use of the catalogue."""

from __future__ import annotations

from uuid import UUID

from apps.product.models import Product, Variant
from apps.product.selectors import (
    VariantInfo,
    VariantRef,
    collection_by_handle,
    collection_documents,
    collections,
    find_by_sku,
    find_by_skus,
    products_in_collection,
    products_of_variants,
    seen_variant,
    variants_by_ids,
)
from apps.product.services import (
    ProductRef,
    add_to_collection,
    add_variant,
    create_collection,
    create_product,
    delete_product,
    ensure_collection,
    publish_product,
    ref_of,
    register_publish_check,
    set_collection_products,
    unpublish_product,
    update_collection,
    update_product,
    update_variant,
)
from rustok.kernel.access import Actor

__all__ = [
    "ProductRef", "VariantInfo", "VariantRef", "add_to_collection", "add_variant", "collection_by_handle",
    "collection_documents", "collections", "create_collection", "create_product", "delete_product", "ensure_collection",
    "find_by_handle", "find_by_sku", "find_by_skus", "products_in_collection", "products_of_variants",
    "publish_product", "register_publish_check", "sees_variant", "set_collection_products",
    "unpublish_product", "update_collection", "update_product", "update_variant", "variants_by_ids",
]  # fmt: skip


def find_by_handle(handle: str) -> ProductRef | None:
    """Answer a product with its variants' ids by SKU, whatever its status."""
    product = Product.objects.filter(handle=handle).first()
    return ref_of(product, list(Variant.objects.filter(product=product))) if product else None


def sees_variant(actor: Actor, variant_id: UUID) -> bool:
    """Tell whether there is such a variant, of a product that the actor sees."""
    return seen_variant(actor, variant_id) is not None
