"""Reading the catalogue, for other modules and for our own edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection as Many
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet

from apps.media.public import image_docs, image_urls
from apps.product.models import (
    Collection,
    CollectionItem,
    CollectionTranslation,
    OptionTranslation,
    OptionValueTranslation,
    Product,
    ProductImage,
    Variant,
    VariantValue,
)
from apps.taxonomy.public import category_ids_below
from rustok.kernel.access import Actor, allows
from rustok.kernel.ids import parse_id
from rustok.kernel.locales import fallback_chain
from rustok.kernel.tenancy import current_tenant
from rustok.kernel.times import iso

__all__ = [
    "VariantInfo", "VariantRef", "collection_by_handle", "collection_documents", "collections", "find_by_sku",
    "find_by_skus", "find_collection", "find_image", "find_product", "find_variant", "image_documents", "images_of",
    "may_see", "products_in_category", "products_in_collection", "products_of_variants", "products_showing",
    "seen_variant", "variant_document", "variant_documents", "variants_by_ids", "variants_of",
]  # fmt: skip

#: Pixels that an image beside a cart line is wide.
THUMBNAIL = 480
#: Kinds that can be put into a cart.
_SOLD_HERE = (Product.Kind.PHYSICAL, Product.Kind.DIGITAL)


# --- products -------------------------------------------------------------------------------------------------------


def find_product(key: str | UUID) -> Product | None:
    """Answer a product by id or handle."""
    pk = key if isinstance(key, UUID) else parse_id(key)
    return Product.objects.filter(**({"pk": pk} if pk else {"handle": key})).first()


def may_see(actor: Actor, product: Product) -> bool:
    """Tell whether the actor sees a product: anybody what is on sale, staff everything."""
    return product.is_on_sale or allows(actor, "products.read", product)


def products_in_category(path: str) -> list[UUID]:
    """List the ids of the products in a category and in those below it."""
    rows = Product.objects.filter(category__in=category_ids_below(path))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def products_in_collection(collection_id: UUID) -> list[UUID]:
    """List the ids of the products in a collection, in its order."""
    rows = CollectionItem.objects.filter(collection=collection_id).order_by("position", "pk")
    return list(rows.values_list("product_id", flat=True))


def products_showing(asset_id: UUID) -> list[UUID]:
    """List the ids of the products that show an image."""
    rows = ProductImage.objects.filter(asset=asset_id).order_by("product").distinct()
    return list(rows.values_list("product_id", flat=True))


def products_of_variants(variant_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Answer the product of each variant that there is."""
    return dict(Variant.objects.filter(pk__in=set(variant_ids)).values_list("pk", "product_id"))


# --- variants -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VariantRef:
    """Where a SKU leads."""

    id: UUID
    product_id: UUID
    sku: str


@dataclass(frozen=True, slots=True)
class VariantInfo:
    """What a cart, an order or a parcel says of a variant, in one locale."""

    id: UUID
    product_id: UUID
    product_handle: str
    sku: str
    title: str
    variant_title: str
    options: dict[str, str]
    weight_g: int | None
    requires_shipping: bool
    image_url: str | None
    #: On offer, of a product that is on sale here; whether it has a price and stock is for others to say.
    purchasable: bool


def find_variant(variant_id: UUID) -> Variant | None:
    """Answer a variant with its product."""
    return Variant.objects.select_related("product").filter(pk=variant_id).first()


def seen_variant(actor: Actor, variant_id: UUID) -> Variant | None:
    """Answer a variant with its product, if the actor sees that."""
    variant = find_variant(variant_id)
    return variant if variant is not None and may_see(actor, variant.product) else None


def variants_of(product: Product) -> list[Variant]:
    """List the variants of a product, in order; at most 250."""
    return list(Variant.objects.filter(product=product).order_by("position", "pk"))


def find_by_sku(sku: str) -> VariantRef | None:
    """Answer where a SKU leads."""
    return find_by_skus([sku]).get(sku)


def find_by_skus(skus: Iterable[str]) -> dict[str, VariantRef]:
    """Answer where SKUs lead; those that lead nowhere are left out."""
    rows = Variant.objects.filter(sku__in=set(skus)).values_list("pk", "product_id", "sku")
    return {sku: VariantRef(pk, product_id, sku) for pk, product_id, sku in rows}


#: What is shown of variants: one row each, whatever they have of titles, options and images.
_SHOWN = """
SELECT v.id, v.product_id, p.handle, v.sku, coalesce((
    SELECT t.title FROM product_producttranslation t WHERE t.product_id = p.id
    ORDER BY array_position(%(chain)s::text[], t.locale::text), t.locale LIMIT 1
), p.handle), CASE WHEN v.combination <> '' THEN (
    SELECT array_agg(ARRAY[coalesce((
        SELECT n.name FROM product_optiontranslation n WHERE n.option_id = o.id AND n.locale = ANY(%(words)s::text[])
        ORDER BY array_position(%(words)s::text[], n.locale::text) LIMIT 1
    ), o.name), coalesce((
        SELECT n.text FROM product_optionvaluetranslation n
        WHERE n.value_id = x.id AND n.locale = ANY(%(words)s::text[])
        ORDER BY array_position(%(words)s::text[], n.locale::text) LIMIT 1
    ), x.value)]::text[] ORDER BY o.position, o.id)
    FROM product_variantvalue c
    JOIN product_option o ON o.id = c.option_id JOIN product_optionvalue x ON x.id = c.value_id
    WHERE c.variant_id = v.id
) END, v.weight_g, v.requires_shipping, (
    SELECT i.asset_id FROM product_productimage i
    WHERE i.product_id = p.id AND (i.variant_id = v.id OR i.variant_id IS NULL)
    ORDER BY i.variant_id IS NULL, i.position, i.id LIMIT 1
), v.is_active AND p.status = 'active' AND p.kind = ANY(%(kinds)s::text[])
FROM product_variant v JOIN product_product p ON p.id = v.product_id WHERE v.id = ANY(%(ids)s::uuid[])
"""


def variants_by_ids(ids: Iterable[UUID], locale: str) -> dict[UUID, VariantInfo]:
    """Answer what a cart shows of variants, in two queries at most; ids that lead nowhere are left out."""
    params: dict[str, Any] = {
        "ids": list(set(ids)),
        "chain": list(fallback_chain(locale, current_tenant().default_locale)),
        "words": _translations_wanted(locale),
        "kinds": list(_SOLD_HERE),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN, params)
        rows = cursor.fetchall()
    assets = {row[8] for row in rows if row[8]}
    urls = image_urls(assets, width=THUMBNAIL) if assets else {}
    return {row[0]: _info(row, urls) for row in rows}


def _info(row: tuple[Any, ...], urls: Mapping[UUID, str]) -> VariantInfo:
    key, product_id, handle, sku, title, choices, weight_g, requires_shipping, asset_id, purchasable = row
    options = dict(choices or ())
    return VariantInfo(
        id=key,
        product_id=product_id,
        product_handle=handle,
        sku=sku,
        title=title,
        variant_title=" / ".join(options.values()),
        options=options,
        weight_g=weight_g,
        requires_shipping=requires_shipping,
        image_url=urls.get(asset_id),
        purchasable=purchasable,
    )


def _chosen(variant_ids: Sequence[UUID], locale: str) -> defaultdict[UUID, dict[str, str]]:
    """Answer the options of variants, "Size": "M", in the order of the options."""
    chosen: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    if not variant_ids:
        return chosen
    choices = VariantValue.objects.filter(variant__in=variant_ids).order_by("option__position", "option")
    rows = list(choices.values_list("variant_id", "option_id", "option__name", "value_id", "value__value"))
    names = _translated(OptionTranslation, "option", "name", {row[1] for row in rows}, locale)
    texts = _translated(OptionValueTranslation, "value", "text", {row[3] for row in rows}, locale)
    for variant, option, name, value, text in rows:
        chosen[variant][names.get(option, name)] = texts.get(value, text)
    return chosen


def _translated(model: Any, owner: str, column: str, keys: Many[UUID], locale: str) -> dict[UUID, str]:
    """Answer words in a locale or its language; in the default locale there are none: it is what is translated."""
    wanted = _translations_wanted(locale)
    if not wanted:
        return {}
    rows = model.objects.filter(**{f"{owner}__in": keys, "locale__in": wanted})
    found = {(key, language): text for key, language, text in rows.values_list(f"{owner}_id", "locale", column)}
    return {key: found[key, one] for one in reversed(wanted) for key in keys if (key, one) in found}


def _translations_wanted(locale: str) -> list[str]:
    default = current_tenant().default_locale
    return [one for one in fallback_chain(locale, default)[:2] if one != default] if locale != default else []


def _thumbnails(rows: Sequence[Variant]) -> dict[UUID, str]:
    """Answer the address of an image of each variant: its own, or the first of its product."""
    images = ProductImage.objects.filter(product__in={row.product_id for row in rows}).order_by("position", "pk")
    own: dict[UUID, UUID] = {}
    first: dict[UUID, UUID] = {}
    for product, variant, asset in images.values_list("product_id", "variant_id", "asset_id"):
        if variant is not None:
            own.setdefault(variant, asset)
        else:
            first.setdefault(product, asset)
    shown = {row.pk: image for row in rows if (image := own.get(row.pk) or first.get(row.product_id))}
    urls = image_urls(shown.values(), width=THUMBNAIL) if shown else {}
    return {key: urls[image] for key, image in shown.items() if image in urls}


def variant_document(variant: Variant, locale: str) -> dict[str, Any]:
    """Answer the form that the API shows of a variant; prices and stock have paths of their own."""
    return variant_documents([variant], locale)[0]


def variant_documents(variants: Sequence[Variant], locale: str) -> list[dict[str, Any]]:
    """Answer the form that the API shows of variants of one product or several."""
    chosen = _chosen([variant.pk for variant in variants], locale)
    urls = _thumbnails(variants)
    return [
        {
            "id": str(variant.pk),
            "product_id": str(variant.product_id),
            "sku": variant.sku,
            "title": " / ".join(chosen[variant.pk].values()),
            "options": chosen[variant.pk],
            "position": variant.position,
            "weight_g": variant.weight_g,
            "barcode": variant.barcode,
            "requires_shipping": variant.requires_shipping,
            "is_active": variant.is_active,
            "image_url": urls.get(variant.pk),
            "updated_at": iso(variant.updated_at),
        }
        for variant in variants
    ]


# --- images ---------------------------------------------------------------------------------------------------------


def images_of(product: Product) -> list[ProductImage]:
    """List the images of a product and of its variants, in order; at most 300."""
    return list(ProductImage.objects.filter(product=product).order_by("position", "pk"))


def find_image(product_id: UUID, image_id: UUID) -> ProductImage | None:
    """Answer an image of a product."""
    return ProductImage.objects.filter(product=product_id, pk=image_id).first()


def image_documents(images: Sequence[ProductImage], locale: str) -> list[dict[str, Any]]:
    """Answer the form that the API shows of the images of a product."""
    assets = image_docs({image.asset_id for image in images}, locale)
    return [
        {
            "id": str(image.pk),
            "asset_id": str(image.asset_id),
            "variant_id": str(image.variant_id) if image.variant_id else None,
            "position": image.position,
            **assets[image.asset_id],
        }
        for image in images
    ]


# --- collections ----------------------------------------------------------------------------------------------------


def collections() -> QuerySet[Collection]:
    """List collections as they were arranged."""
    return Collection.objects.order_by("position", "handle")


def find_collection(key: str | UUID) -> Collection | None:
    """Answer a collection by id or handle."""
    pk = key if isinstance(key, UUID) else parse_id(key)
    return Collection.objects.filter(**({"pk": pk} if pk else {"handle": key})).first()


def collection_by_handle(handle: str, locale: str) -> dict[str, Any] | None:
    """Answer what a page about a collection shows; None if there is none."""
    collection = Collection.objects.filter(handle=handle).first()
    return collection_documents([collection], locale)[0] if collection else None


def collection_documents(found: Sequence[Collection], locale: str) -> list[dict[str, Any]]:
    """Answer what pages about collections show, in two queries; only products on sale are counted."""
    counts = dict(
        CollectionItem.objects.filter(collection__in=found, product__status=Product.Status.ACTIVE)
        .values_list("collection")
        .annotate(Count("pk"))
    )
    words: defaultdict[UUID, dict[str, CollectionTranslation]] = defaultdict(dict)
    for row in CollectionTranslation.objects.filter(collection__in=found).order_by("locale"):
        words[row.collection_id][row.locale] = row
    chain = fallback_chain(locale, current_tenant().default_locale)
    return [_collection(one, words[one.pk], chain, counts.get(one.pk, 0)) for one in found]


def _collection(
    collection: Collection, words: Mapping[str, CollectionTranslation], chain: Sequence[str], count: int
) -> dict[str, Any]:
    row = next((words[one] for one in chain if one in words), next(iter(words.values()), None))
    return {
        "id": str(collection.pk),
        "handle": collection.handle,
        "title": row.title if row else collection.handle,
        "description": row.description if row else "",
        "position": collection.position,
        "product_count": count,
        "resolved_locale": row.locale if row else None,
        "version": collection.version,
        "updated_at": iso(collection.updated_at),
    }
