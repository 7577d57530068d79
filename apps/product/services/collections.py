"""Collections: products chosen by hand, in an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict, Unpack
from uuid import UUID

from apps.product.events import (
    MOST_PRODUCTS,
    CollectionCreated,
    CollectionDeleted,
    CollectionProductsChanged,
    CollectionUpdated,
)
from apps.product.models import Collection, CollectionItem, CollectionTranslation, Product
from apps.product.services.aggregate import (
    check_locales,
    check_version,
    free_handle,
    good_handle,
    preferred,
    writing,
)
from apps.product.services.options import TooMany
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Invalid, NotFound
from rustok.kernel.events import publish
from rustok.kernel.markup import sanitize

__all__ = [
    "MAX_COLLECTIONS", "MAX_ITEMS", "CollectionChanges", "add_to_collection", "create_collection", "delete_collection",
    "ensure_collection", "remove_from_collection", "set_collection_products", "update_collection",
]  # fmt: skip

#: Products in one collection.
MAX_ITEMS = 5_000
MAX_COLLECTIONS = 1_000
MAX_DESCRIPTION = 20_000

#: `{locale: {"title": …, "description": …}}`; in a change, None takes a locale away.
Translations = Mapping[str, Mapping[str, str] | None]


class NoSuchCollection(NotFound):
    """There is no such collection."""

    code = "no_such_collection"


class NeedsTitle(Invalid):
    """A collection needs a title in at least one locale."""

    code = "needs_title"


class CollectionChanges(TypedDict, total=False):
    """What may change in a collection; what is left out stays."""

    handle: str
    position: int
    translations: Translations
    products: Sequence[UUID]


@writing()
def create_collection(
    *,
    actor: Actor,
    translations: Translations,
    handle: str = "",
    position: int | None = None,
    products: Sequence[UUID] = (),
) -> Collection:
    """Make a collection, with these products in it.

    :raises HandleTaken: if the handle is taken
    """
    authorize(actor, "products.create")
    standing = Collection.objects.count()
    if standing >= MAX_COLLECTIONS:
        raise TooMany(f"a shop has at most {MAX_COLLECTIONS} collections")
    name = good_handle(handle) if handle else free_handle(Collection, preferred(translations, "title"))
    collection = Collection(handle=name, position=standing if position is None else position)
    collection.save(force_insert=True)
    _write_words(collection, translations)
    publish(CollectionCreated(collection_id=collection.pk, handle=name), aggregate=collection)
    _replace(collection, products)
    return collection


def ensure_collection(*, actor: Actor, handle: str, translations: Translations) -> UUID:
    """Find a collection by its handle, making it if it is missing; answer its id."""
    found = Collection.objects.filter(handle=handle).values_list("pk", flat=True).first()
    return found or create_collection(actor=actor, handle=handle, translations=translations).pk


@writing()
def update_collection(
    *, actor: Actor, collection_id: UUID, expected_version: int | None = None, **changes: Unpack[CollectionChanges]
) -> Collection:
    """Change a collection; `products` is the whole list, in order.

    :raises PreconditionFailed: if its version is not the expected one
    """
    collection = _lock(actor, collection_id, expected_version)
    if "handle" in changes:
        collection.handle = good_handle(changes["handle"])
    collection.position = changes.get("position", collection.position)
    collection.version += 1
    collection.save()
    _write_words(collection, changes.get("translations", {}))
    publish(CollectionUpdated(collection_id=collection.pk, handle=collection.handle), aggregate=collection)
    if "products" in changes:
        _replace(collection, changes["products"])
    return collection


@writing()
def set_collection_products(*, actor: Actor, collection_id: UUID, products: Sequence[UUID]) -> Collection:
    """Put exactly these products into a collection, in this order."""
    collection = _lock(actor, collection_id, None)
    _replace(collection, products)
    return _count_up(collection)


@writing()
def add_to_collection(*, actor: Actor, collection_id: UUID, products: Sequence[UUID]) -> Collection:
    """Put products at the end of a collection; those that are in it stay where they are."""
    collection = _lock(actor, collection_id, None)
    _replace(collection, [*_in_order(collection), *products])
    return _count_up(collection)


@writing()
def remove_from_collection(*, actor: Actor, collection_id: UUID, products: Sequence[UUID]) -> Collection:
    """Take products out of a collection; those that are not in it are no matter."""
    collection = _lock(actor, collection_id, None)
    gone = set(products)
    _replace(collection, [product for product in _in_order(collection) if product not in gone])
    return _count_up(collection)


@writing()
def delete_collection(*, actor: Actor, collection_id: UUID, expected_version: int | None = None) -> None:
    """Delete a collection; its products stay."""
    collection = _lock(actor, collection_id, expected_version, "products.delete")
    _replace(collection, [])
    publish(CollectionDeleted(collection_id=collection.pk, handle=collection.handle), aggregate=collection)
    collection.delete()


def _lock(
    actor: Actor, collection_id: UUID, expected_version: int | None, permission: str = "products.update"
) -> Collection:
    collection = Collection.objects.select_for_update().filter(pk=collection_id).first()
    authorize(actor, permission, collection)
    if collection is None:
        raise NoSuchCollection()
    check_version(collection, expected_version)
    return collection


def _count_up(collection: Collection) -> Collection:
    collection.version += 1
    collection.save(update_fields=["version", "updated_at"])
    return collection


def _in_order(collection: Collection) -> list[UUID]:
    return list(collection.items.order_by("position", "pk").values_list("product_id", flat=True))


def _replace(collection: Collection, products: Sequence[UUID]) -> None:
    """Make the products of a collection exactly these, and announce those that came or went."""
    wanted = list(dict.fromkeys(products))
    if len(wanted) > MAX_ITEMS:
        raise TooMany(f"a collection has at most {MAX_ITEMS} products", field="products")
    before = set(_in_order(collection))
    if Product.objects.filter(pk__in=set(wanted) - before).count() < len(set(wanted) - before):
        raise Invalid("one of these is no product", field="products")
    collection.items.exclude(product__in=wanted).delete()
    CollectionItem.objects.bulk_create(
        [CollectionItem(collection=collection, product_id=key, position=at) for at, key in enumerate(wanted)],
        update_conflicts=True,
        unique_fields=["collection", "product"],
        update_fields=["position", "updated_at"],
        batch_size=1_000,
    )
    for product_ids in _in_batches(before.symmetric_difference(wanted)):
        publish(CollectionProductsChanged(collection_id=collection.pk, product_ids=product_ids), aggregate=collection)


def _in_batches(keys: Iterable[UUID]) -> Iterable[list[UUID]]:
    ordered = sorted(keys)
    return (ordered[start : start + MOST_PRODUCTS] for start in range(0, len(ordered), MOST_PRODUCTS))


def _write_words(collection: Collection, translations: Translations) -> None:
    check_locales(translations)
    gone = [locale for locale, words in translations.items() if words is None]
    collection.translations.filter(locale__in=gone).delete()
    standing = {row.locale: row for row in collection.translations.all()}
    for locale, words in translations.items():
        if words is not None:
            row = standing.setdefault(locale, CollectionTranslation(collection=collection, locale=locale))
            row.title = words.get("title", row.title).strip()
            row.description = sanitize(words.get("description", row.description))[:MAX_DESCRIPTION]
    if not standing or not all(row.title for row in standing.values()):
        raise NeedsTitle(field="translations")
    CollectionTranslation.objects.bulk_create(
        [row for locale, row in standing.items() if locale in translations],
        update_conflicts=True,
        unique_fields=["collection", "locale"],
        update_fields=["title", "description", "updated_at"],
    )
