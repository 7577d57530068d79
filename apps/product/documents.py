"""What this module says of products in the index: a constant number of queries for any number of products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.index.public import Part
from apps.media.public import image_docs_by_locale
from apps.product.models import (
    CollectionItem,
    CollectionTranslation,
    Option,
    OptionTranslation,
    OptionValue,
    OptionValueTranslation,
    Product,
    ProductImage,
    ProductLink,
    ProductTag,
    ProductTranslation,
    Variant,
    VariantValue,
)
from apps.taxonomy.public import category_refs, tag_slugs
from rustok.kernel.locales import fallback_chain
from rustok.kernel.tenancy import current_tenant
from rustok.kernel.times import iso

__all__ = ["product_parts"]

Document = dict[str, Any]
#: The locales that a reader of each locale falls back along.
Chains = Mapping[str, Sequence[str]]
#: Words by what they are of, then by locale.
Words = Mapping[UUID, Mapping[str, str]]
_SHOWN = ("url", "alt", "width", "height", "srcset")


def product_parts(product_ids: Sequence[UUID], locales: Sequence[str], currencies: Sequence[str]) -> dict[UUID, Part]:
    """Answer the part of each product that there is."""
    products = list(Product.objects.filter(pk__in=product_ids))
    keys = [product.pk for product in products]
    chains = {locale: fallback_chain(locale, current_tenant().default_locale) for locale in locales}
    told = _told(keys, locales)
    categories = category_refs([product.category_id for product in products if product.category_id], locales)
    tags, members = _tags(keys), _members(keys)
    collections, options, images = _collections(keys, chains), _Choices.of(keys, chains), _Images.of(keys, locales)
    parts: dict[UUID, Part] = {}
    for product in products:
        pk = product.pk
        parts[pk] = {
            "document": _common(product, tags[pk], members[pk]),
            "locales": {
                locale: {
                    **words,
                    "category": categories[product.category_id][locale] if product.category_id else None,
                    "collections": collections(pk, locale),
                    "options": options.options(pk, locale),
                    "images": images.of_product(pk, locale),
                    "variants": options.variants(pk, locale, images),
                }
                for locale, words in told[pk].items()
            },
            "columns": {
                "version": product.version,
                "published_at": product.published_at,
                "created_at": product.created_at,
            },
        }
    return parts


def _common(product: Product, tags: Sequence[str], members: Sequence[str]) -> Document:
    return {
        "id": str(product.pk),
        "handle": product.handle,
        "status": product.status,
        "kind": product.kind,
        "vendor": product.vendor,
        "tags": tags,
        "external_url": product.external_url,
        "button_text": product.button_text,
        "members": members,
        "published_at": iso(product.published_at) if product.published_at else None,
        "updated_at": iso(product.updated_at),
    }


def _told(keys: Sequence[UUID], locales: Sequence[str]) -> defaultdict[UUID, dict[str, Document]]:
    """Collect what is said of each product, by locale."""
    told: defaultdict[UUID, dict[str, Document]] = defaultdict(dict)
    rows = ProductTranslation.objects.filter(product__in=keys, locale__in=locales).values_list(
        "product_id", "locale", "title", "subtitle", "description", "seo_title", "seo_description"
    )
    for product, locale, title, subtitle, description, seo_title, seo_description in rows:
        told[product][locale] = {
            "title": title,
            "subtitle": subtitle,
            "description": description,
            "seo": {"title": seo_title or title, "description": seo_description or subtitle},
        }
    return told


# --- what hangs on a product ----------------------------------------------------------------------------------------


def _tags(keys: Sequence[UUID]) -> defaultdict[UUID, list[str]]:
    links = list(ProductTag.objects.filter(product__in=keys).values_list("product_id", "tag_id"))
    slugs = tag_slugs({tag for _, tag in links})
    tags: defaultdict[UUID, list[str]] = defaultdict(list)
    for product, slug in sorted((product, slugs[tag]) for product, tag in links):
        tags[product].append(slug)
    return tags


def _members(keys: Sequence[UUID]) -> defaultdict[UUID, list[str]]:
    """List the handles of what is in a group."""
    members: defaultdict[UUID, list[str]] = defaultdict(list)
    links = ProductLink.objects.filter(group__in=keys).order_by("position")
    for group, handle in links.values_list("group_id", "member__handle"):
        members[group].append(handle)
    return members


def _collections(keys: Sequence[UUID], chains: Chains) -> Callable[[UUID, str], list[Document]]:
    rows = CollectionItem.objects.filter(product__in=keys).order_by("collection__position", "collection__handle")
    items = list(rows.values_list("product_id", "collection_id", "collection__handle"))
    titles = _translations(CollectionTranslation, "collection", "title", {item[1] for item in items})
    grouped: defaultdict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for product, collection, handle in items:
        grouped[product].append((collection, handle))

    def of(product: UUID, locale: str) -> list[Document]:
        chain = chains[locale]
        return [{"handle": handle, "title": _said(titles, key, chain, handle)} for key, handle in grouped[product]]

    return of


def _translations(
    model: Any, owner: str, column: str, keys: Iterable[UUID], written: Mapping[UUID, str] | None = None
) -> Words:
    """Collect words by locale; what was `written` with the thing itself is in the tenant's default locale."""
    default = current_tenant().default_locale
    words: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    rows = model.objects.filter(**{f"{owner}__in": list(keys)}).values_list(f"{owner}_id", "locale", column)
    for key, locale, text in rows:
        words[key][locale] = text
    for key, text in (written or {}).items():
        words[key][default] = text
    return words


def _said(words: Words, key: UUID, chain: Sequence[str], otherwise: str) -> str:
    """Answer a word in the first locale of the chain that has it."""
    said = words.get(key)
    if said:
        for locale in chain:
            if locale in said:
                return said[locale]
    return otherwise


# --- options and variants -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Images:
    """Images of products and variants, in every locale."""

    products: Mapping[UUID, list[UUID]]
    variants: Mapping[UUID, UUID]
    documents: Mapping[str, Mapping[UUID, Document]]

    @classmethod
    def of(cls, keys: Sequence[UUID], locales: Sequence[str]) -> _Images:
        rows = ProductImage.objects.filter(product__in=keys).order_by("position", "pk")
        products: defaultdict[UUID, list[UUID]] = defaultdict(list)
        variants: dict[UUID, UUID] = {}
        for product, variant, asset in rows.values_list("product_id", "variant_id", "asset_id"):
            if variant is None:
                products[product].append(asset)
            else:
                variants[variant] = asset
        assets = {asset for shown in products.values() for asset in shown} | set(variants.values())
        return cls(products, variants, image_docs_by_locale(assets, locales))

    def of_product(self, product: UUID, locale: str) -> list[Document]:
        documents = self.documents[locale]
        return [{name: documents[asset][name] for name in _SHOWN} for asset in self.products.get(product, ())]

    def of_variant(self, variant: UUID, locale: str) -> str | None:
        asset = self.variants.get(variant)
        return self.documents[locale][asset]["url"] if asset else None


#: The columns of a variant that documents show.
_COLUMNS = ("product_id", "pk", "sku", "weight_g", "barcode", "requires_shipping")


@dataclass(slots=True)
class _Choices:
    """Options, values and variants of products, in every locale."""

    chains: Chains
    by_product: Mapping[UUID, list[tuple[UUID, str]]]
    values: Mapping[UUID, list[tuple[UUID, str]]]
    rows: Mapping[UUID, list[tuple[Any, ...]]]
    chosen: Mapping[UUID, Mapping[UUID, UUID]]
    names: Words
    texts: Words

    @classmethod
    def of(cls, keys: Sequence[UUID], chains: Chains) -> _Choices:
        options = Option.objects.filter(product__in=keys).order_by("position", "pk")
        by_product = _grouped(options.values_list("product_id", "pk", "name"))
        names = {option: name for rows in by_product.values() for option, name in rows}
        every_value = OptionValue.objects.filter(option__in=names).order_by("position", "pk")
        values = _grouped(every_value.values_list("option_id", "pk", "value"))
        texts = {value: text for rows in values.values() for value, text in rows}
        variants = Variant.objects.filter(product__in=keys, is_active=True).order_by("position", "pk")
        chosen: defaultdict[UUID, dict[UUID, UUID]] = defaultdict(dict)
        choices = VariantValue.objects.filter(option__in=names)
        for variant, option, value in choices.values_list("variant_id", "option_id", "value_id"):
            chosen[variant][option] = value
        return cls(
            chains,
            by_product,
            values,
            _grouped(variants.values_list(*_COLUMNS)),
            chosen,
            _translations(OptionTranslation, "option", "name", names, written=names),
            _translations(OptionValueTranslation, "value", "text", texts, written=texts),
        )

    def options(self, product: UUID, locale: str) -> list[Document]:
        chain = self.chains[locale]
        return [
            {
                "name": _said(self.names, option, chain, name),
                "values": [_said(self.texts, value, chain, text) for value, text in self.values.get(option, ())],
            }
            for option, name in self.by_product.get(product, ())
        ]

    def variants(self, product: UUID, locale: str, images: _Images) -> list[Document]:
        chain, options = self.chains[locale], self.by_product.get(product, ())
        names = {option: _said(self.names, option, chain, name) for option, name in options}
        texts = {
            value: _said(self.texts, value, chain, text)
            for option, _ in options
            for value, text in self.values.get(option, ())
        }
        return [self._variant(row, names, texts, images, locale) for row in self.rows.get(product, ())]

    def _variant(
        self,
        row: tuple[Any, ...],
        names: Mapping[UUID, str],
        texts: Mapping[UUID, str],
        images: _Images,
        locale: str,
    ) -> Document:
        key, sku, weight_g, barcode, requires_shipping = row
        chosen = self.chosen.get(key, {})
        options = {name: texts[chosen[option]] for option, name in names.items() if option in chosen}
        return {
            "id": str(key),
            "sku": sku,
            "title": " / ".join(options.values()),
            "options": options,
            "image_url": images.of_variant(key, locale),
            "weight_g": weight_g,
            "barcode": barcode,
            "requires_shipping": requires_shipping,
        }


def _grouped(rows: Iterable[tuple[Any, ...]]) -> defaultdict[UUID, list[tuple[Any, ...]]]:
    """Collect rows by their first column."""
    grouped: defaultdict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for key, *others in rows:
        grouped[key].append(tuple(others))
    return grouped
