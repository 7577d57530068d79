"""Adding, changing and removing single variants."""

from __future__ import annotations

from typing import Unpack
from uuid import UUID

from django.db.models import Max, ProtectedError

from apps.product.models import MAX_VARIANTS, Product, Variant, VariantValue, combination_of
from apps.product.services.aggregate import lock_product, touch, writing
from apps.product.services.images import show_variant_by
from apps.product.services.options import Options, TooMany, VariantGiven, changes_of, new_variants, title_of
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, NotFound

__all__ = ["LastVariant", "NoSuchVariant", "add_variant", "delete_variant", "update_variant"]


class NoSuchVariant(NotFound):
    """There is no such variant."""

    code = "no_such_variant"


class LastVariant(Conflict):
    """A product keeps at least one variant; delete or archive the product."""

    code = "last_variant"


class VariantInUse(Conflict):
    """Something still needs this variant; take it off offer instead."""

    code = "variant_in_use"


@writing()
def add_variant(
    *, actor: Actor, product_id: UUID, expected_version: int | None = None, **given: Unpack[VariantGiven]
) -> Variant:
    """Add a variant; a value that its options do not have yet is added to them.

    :raises SameChoice: if there is a variant of the same options
    :raises SkuTaken: if the SKU is taken
    """
    product = lock_product(actor, product_id, expected_version)
    if product.variants.count() >= MAX_VARIANTS:
        raise TooMany(f"a product has at most {MAX_VARIANTS} variants", field="variants")
    options = Options.of(product)
    last = product.variants.aggregate(last=Max("position"))["last"]
    rows, choices = new_variants(options, [given], first=(last or 0) + 1, grow=True)
    options.save()
    rows[0].save(force_insert=True)
    VariantValue.objects.bulk_create(choices)
    if given.get("image_id"):
        show_variant_by(product, rows[0].pk, given["image_id"])
    touch(product)
    return rows[0]


@writing()
def update_variant(
    *,
    actor: Actor,
    variant_id: UUID,
    expected_version: int | None = None,
    position: int | None = None,
    **changes: Unpack[VariantGiven],
) -> Variant:
    """Change a variant; `expected_version` is that of its product.

    :raises SameChoice: if there is another variant of the new options
    :raises SkuTaken: if the SKU is taken
    """
    product, variant = _lock(actor, variant_id, expected_version)
    for name, value in changes_of(changes).items():
        setattr(variant, name, value)
    if position is not None:
        variant.position = position
    if "options" in changes:
        _choose(product, variant, dict(changes["options"]))
    variant.save()
    if "image_id" in changes:
        show_variant_by(product, variant.pk, changes["image_id"])
    touch(product)
    return variant


def _choose(product: Product, variant: Variant, given: dict[str, str]) -> None:
    options = Options.of(product)
    standing = variant.choices.select_related("option", "value")
    before = {choice.option.name: choice.value.value for choice in standing}
    values = options.choose(before | given, grow=True)
    options.save()
    variant.choices.exclude(option__in=[value.option_id for value in values]).delete()
    VariantValue.objects.bulk_create(
        [VariantValue(variant=variant, option_id=value.option_id, value=value) for value in values],
        update_conflicts=True, unique_fields=["variant", "option"], update_fields=["value", "updated_at"],
    )  # fmt: skip
    variant.title = title_of(values)
    variant.combination = combination_of(value.pk for value in values)


@writing()
def delete_variant(*, actor: Actor, variant_id: UUID, expected_version: int | None = None) -> Product:
    """Remove a variant.

    :raises LastVariant: if the product would have none
    """
    product, variant = _lock(actor, variant_id, expected_version)
    if product.variants.count() == 1:
        raise LastVariant()
    try:
        variant.delete()
    except ProtectedError:
        raise VariantInUse(variant.sku) from None
    return touch(product)


def _lock(actor: Actor, variant_id: UUID, expected_version: int | None) -> tuple[Product, Variant]:
    """Lock the product of a variant; the variant is read under that lock."""
    authorize(actor, "products.update")
    product_id = Variant.objects.filter(pk=variant_id).values_list("product_id", flat=True).first()
    if product_id is None:
        raise NoSuchVariant()
    product = lock_product(actor, product_id, expected_version)
    variant = product.variants.filter(pk=variant_id).first()
    if variant is None:
        raise NoSuchVariant()
    return product, variant
