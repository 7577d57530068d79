"""Locations, categories, collections and products with their prices and stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.inventory import public as inventory
from apps.pricing import public as pricing
from apps.product import public as catalogue
from apps.taxonomy import public as taxonomy
from rustok.demo.pictures import Studio
from rustok.demo.records import Heading, Option, Product, Shop, Variant
from rustok.demo.tenants import DEMO
from rustok.kernel.money import Money


def missing_products(shop: Shop) -> list[Product]:
    """List the products that are not there yet; a product is written whole, with prices and stock, or not at all."""
    first = {product.variants[0].sku: product for product in shop.products}
    standing = catalogue.find_by_skus(first)
    return [product for sku, product in first.items() if sku not in standing]


def ensure_locations(shop: Shop) -> dict[str, UUID]:
    """Make the places that hold stock; the first one is the default. Answer their ids by code."""
    standing = dict(inventory.Location.objects.values_list("name", "pk"))
    return {
        row.code: standing.get(row.name) or inventory.create_location(actor=DEMO, name=row.name).pk
        for row in shop.locations
    }


def ensure_categories(shop: Shop) -> dict[str, UUID]:
    """Grow the tree, parents first; answer the ids by handle."""
    paths = paths_of(shop.categories)
    standing = dict(taxonomy.categories().values_list("path", "pk"))
    ids: dict[str, UUID] = {}
    for row in shop.categories:
        ids[row.handle] = (
            standing.get(paths[row.handle])
            or taxonomy.create_category(
                actor=DEMO,
                slug=row.handle,
                parent_id=ids[row.parent] if row.parent else None,
                translations={
                    locale: {"name": name, "description": row.description[locale]} for locale, name in row.name.items()
                },
            ).pk
        )
    return ids


def variant_ids(shop: Shop) -> dict[str, UUID]:
    """Answer the variants' ids by SKU."""
    skus = [variant.sku for product in shop.products for variant in product.variants]
    return {sku: ref.id for sku, ref in catalogue.find_by_skus(skus).items()}


def paths_of(categories: Sequence[Heading]) -> dict[str, str]:
    """Answer where each category stands in the tree."""
    paths: dict[str, str] = {}
    for row in categories:
        paths[row.handle] = f"{paths[row.parent]}/{row.handle}" if row.parent else row.handle
    return paths


def ensure_collections(shop: Shop) -> None:
    """Make the collections and fill those that are empty, in the order of the catalogue."""
    handles = {product.handle: product.variants[0].sku for product in shop.products}
    refs = catalogue.find_by_skus(handles.values())
    for row in shop.collections:
        words = {locale: {"title": title, "description": row.description[locale]} for locale, title in row.name.items()}
        key = catalogue.ensure_collection(actor=DEMO, handle=row.handle, translations=words)
        if not catalogue.products_in_collection(key):
            chosen = [refs[handles[one.handle]].product_id for one in shop.products if row.handle in one.collections]
            catalogue.set_collection_products(actor=DEMO, collection_id=key, products=chosen)


@transaction.atomic
def put_on_shelf(
    product: Product,
    *,
    shop: Shop,
    studio: Studio,
    categories: Mapping[str, UUID],
    locations: Mapping[str, UUID],
    now: datetime,
) -> None:
    """Write a product with its images, prices and stock."""
    default = shop.site.locales[0]
    shown = {image.value: studio[image.picture] for image in product.images if image.value}
    ref = catalogue.create_product(
        actor=DEMO,
        now=now - timedelta(days=90 - shop.products.index(product)),
        handle=product.handle,
        status=product.status,
        vendor=product.vendor,
        category_id=categories[product.category],
        tags=product.tags,
        translations={
            locale: {
                "title": title,
                "subtitle": product.subtitle[locale],
                "description": f"<p>{product.description[locale]}</p>",
            }
            for locale, title in product.title.items()
        },
        options=[_option(option, default) for option in product.options],
        variants=[_variant(product, variant, default, shown) for variant in product.variants],
        images=[studio[image.picture] for image in product.images],
    )
    pricing.set_prices(actor=DEMO, prices=_prices(product, ref.variants))
    inventory.count_stock(
        actor=DEMO,
        counts=[
            (ref.variants[variant.sku], locations[code], on_hand)
            for variant in product.variants
            for code, on_hand in variant.stock.items()
        ],
    )


def _option(option: Option, default: str) -> Any:
    return {
        "name": option.name[default],
        "values": [value.name[default] for value in option.values],
        "translations": {
            locale: {"name": name, "values": {value.name[default]: value.name[locale] for value in option.values}}
            for locale, name in option.name.items()
            if locale != default
        },
    }


def _variant(product: Product, variant: Variant, default: str, shown: Mapping[str, UUID]) -> Any:
    chosen: dict[str, str] = {}
    for option, handle in zip(product.options, variant.values, strict=True):
        chosen[option.name[default]] = next(value.name[default] for value in option.values if value.handle == handle)
    image = next((shown[handle] for handle in variant.values if handle in shown), None)
    return {"sku": variant.sku, "options": chosen, "weight_g": variant.weight_g, "image_id": image}


def _prices(product: Product, ids: Mapping[str, UUID]) -> list[pricing.NewPrice]:
    return [
        pricing.NewPrice(
            ids[variant.sku],
            Money(amount, currency),
            Money(variant.compare_at[currency], currency) if variant.compare_at else None,
        )
        for variant in product.variants
        for currency, amount in variant.prices.items()
    ]
