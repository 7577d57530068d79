"""Options and variants on the page of a product, with the columns that other modules add to variants."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.product.admin.gallery import choices_of
from apps.product.models import MAX_OPTIONS, MAX_VALUES, MAX_VARIANTS, Option, OptionValue, Variant
from rustok.kernel.edges.admin import ScopedTabularInline
from rustok.kernel.edges.admin_columns import RowError, Typed, row_columns
from rustok.kernel.edges.admin_words import field_for, language_name
from rustok.kernel.slugs import slugify
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "OptionInline", "VariantInline", "column_fields", "column_pairs", "combinations", "options_in", "variant_rows",
    "write_columns",
]  # fmt: skip

OWN = ("sku", "weight_g", "barcode", "requires_shipping", "is_active")


def _listed(text: str) -> list[str]:
    """Read "S, M, L"; each value once."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


# --- options ----------------------------------------------------------------------------------------------------------


class OptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """An option and its values, in each language."""

    values_text = forms.CharField(
        label=_("Values"), max_length=MAX_VALUES * 82, widget=UnfoldAdminTextInputWidget,
        help_text=_("Separated by commas, such as S, M, L"),
    )  # fmt: skip

    class Meta:
        model = Option
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            return
        values = list(self.instance.values.all())
        self.initial["values_text"] = ", ".join(value.value for value in values)
        names = {row.locale: row.name for row in self.instance.translations.all()}
        for locale in _other_locales():
            self.initial[field_for("name", locale)] = names.get(locale, "")
            texts = [{row.locale: row.text for row in value.translations.all()}.get(locale, "") for value in values]
            self.initial[field_for("values", locale)] = ", ".join(texts) if any(texts) else ""

    def clean(self) -> dict[str, Any]:
        """Compare translated values with those they translate: one each, in the same order."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        count = len(_listed(data.get("values_text", "")))
        for locale in _other_locales():
            said = data.get(field_for("values", locale), "")
            if said and len(said.split(",")) != count:
                self.add_error(field_for("values", locale), _("One for each value, in the same order."))
        return data

    def given(self) -> dict[str, Any]:
        """Answer the option as the service takes it."""
        data = self.cleaned_data
        values = _listed(data["values_text"])
        translations = {}
        for locale in _other_locales():
            texts = [text.strip() for text in data.get(field_for("values", locale), "").split(",")]
            words = {value: text for value, text in zip(values, texts, strict=False) if text}
            if data.get(field_for("name", locale)) or words:
                translations[locale] = {"name": data.get(field_for("name", locale), ""), "values": words}
        return {"name": data["name"].strip(), "values": values, "translations": translations}


def _other_locales() -> list[str]:
    tenant = current_tenant()
    return [locale for locale in tenant.locales if locale != tenant.default_locale]


class OptionInline(ScopedTabularInline):
    """What there is to choose; at most five options."""

    model = Option
    resource = "products"
    form = OptionForm
    max_num = MAX_OPTIONS
    hide_title = True
    verbose_name = _("option")
    verbose_name_plural = _("Options, such as size and colour")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read values and translations along."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.prefetch_related("translations", "values__translations").order_by("position")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Add fields for the other languages."""
        fields: dict[str, Any] = {}
        for locale in _other_locales():
            name = {"language": language_name(locale)}
            fields[field_for("name", locale)] = forms.CharField(
                label=_("Name, %(language)s") % name, max_length=60, required=False, widget=UnfoldAdminTextInputWidget
            )
            fields[field_for("values", locale)] = forms.CharField(
                label=_("Values, %(language)s") % name, max_length=MAX_VALUES * 82, required=False,
                widget=UnfoldAdminTextInputWidget,
            )  # fmt: skip
        kwargs["form"] = type("OptionForm", (OptionForm,), fields)
        return super().get_formset(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Order the columns by language."""
        return [
            "name",
            "values_text",
            *(field_for(kind, one) for one in _other_locales() for kind in ("name", "values")),
        ]


def options_in(formset: Any) -> list[dict[str, Any]]:
    """Read the options that are to stand, in order."""
    return [form.given() for form in _standing(formset)]


def _standing(formset: Any) -> list[Any]:
    gone = set(formset.deleted_forms)
    rows = [form for form in formset.forms if form not in gone]
    return [form for form in rows if form.has_changed() or not form.instance._state.adding]


def combinations(options: Sequence[Mapping[str, Any]], sku: str, common: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Spell out a variant for every combination of values; without options there is one."""
    if not options:
        return [{"sku": sku, **common}]
    names = [option["name"] for option in options]
    found: list[dict[str, Any]] = []
    for values in itertools.islice(itertools.product(*(option["values"] for option in options)), MAX_VARIANTS + 1):
        tail = "-".join(part for part in (slugify(value).upper() for value in values) if part)
        own = f"{sku}-{tail}"[:64] if sku else ""
        found.append({"sku": own, "options": dict(zip(names, values, strict=True)), **common})
    return found


# --- variants ---------------------------------------------------------------------------------------------------------


def column_fields() -> dict[str, forms.Field]:
    """Answer the fields that other modules show beside a variant."""
    return {name: field for columns in row_columns("product.Variant") for name, field in columns.fields().items()}


def column_pairs() -> list[tuple[str, ...]]:
    """Put fields of the same thing side by side: a price and the price before, in one currency."""
    by_subject: dict[str, list[str]] = {}
    for name in column_fields():
        by_subject.setdefault(name.partition("_")[2], []).append(name)
    return [tuple(names) for names in by_subject.values()]


def write_columns(actor: Any, rows: Sequence[Typed], where: Mapping[UUID, str]) -> None:
    """Hand what was typed to the modules that it belongs to; `where` says where each row stands on the page."""
    for columns in row_columns("product.Variant"):
        names = set(columns.fields())
        mine = [Typed(row.row_id, row.values, row.changed & names) for row in rows if row.changed & names]
        try:
            columns.write(actor, mine)
        except RowError as error:
            raise error.placed(where.get(error.row_id, "")) from error


class VariantForm(forms.ModelForm):  # type: ignore[type-arg]
    """One row: what the variant is, what it costs, how many there are."""

    #: Name of an option → values, in order; read once for all rows.
    options: dict[str, list[str]] = {}
    standing: Mapping[UUID, Mapping[str, Any]] = {}

    image = forms.ChoiceField(label=_("Image"), required=False, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Variant
        fields = OWN
        labels = {"weight_g": _("Weight, g"), "requires_shipping": _("Shipped"), "is_active": _("On offer")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        variant = self.instance
        if "sku" in self.fields and variant._state.adding:
            self.fields["sku"].required = False
        if variant._state.adding:
            return
        chosen = {choice.option.name: choice.value.value for choice in variant.choices.all()}
        for place, name in enumerate(self.options):
            self.initial[f"option_{place}"] = chosen.get(name, "")
        self.initial["image"] = next((str(image.asset_id) for image in variant.images.all()), "")
        self.initial.update(self.standing.get(variant.pk, {}))

    def given(self) -> dict[str, Any]:
        """Answer the variant as the service takes it; of one that stands, only what changed."""
        data, new = self.cleaned_data, self.instance._state.adding
        own = {name: data[name] for name in OWN if new or name in self.changed_data}
        if any(name.startswith("option_") for name in self.changed_data) or (new and self.options):
            own["options"] = {name: data[f"option_{place}"] for place, name in enumerate(self.options)}
        if "image" in self.changed_data:
            own["image_id"] = UUID(data["image"]) if data["image"] else None
        return own

    def typed(self, row_id: UUID) -> Typed:
        """Answer what was typed into the columns of other modules."""
        names = set(column_fields())
        return Typed(
            row_id, {name: self.cleaned_data.get(name) for name in names}, frozenset(names & set(self.changed_data))
        )


class VariantInline(ScopedTabularInline):
    """The variants of a product; on a product that exists."""

    model = Variant
    resource = "products"
    form = VariantForm
    max_num = MAX_VARIANTS
    hide_title = True
    classes = ("rt-variants",)
    verbose_name = _("variant")
    verbose_name_plural = _("Variants, prices and stock")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read choices and images along."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.prefetch_related("choices__option", "choices__value", "images").order_by("position", "pk")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Build a row with a choice for each option and the columns of other modules."""
        options = _options_of(obj)
        fields: dict[str, Any] = {"options": options, "standing": _read_columns(obj)}
        for place, (name, values) in enumerate(options.items()):
            attrs = {"list": f"values-{place}", "autocomplete": "off", "data-values": "|".join(values)}
            fields[f"option_{place}"] = forms.CharField(
                label=name, max_length=80, widget=UnfoldAdminTextInputWidget(attrs=attrs)
            )
        fields |= column_fields()
        kwargs["form"] = type("VariantForm", (VariantForm,), fields)
        formset = super().get_formset(request, obj, **kwargs)
        shown = obj.images.filter(variant=None).order_by("position", "pk").values_list("asset_id", flat=True)
        formset.form.base_fields["image"].choices = choices_of(list(shown))
        return formset

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Order the columns: what it is, what it costs, how many there are, the rest."""
        chosen = [f"option_{place}" for place in range(len(_options_of(obj)))]
        return [*chosen, "sku", *column_fields(), "is_active", "image", "weight_g", "requires_shipping", "barcode"]


def _options_of(product: Any) -> dict[str, list[str]]:
    """Read the options of a product with their values; once a request."""
    if product is None:
        return {}
    if not hasattr(product, "_option_values"):
        found: dict[str, list[str]] = {
            name: [] for name in product.options.order_by("position").values_list("name", flat=True)
        }
        rows = OptionValue.objects.filter(option__product=product).order_by("option__position", "position")
        for name, value in rows.values_list("option__name", "value"):
            found[name].append(value)
        product._option_values = found
    values: dict[str, list[str]] = product._option_values
    return values


def _read_columns(product: Any) -> dict[UUID, dict[str, Any]]:
    """Read the columns of other modules for all variants at once."""
    found: dict[UUID, dict[str, Any]] = {}
    keys = list(product.variants.values_list("pk", flat=True))
    for columns in row_columns("product.Variant"):
        for row_id, values in columns.read(keys).items():
            found.setdefault(row_id, {}).update(values)
    return found


def variant_rows(formset: Any) -> tuple[list[Model], list[tuple[int, Any]], list[tuple[int, Any]]]:
    """Sort the rows into those to delete, to change and to add; the numbers are places on the page."""
    gone = set(formset.deleted_forms)
    changed = [
        (place, form)
        for place, form in enumerate(formset.forms)
        if form not in gone and form.has_changed() and not form.instance._state.adding
    ]
    added = [
        (place, form)
        for place, form in enumerate(formset.forms)
        if form not in gone and form.has_changed() and form.instance._state.adding
    ]
    return [form.instance for form in formset.deleted_forms if not form.instance._state.adding], changed, added
