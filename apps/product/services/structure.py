"""Changing the options of a product that has variants: each keeps one value of every option, no two become the same."""

from __future__ import annotations

from collections.abc import Sequence

from apps.product.models import (
    Option,
    OptionTranslation,
    OptionValue,
    OptionValueTranslation,
    Product,
    Variant,
    VariantValue,
    combination_of,
)
from apps.product.services.aggregate import SameChoice
from apps.product.services.options import BadOptions, OptionGiven, Options, title_of
from rustok.kernel.errors import Conflict

__all__ = ["OptionInUse", "rename_variants", "reshape"]


class OptionInUse(Conflict):
    """A variant still has this value."""

    code = "option_in_use"


def reshape(product: Product, given: Sequence[OptionGiven]) -> None:
    """Make the options of a product exactly these, known by their names.

    Variants take the first value of an option that is new; an option that is gone is gone from them.

    :raises OptionInUse: if a value is left out that a variant has
    :raises SameChoice: if two variants would not differ any more
    """
    options = Options.of(product)
    wanted = [one["name"].strip() for one in given]
    product.options.exclude(name__in=wanted).delete()
    options.rows = [row for row in options.rows if row.name in wanted]
    _drop_values(options, given)
    added = [_take(options, one) for one in given]
    options.rows.sort(key=lambda row: wanted.index(row.name))
    _forget_translations(options)
    options.save()
    _arrange(options, given)
    _fill_in(product, options, [row for row in added if row is not None])
    rename_variants(product)


def _take(options: Options, given: OptionGiven) -> Option | None:
    """Add what is missing of one option; answer it if it is new itself."""
    name = given["name"].strip()
    standing = next((row for row in options.rows if row.name == name), None)
    row = standing or options.add(name)
    for value in given["values"]:
        if value.strip() not in options.values[row.pk]:
            options.add_value(row, value.strip())
    if not options.values[row.pk]:
        raise BadOptions(f"{name} has no values", field="options")
    options.translate(row, given.get("translations", {}))
    return None if standing else row


def _drop_values(options: Options, given: Sequence[OptionGiven]) -> None:
    kept = {one["name"].strip(): {value.strip() for value in one["values"]} for one in given}
    gone = [
        value
        for row in options.rows
        for name, value in list(options.values[row.pk].items())
        if name not in kept[row.name]
    ]
    used = VariantValue.objects.filter(value__in=gone).select_related("value").first()
    if used is not None:
        raise OptionInUse(f"a variant is {used.value.value}", field="options")
    OptionValue.objects.filter(pk__in=[value.pk for value in gone]).delete()
    for value in gone:
        del options.values[value.option_id][value.value]


def _forget_translations(options: Options) -> None:
    """Forget what nobody says any more; what is said is written over what stands there."""
    said = {(row.option_id, row.locale) for row in options.new if isinstance(row, OptionTranslation)}
    said |= {(row.value_id, row.locale) for row in options.new if isinstance(row, OptionValueTranslation)}
    names = OptionTranslation.objects.filter(option__in=options.rows)
    values = OptionValueTranslation.objects.filter(value__option__in=options.rows)
    gone = [row.pk for row in names if (row.option_id, row.locale) not in said]
    names.filter(pk__in=gone).delete()
    gone = [row.pk for row in values if (row.value_id, row.locale) not in said]
    values.filter(pk__in=gone).delete()


def _arrange(options: Options, given: Sequence[OptionGiven]) -> None:
    """Give options and values the order that they were given in."""
    for position, row in enumerate(options.rows):
        row.position = position
    Option.objects.bulk_update(options.rows, ["position"])
    values: list[OptionValue] = []
    by_name = {row.name: row for row in options.rows}
    for one in given:
        standing = options.values[by_name[one["name"].strip()].pk]
        for position, name in enumerate(one["values"]):
            standing[name.strip()].position = position
        values += standing.values()
    OptionValue.objects.bulk_update(values, ["position"])


def _fill_in(product: Product, options: Options, added: Sequence[Option]) -> None:
    variants = list(product.variants.all())
    VariantValue.objects.bulk_create(
        VariantValue(variant=variant, option=option, value=next(iter(options.values[option.pk].values())))
        for variant in variants
        for option in added
    )


def rename_variants(product: Product) -> None:
    """Bring titles and fingerprints of all variants up to date with what they choose.

    :raises SameChoice: if two variants choose the same
    """
    variants = {variant.pk: variant for variant in product.variants.all()}
    chosen: dict[object, list[OptionValue]] = {pk: [] for pk in variants}
    choices = VariantValue.objects.filter(variant__product=product).select_related("value", "option")
    for choice in choices.order_by("option__position", "option_id"):
        chosen[choice.variant_id].append(choice.value)
    for pk, variant in variants.items():
        variant.title = title_of(chosen[pk])
        variant.combination = combination_of(value.pk for value in chosen[pk])
    if len({variant.combination for variant in variants.values()}) < len(variants):
        raise SameChoice("two variants would have the same options", field="options")
    Variant.objects.bulk_update(variants.values(), ["title", "combination"])
