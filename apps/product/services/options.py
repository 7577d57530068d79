"""Options and the variants that they span: built in memory, checked as a whole, written with a few inserts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from apps.product.models import (
    MAX_OPTIONS,
    MAX_VALUES,
    MAX_VARIANTS,
    Option,
    OptionTranslation,
    OptionValue,
    OptionValueTranslation,
    Product,
    Variant,
    VariantValue,
    combination_of,
)
from apps.product.services.aggregate import SameChoice, SkuTaken, check_locales
from rustok.kernel.errors import Invalid
from rustok.kernel.slugs import numbered

__all__ = ["BadOptions", "OptionGiven", "Options", "TooMany", "VariantGiven", "new_variants", "read_options"]

SKU_LENGTH = 64


class BadOptions(Invalid):
    """The options and the variants do not fit together."""

    code = "invalid_options"


class TooMany(Invalid):
    """There are too many of these."""

    code = "too_many"


class OptionWords(TypedDict, total=False):
    """An option in another locale: its name, and its values by what they are called in the default locale."""

    name: str
    values: Mapping[str, str]


class OptionGiven(TypedDict):
    """An option with its values, in the tenant's default locale and in others."""

    name: str
    values: Sequence[str]
    translations: NotRequired[Mapping[str, OptionWords]]


class VariantGiven(TypedDict, total=False):
    """A variant; `options` has a value for every option of the product."""

    sku: str
    options: Mapping[str, str]
    weight_g: int | None
    barcode: str
    requires_shipping: bool
    is_active: bool
    image_id: UUID | None


@dataclass(slots=True)
class Options:
    """The options of a product, in order, with what of them is not in the database yet."""

    product: Product
    rows: list[Option] = field(default_factory=list)
    values: dict[UUID, dict[str, OptionValue]] = field(default_factory=dict)
    new: list[Option | OptionValue | OptionTranslation | OptionValueTranslation] = field(default_factory=list)

    @classmethod
    def of(cls, product: Product) -> Options:
        """Read the options of a product, in two queries."""
        options = cls(product, list(Option.objects.filter(product=product).order_by("position")))
        options.values = {row.pk: {} for row in options.rows}
        for value in OptionValue.objects.filter(option__in=options.rows).order_by("position"):
            options.values[value.option_id][value.value] = value
        return options

    def add(self, name: str) -> Option:
        """Add an option after the others."""
        if len(self.rows) >= MAX_OPTIONS:
            raise TooMany(f"a product has at most {MAX_OPTIONS} options", field="options")
        if not name or any(row.name.casefold() == name.casefold() for row in self.rows):
            raise BadOptions(f"the option {name!r} is empty or there twice", field="options")
        row = Option(product=self.product, name=name, position=len(self.rows))
        self.rows.append(row)
        self.values[row.pk] = {}
        self.new.append(row)
        return row

    def add_value(self, option: Option, value: str) -> OptionValue:
        """Add a value after the others."""
        standing = self.values[option.pk]
        if len(standing) >= MAX_VALUES:
            raise TooMany(f"an option has at most {MAX_VALUES} values", field="options")
        if not value or value in standing:
            raise BadOptions(f"the value {value!r} of {option.name} is empty or there twice", field="options")
        row = standing[value] = OptionValue(option=option, value=value, position=len(standing))
        self.new.append(row)
        return row

    def translate(self, option: Option, words: Mapping[str, OptionWords]) -> None:
        """Say an option and its values in other locales."""
        check_locales(words, "options.translations")
        for locale, said in words.items():
            if said.get("name"):
                self.new.append(OptionTranslation(option=option, locale=locale, name=said["name"]))
            for value, text in said.get("values", {}).items():
                row = self.values[option.pk].get(value)
                if row is None:
                    raise BadOptions(f"{option.name} has no value {value!r} to translate", field="options")
                self.new.append(OptionValueTranslation(value=row, locale=locale, text=text))

    def choose(self, given: Mapping[str, str], *, grow: bool = False) -> list[OptionValue]:
        """Answer the value that is given for each option; with `grow`, a new value is added.

        :raises BadOptions: if an option is left out or one is not the product's
        """
        unknown = set(given) - {row.name for row in self.rows}
        if unknown:
            raise BadOptions(f"the product has no option {min(unknown)!r}", field="options")
        return [self._value(row, given.get(row.name, "").strip(), grow) for row in self.rows]

    def _value(self, option: Option, value: str, grow: bool) -> OptionValue:
        found = self.values[option.pk].get(value)
        if found is None and grow and value:
            return self.add_value(option, value)
        if found is None:
            raise BadOptions(
                f"{value!r} is no value of {option.name}" if value else f"say which {option.name}", field="options"
            )
        return found

    def save(self) -> None:
        """Insert what is new, one statement a table."""
        for model in (Option, OptionValue):
            model._default_manager.bulk_create([row for row in self.new if isinstance(row, model)])
        for words, owner, said in ((OptionTranslation, "option", "name"), (OptionValueTranslation, "value", "text")):
            rows: list[Any] = [row for row in self.new if isinstance(row, words)]
            words._default_manager.bulk_create(
                rows, update_conflicts=True, unique_fields=[owner, "locale"], update_fields=[said]
            )
        self.new.clear()


def read_options(product: Product, given: Sequence[OptionGiven], variants: Sequence[VariantGiven]) -> Options:
    """Build the options of a new product; without any given, they follow from what the variants choose."""
    options = Options(product)
    for one in given or _implied(variants):
        row = options.add(one["name"].strip())
        for value in one["values"]:
            options.add_value(row, value.strip())
        options.translate(row, one.get("translations", {}))
    return options


def _implied(variants: Iterable[VariantGiven]) -> list[OptionGiven]:
    found: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.get("options", {}).items():
            found.setdefault(name, {})[value] = None
    return [{"name": name, "values": list(values)} for name, values in found.items()]


# --- variants -------------------------------------------------------------------------------------------------------


def new_variants(
    options: Options, given: Sequence[VariantGiven], *, first: int = 0, grow: bool = False
) -> tuple[list[Variant], list[VariantValue]]:
    """Build variants with their choices, checking that they differ from each other.

    :raises BadOptions: if a variant does not choose exactly one value of each option
    :raises SameChoice: if two choose the same
    :raises SkuTaken: if two have one SKU
    """
    if len(given) > MAX_VARIANTS:
        raise TooMany(f"a product has at most {MAX_VARIANTS} variants", field="variants")
    variants: list[Variant] = []
    choices: list[VariantValue] = []
    for position, one in enumerate(given, start=first):
        values = options.choose(one.get("options", {}), grow=grow)
        variant = _variant(options.product, one, position, values, alone=first + len(given) == 1)
        variants.append(variant)
        choices += [VariantValue(variant=variant, option_id=value.option_id, value=value) for value in values]
    if len({variant.sku for variant in variants}) < len(variants):
        raise SkuTaken("two variants have one SKU", field="variants")
    if len({variant.combination for variant in variants}) < len(variants):
        raise SameChoice("two variants have the same options", field="variants")
    return variants, choices


def _variant(
    product: Product, given: VariantGiven, position: int, values: Sequence[OptionValue], *, alone: bool
) -> Variant:
    sku = given.get("sku", "").strip() or _own_sku(product.handle, position, alone)
    return Variant(
        product=product,
        sku=sku,
        title=title_of(values),
        position=position,
        combination=combination_of(value.pk for value in values),
        weight_g=given.get("weight_g"),
        barcode=given.get("barcode", "").strip(),
        requires_shipping=given.get("requires_shipping", product.kind == Product.Kind.PHYSICAL),
        is_active=given.get("is_active", True),
    )


def title_of(values: Iterable[OptionValue]) -> str:
    """Answer what a variant is called: its values."""
    return " / ".join(value.value for value in values)


def _own_sku(handle: str, position: int, alone: bool) -> str:
    return handle[:SKU_LENGTH].rstrip("-") if alone else numbered(handle, position + 1, max_length=SKU_LENGTH)


def changes_of(given: VariantGiven) -> dict[str, Any]:
    """Answer the plain columns that a change names."""
    names = ("sku", "weight_g", "barcode", "requires_shipping", "is_active")
    return {name: given[name] for name in names if name in given}  # type: ignore[literal-required]
