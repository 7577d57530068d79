"""GraphQL types over index documents: plain dicts, so that no list costs a query a row.

They are `projected` (rustok/kernel/edges/projection.py): their resolvers look at the document alone.
"""

from __future__ import annotations

from typing import Any

import graphene

from rustok.kernel.edges.graphql import MoneyType, connection_of, encode_node_id

__all__ = ["ContentType", "ProductConnection", "ProductType"]


class OptionType(graphene.ObjectType):
    """Something to choose, and its values."""

    projected = True

    class Meta:
        name = "ProductOption"

    name = graphene.String(required=True)
    values = graphene.List(graphene.NonNull(graphene.String), required=True)


class ChosenOptionType(graphene.ObjectType):
    """What a variant is of one option."""

    projected = True

    class Meta:
        name = "ChosenOption"

    name = graphene.String(required=True)
    value = graphene.String(required=True)


class ImageType(graphene.ObjectType):
    """An image of a product."""

    projected = True

    class Meta:
        name = "ProductImage"

    url = graphene.String(required=True)
    alt = graphene.String(required=True)
    width = graphene.Int()
    height = graphene.Int()
    srcset = graphene.String()


class PriceRangeType(graphene.ObjectType):
    """The cheapest and the dearest variant."""

    projected = True

    class Meta:
        name = "PriceRange"

    min = graphene.Field(MoneyType, required=True)
    max = graphene.Field(MoneyType, required=True)


class ProductCategoryType(graphene.ObjectType):
    """The category that a product is in."""

    projected = True

    class Meta:
        name = "ProductCategory"

    id = graphene.ID(required=True)
    path = graphene.String(required=True)
    name = graphene.String(required=True)

    def resolve_id(root: Any, info: Any) -> str:
        """Answer a Relay node id."""
        return encode_node_id("Category", root["id"])


class ProductCollectionType(graphene.ObjectType):
    """A collection that a product is in."""

    projected = True

    class Meta:
        name = "ProductCollection"

    handle = graphene.String(required=True)
    title = graphene.String(required=True)


class SeoType(graphene.ObjectType):
    """What search engines are told."""

    projected = True

    class Meta:
        name = "Seo"

    title = graphene.String()
    description = graphene.String()


class VariantType(graphene.ObjectType):
    """What is put into a cart."""

    projected = True

    class Meta:
        name = "ProductVariant"

    id = graphene.ID(required=True)
    sku = graphene.String(required=True)
    title = graphene.String(required=True)
    options = graphene.List(graphene.NonNull(ChosenOptionType), required=True)
    price = graphene.Field(MoneyType)
    compare_at = graphene.Field(MoneyType)
    available = graphene.Boolean(required=True)
    inventory_quantity = graphene.Int(description="Null if stock is not counted.")

    def resolve_id(root: Any, info: Any) -> str:
        """Answer a Relay node id."""
        return encode_node_id("Variant", root["id"])

    def resolve_options(root: Any, info: Any) -> list[dict[str, str]]:
        """List what was chosen of every option."""
        return [{"name": name, "value": value} for name, value in root["options"].items()]


class ProductType(graphene.ObjectType):
    """A product as one locale and one currency see it."""

    projected = True

    class Meta:
        name = "Product"

    id = graphene.ID(required=True)
    handle = graphene.String(required=True)
    title = graphene.String(required=True)
    subtitle = graphene.String()
    description = graphene.String(description="Sanitised HTML.")
    status = graphene.String(required=True)
    vendor = graphene.String()
    tags = graphene.List(graphene.NonNull(graphene.String), required=True)
    category = graphene.Field(ProductCategoryType)
    collections = graphene.List(graphene.NonNull(ProductCollectionType), required=True)
    options = graphene.List(graphene.NonNull(OptionType), required=True)
    images = graphene.List(graphene.NonNull(ImageType), required=True)
    price_range = graphene.Field(PriceRangeType, description="Null if nothing has a price in the currency.")
    compare_at = graphene.Field(MoneyType)
    on_sale = graphene.Boolean(required=True)
    in_stock = graphene.Boolean(required=True)
    total_inventory = graphene.Int(required=True)
    variants = graphene.List(graphene.NonNull(VariantType), required=True)
    seo = graphene.Field(SeoType)
    resolved_locale = graphene.String(required=True)
    updated_at = graphene.String()

    def resolve_id(root: Any, info: Any) -> str:
        """Answer a Relay node id."""
        return encode_node_id("Product", root["id"])


ProductConnection = connection_of(ProductType, "Product")


class ContentType(graphene.ObjectType):
    """A page, post or other node that words were found in."""

    projected = True

    class Meta:
        name = "ContentHit"

    id = graphene.ID(required=True)
    kind = graphene.String(required=True)
    title = graphene.String(required=True)
    slug = graphene.String()
    path = graphene.String()
    excerpt = graphene.String()
    published_at = graphene.String()
    resolved_locale = graphene.String(required=True)

    def resolve_id(root: Any, info: Any) -> str:
        """Answer a Relay node id."""
        return encode_node_id("Node", root["id"])
