"""The catalogue of one tenant: products, variants, collections."""

from apps.product.models.collections import Collection, CollectionItem, CollectionTranslation, ProductLink
from apps.product.models.products import Product, ProductTag, ProductTranslation
from apps.product.models.variants import (
    MAX_IMAGES,
    MAX_OPTIONS,
    MAX_VALUES,
    MAX_VARIANTS,
    Option,
    OptionTranslation,
    OptionValue,
    OptionValueTranslation,
    ProductImage,
    Variant,
    VariantValue,
    combination_of,
)

__all__ = [
    "MAX_IMAGES", "MAX_OPTIONS", "MAX_VALUES", "MAX_VARIANTS", "Collection", "CollectionItem", "CollectionTranslation",
    "Option", "OptionTranslation", "OptionValue", "OptionValueTranslation", "Product", "ProductImage", "ProductLink",
    "ProductTag", "ProductTranslation", "Variant", "VariantValue", "combination_of",
]  # fmt: skip
