"""Creating, changing and deleting products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID

from django.db.models import ProtectedError

from apps.product.events import ProductCreated, ProductDeleted, ProductPublished, ProductUnpublished, ProductUpdated
from apps.product.models import Product, ProductLink, ProductTag, Variant, VariantValue
from apps.product.services.aggregate import free_handle, good_handle, lock_product, preferred, touch, writing
from apps.product.services.images import insert_images, replace_images
from apps.product.services.options import OptionGiven, TooMany, VariantGiven, new_variants, read_options
from apps.product.services.publishing import ProductNotReady, check_ready
from apps.product.services.structure import reshape
from apps.product.services.words import Translations, insert_words, write_words
from apps.taxonomy.public import ensure_tags, find_category
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, Invalid
from rustok.kernel.events import Event, publish

__all__ = [
    "MAX_MEMBERS",
    "MAX_TAGS",
    "ProductChanges",
    "ProductRef",
    "create_product",
    "delete_product",
    "update_product",
]

MAX_TAGS = 50
MAX_MEMBERS = 100


class ProductInUse(Conflict):
    """Something still needs this product; archive it instead."""

    code = "product_in_use"


@dataclass(frozen=True, slots=True)
class ProductRef:
    """A product as others hold it: its id, and the ids of its variants by SKU."""

    id: UUID
    handle: str
    status: str
    version: int
    variants: dict[str, UUID] = field(default_factory=dict)


class ProductChanges(TypedDict, total=False):
    """What may change in a product; what is left out stays. `images` and `options` are whole lists."""

    handle: str
    status: str
    kind: str
    vendor: str
    category_id: UUID | None
    tags: Sequence[str]
    external_url: str
    button_text: str
    translations: Translations
    options: Sequence[OptionGiven]
    images: Sequence[UUID]
    members: Sequence[UUID]


@writing()
def create_product(
    *,
    actor: Actor,
    translations: Translations,
    now: datetime,
    handle: str = "",
    kind: str = Product.Kind.PHYSICAL,
    status: str = Product.Status.DRAFT,
    vendor: str = "",
    category_id: UUID | None = None,
    tags: Sequence[str] = (),
    options: Sequence[OptionGiven] = (),
    variants: Sequence[VariantGiven] = (),
    images: Sequence[UUID] = (),
    members: Sequence[UUID] = (),
    external_url: str = "",
    button_text: str = "",
) -> ProductRef:
    """Create a product with all its parts; without variants it gets one.

    Only the platform itself may create a product that is on sale at once, because it sets the prices next.

    :raises HandleTaken: if the handle is taken; one that is made of the title never is
    :raises SkuTaken: if a SKU is taken
    :raises BadOptions: if options and variants do not fit together
    """
    authorize(actor, "products.create")
    product = Product(
        handle=good_handle(handle) if handle else free_handle(Product, preferred(translations, "title")),
        kind=Product.Kind(kind),
        vendor=vendor.strip(),
        category_id=_known_category(category_id),
        external_url=_safe_url(external_url),
        button_text=button_text.strip(),
    )
    _start(product, Product.Status(status), actor, now)
    built = read_options(product, options, variants)
    rows, choices = new_variants(built, variants or [{}])
    product.save(force_insert=True)
    insert_words(product, translations)
    built.save()
    Variant.objects.bulk_create(rows)
    VariantValue.objects.bulk_create(choices)
    _write_tags(product, actor, tags)
    insert_images(product, images, list(zip(rows, variants, strict=False)))
    _write_members(product, members)
    publish(ProductCreated(product_id=product.pk, handle=product.handle), aggregate=product)
    if product.is_on_sale:
        publish(ProductPublished(product_id=product.pk, handle=product.handle), aggregate=product)
    return ref_of(product, rows)


def ref_of(product: Product, variants: Sequence[Variant]) -> ProductRef:
    """Answer a product as others hold it."""
    return ProductRef(
        id=product.pk,
        handle=product.handle,
        status=product.status,
        version=product.version,
        variants={variant.sku: variant.pk for variant in variants},
    )


@writing()
def update_product(
    *,
    actor: Actor,
    product_id: UUID,
    now: datetime,
    expected_version: int | None = None,
    **changes: Unpack[ProductChanges],
) -> Product:
    """Change a product, and put it on sale or take it off if `status` says so.

    :raises PreconditionFailed: if its version is not the expected one
    :raises ProductNotReady: if it is to go on sale and something is missing
    """
    product = lock_product(actor, product_id, expected_version)
    if "handle" in changes:
        product.handle = good_handle(changes["handle"])
    if "category_id" in changes:
        product.category_id = _known_category(changes["category_id"])
    product.kind = Product.Kind(changes.get("kind", product.kind))
    product.vendor = changes.get("vendor", product.vendor).strip()
    product.external_url = _safe_url(changes.get("external_url", product.external_url))
    product.button_text = changes.get("button_text", product.button_text).strip()
    write_words(product, changes.get("translations", {}))
    _change_parts(product, actor, changes)
    return touch(product, *_change_status(product, changes.get("status"), now))


@writing()
def delete_product(*, actor: Actor, product_id: UUID, expected_version: int | None = None) -> None:
    """Delete a product with its variants; archiving is kinder, because old links lead to it.

    :raises ProductInUse: if something that must stay refers to it
    """
    product = lock_product(actor, product_id, expected_version, "products.delete")
    publish(ProductDeleted(product_id=product.pk, handle=product.handle), aggregate=product)
    try:
        product.delete()
    except ProtectedError:
        raise ProductInUse(product.handle) from None


def _start(product: Product, status: Product.Status, actor: Actor, now: datetime) -> None:
    if status == Product.Status.ACTIVE and actor.kind != "system":
        raise ProductNotReady("create it first, give it a price, then publish it", field="status")
    product.status = status
    if product.is_on_sale:
        product.mark_published(at=now)


def _change_parts(product: Product, actor: Actor, changes: ProductChanges) -> None:
    if "tags" in changes:
        _write_tags(product, actor, changes["tags"])
    if "options" in changes:
        reshape(product, changes["options"])
    if "images" in changes:
        replace_images(product, changes["images"])
    if "members" in changes:
        _write_members(product, changes["members"])


def _change_status(product: Product, status: str | None, now: datetime) -> list[Event]:
    """Take the new status; answer what to announce."""
    before, after = product.is_on_sale, Product.Status(status or product.status)
    facts: list[Event] = [ProductUpdated(product_id=product.pk, handle=product.handle)]
    if after == Product.Status.ACTIVE and not before:
        check_ready(product)
        product.mark_published(at=now)
        facts.append(ProductPublished(product_id=product.pk, handle=product.handle))
    elif after != Product.Status.ACTIVE:
        product.status = after
        if before:
            facts.append(ProductUnpublished(product_id=product.pk, handle=product.handle))
    return facts


def _safe_url(url: str) -> str:
    """Answer an address that may stand in a link.

    :raises Invalid: if it is neither http nor https
    """
    if url and not url.startswith(("https://", "http://")):
        raise Invalid("an address begins with https:// or http://", field="external_url")
    return url


def _known_category(category_id: UUID | None) -> UUID | None:
    if category_id is not None and find_category(category_id) is None:
        raise Invalid("there is no such category", field="category_id")
    return category_id


def _write_tags(product: Product, actor: Actor, names: Sequence[str]) -> None:
    """Let a product have exactly these tags; those that it has already stay as they are."""
    if len(names) > MAX_TAGS:
        raise TooMany(f"a product has at most {MAX_TAGS} tags", field="tags")
    wanted = ensure_tags(actor=actor, names=names) if names else []
    standing = set(product.tag_links.values_list("tag_id", flat=True))
    if gone := standing.difference(wanted):
        product.tag_links.filter(tag__in=gone).delete()
    new = [tag_id for tag_id in dict.fromkeys(wanted) if tag_id not in standing]
    ProductTag.objects.bulk_create(ProductTag(product=product, tag_id=tag_id) for tag_id in new)


def _write_members(product: Product, members: Sequence[UUID]) -> None:
    """Let a group have exactly these products, in this order.

    :raises Invalid: if one is the group itself, a group, or none at all
    """
    wanted = list(dict.fromkeys(members))
    product.member_links.exclude(member__in=wanted).delete()
    if not wanted:
        return
    if len(wanted) > MAX_MEMBERS:
        raise TooMany(f"a group has at most {MAX_MEMBERS} members", field="members")
    fit = Product.objects.filter(pk__in=wanted).exclude(pk=product.pk).exclude(kind=Product.Kind.GROUPED)
    if product.kind != Product.Kind.GROUPED or fit.count() < len(wanted):
        raise Invalid("members are products of a group, and no groups themselves", field="members")
    ProductLink.objects.bulk_create(
        [ProductLink(group=product, member_id=member, position=position) for position, member in enumerate(wanted)],
        update_conflicts=True, unique_fields=["group", "member"], update_fields=["position", "updated_at"],
    )  # fmt: skip
