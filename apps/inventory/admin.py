"""Stock in the admin: what there is and where, every change to it, and the places; beside variants, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import F, Model, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RangeDateFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from apps.inventory.models import MAX_STOCK, Location, StockAdjustment, StockLevel, StockPolicy
from apps.inventory.selectors import stock_of
from apps.inventory.services import (
    adjust_stock,
    create_location,
    delete_location,
    set_policy,
    set_stock,
    update_location,
)
from rustok.kernel.access import Actor
from rustok.kernel.edges.admin import Admin, Menu, moment, object_action
from rustok.kernel.edges.admin_columns import ListColumn, RowError, Typed, add_list_column, add_row_columns
from rustok.kernel.edges.admin_words import word
from rustok.kernel.edges.panels import panel
from rustok.kernel.errors import DomainError

#: What counts as low for a variant without a mark of its own.
LOW = 5
#: Variants that the dashboard lists.
ROWS = 8
#: Locations that have a column beside variants; the rest is on the page of stock.
COLUMNS = 4


def _variants() -> QuerySet[Any]:
    found: QuerySet[Any] = StockLevel._meta.get_field("variant").related_model._default_manager.all()  # type: ignore[union-attr]
    return found


def _name(level: Any) -> str:
    return word(level.variant.product.translations.all(), "title", level.variant.product.handle)


def _with_names(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("variant__product", "location").prefetch_related("variant__product__translations")


# --- stock ----------------------------------------------------------------------------------------------------------


class AdjustForm(forms.Form):
    """So many more or fewer, and why."""

    delta = forms.IntegerField(
        label=pgettext_lazy("of a stock", "Change"), min_value=-MAX_STOCK, max_value=MAX_STOCK,
        help_text=_("5 adds five pieces, -5 takes five away."),
    )  # fmt: skip
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[c for c in StockAdjustment.Reason.choices if c[0] != StockAdjustment.Reason.SHIPPED]
    )


class CountForm(forms.Form):
    """What was counted."""

    on_hand = forms.IntegerField(label=_("On hand"), min_value=0, max_value=MAX_STOCK)

    def about(self, level: StockLevel) -> None:
        """Begin with what stands there."""
        self.fields["on_hand"].initial = level.on_hand


class PolicyForm(forms.Form):
    """How the variant's stock is treated, everywhere."""

    tracked = forms.BooleanField(label=_("Stock is counted"), required=False)
    backorder = forms.BooleanField(label=_("Sold beyond stock"), required=False)
    low_stock_at = forms.IntegerField(
        label=_("Low at"), min_value=0, max_value=1_000_000,
    )  # fmt: skip

    def about(self, level: StockLevel) -> None:
        """Begin with what holds now."""
        policy = StockPolicy.objects.filter(variant_id=level.variant_id).first() or StockPolicy()
        for name, field in self.fields.items():
            field.initial = getattr(policy, name)
        hint = gettext("At this number the dashboard warns; 0: at %(low)s.") % {"low": LOW}
        self.fields["low_stock_at"].help_text = hint


class AvailabilityFilter(DropdownFilter):  # type: ignore[misc]
    """By what is left."""

    title = _("availability")
    parameter_name = "available"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the kinds."""
        return [("none", _("nothing left")), ("low", _("%(low)s or fewer") % {"low": LOW}), ("some", _("available"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those of the kind."""
        left = queryset.annotate(left=F("on_hand") - F("reserved"))
        kinds = {"none": left.filter(left=0), "low": left.filter(left__lte=LOW), "some": left.filter(left__gt=0)}
        return kinds.get(self.value() or "", queryset)


@admin.register(StockLevel)
class StockLevelAdmin(Admin):
    """Stock by variant and location; it changes by actions, each of which says why."""

    resource = "inventory"
    menu = Menu("catalogue", "inventory", 20)
    list_display = ("item", "sku", "location", "on_hand", "reserved", "left")
    list_filter = ("location", AvailabilityFilter)
    search_fields = ("variant__sku", "variant__product__handle", "variant__product__translations__title")
    ordering = ("variant__sku", "location")
    fields = ("item", "sku", "location", "on_hand", "reserved", "left", "changes")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read names along."""
        return _with_names(super().get_queryset(request))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: stock is set on the page of the product."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never by a form: every change says why."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def search_title(self, obj: StockLevel) -> str:
        """Answer SKU and place."""
        return f"{obj.variant.sku} · {obj.location}"

    @display(description=_("Product"))
    def item(self, obj: StockLevel) -> str:
        """Answer the title of the product, and which variant."""
        return " · ".join(part for part in (_name(obj), obj.variant.title) if part)

    @display(description=_("SKU"), ordering="variant__sku")
    def sku(self, obj: StockLevel) -> str:
        """Answer the SKU."""
        return str(obj.variant.sku)

    @display(description=_("Available"), label={"none": "danger", "low": "warning", "some": "success"})
    def left_label(self, obj: StockLevel) -> tuple[str, str]:
        """Answer what can be sold, in a colour."""
        return "none" if obj.available <= 0 else "low" if obj.available <= LOW else "some", str(obj.available)

    @display(description=_("Available"))
    def left(self, obj: StockLevel) -> int:
        """Answer what can be sold."""
        return obj.available

    @display(description=_("Last changes"))
    def changes(self, obj: StockLevel) -> SafeString:
        """List the last changes here."""
        rows = StockAdjustment.objects.filter(variant_id=obj.variant_id, location_id=obj.location_id).order_by("-id")[
            :10
        ]
        return _log(rows)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Colour what is left, in the list."""
        return tuple("left_label" if name == "left" else name for name in super().get_list_display(request))

    @object_action(_("Adjust"), permission="inventory.update", form=AdjustForm, primary=True, icon="exposure")
    def adjust(self, request: HttpRequest, obj: StockLevel, data: dict[str, Any]) -> str:
        """Add or take away."""
        done = adjust_stock(
            actor=request.actor, variant_id=obj.variant_id, location_id=obj.location_id, **data  # type: ignore[attr-defined]
        )  # fmt: skip
        return gettext("There are %(count)s now.") % {"count": done.on_hand}

    @object_action(_("Count"), permission="inventory.update", form=CountForm, icon="fact_check")
    def count(self, request: HttpRequest, obj: StockLevel, data: dict[str, Any]) -> str:
        """Set what was counted."""
        set_stock(actor=request.actor, variant_id=obj.variant_id, location_id=obj.location_id, **data)  # type: ignore[attr-defined]
        return gettext("There are %(count)s now.") % {"count": data["on_hand"]}

    @object_action(_("Rules"), permission="inventory.update", form=PolicyForm, icon="rule", button=_("Save"))
    def rules(self, request: HttpRequest, obj: StockLevel, data: dict[str, Any]) -> str:
        """Say how the variant's stock is treated."""
        set_policy(actor=request.actor, variant_id=obj.variant_id, **data)  # type: ignore[attr-defined]
        return gettext("The rules are saved.")


def _log(rows: QuerySet[StockAdjustment]) -> SafeString:
    from django.utils import timezone
    from django.utils.formats import date_format
    from django.utils.html import format_html_join

    def reason(row: StockAdjustment) -> str:
        return str(dict(StockAdjustment.Reason.choices).get(row.reason, row.reason))

    lines = format_html_join(
        "", '<tr><td>{}</td><td class="rt-number">{}</td><td class="rt-number">{}</td><td>{}</td></tr>',
        ((date_format(timezone.localtime(row.created_at), "SHORT_DATETIME_FORMAT"), f"{row.delta:+}", row.on_hand,
          reason(row)) for row in rows),
    )  # fmt: skip
    return format_html('<table class="rt-table"><tbody>{}</tbody></table>', lines) if lines else SafeString("—")


@admin.register(StockAdjustment)
class StockAdjustmentAdmin(Admin):
    """Every change to stock; nothing of it is edited."""

    resource = "inventory"
    menu = Menu("catalogue", "history", 22)
    list_display = (moment("created_at", _("Happened")), "item", "location", "change", "on_hand", "why")
    list_filter = ("location", ("reason", ChoicesDropdownFilter), ("created_at", RangeDateFilter))
    search_fields = ("variant__sku",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read names along."""
        return _with_names(super().get_queryset(request))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: services write it."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    @display(description=_("Item"), ordering="variant__sku")
    def item(self, obj: StockAdjustment) -> str:
        """Answer SKU and title."""
        return f"{obj.variant.sku} · {_name(obj)}"

    @display(description=pgettext_lazy("of a stock", "Change"), ordering="delta")
    def change(self, obj: StockAdjustment) -> str:
        """Answer the change with its sign."""
        return f"{obj.delta:+}"

    @display(description=_("Reason"))
    def why(self, obj: StockAdjustment) -> str:
        """Answer the reason in words."""
        return str(dict(StockAdjustment.Reason.choices).get(obj.reason, obj.reason))


# --- places -----------------------------------------------------------------------------------------------------------

_ADDRESS = ("line1", "line2", "postal_code", "city", "region", "country")


class LocationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A place and its address."""

    line1 = forms.CharField(label=_("Street"), max_length=120, required=False)
    line2 = forms.CharField(label=_("Second line"), max_length=120, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    region = forms.CharField(label=_("Region"), max_length=120, required=False)
    country = forms.CharField(label=_("Country"), max_length=2, required=False, help_text=_("ISO code, such as DE"))

    class Meta:
        model = Location
        fields = ("name", "is_default", "is_active", "position")
        help_texts = {"position": _("The order in which stock is taken, after the default location.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _ADDRESS:
            if name in self.fields:
                self.fields[name].initial = (self.instance.address or {}).get(name, "")


@admin.register(Location)
class LocationAdmin(Admin):
    """Places that hold stock."""

    resource = "inventory"
    menu = Menu("catalogue", "warehouse", 24)
    form = LocationForm
    list_display = ("name", "is_default", "is_active", "position")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "is_default", "is_active", "position")}),
        (_("Address"), {"fields": _ADDRESS}),
    )

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Add or change the place."""
        data, actor = dict(form.cleaned_data), request.actor  # type: ignore[attr-defined]
        address = {name: said for name in _ADDRESS if (said := data.pop(name, ""))}
        if change:
            return update_location(actor=actor, location_id=obj.pk, address=address, **data)
        return create_location(actor=actor, address=address, **data)

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Remove a place that never held anything."""
        delete_location(actor=request.actor, location_id=obj.pk)  # type: ignore[attr-defined]


# --- beside variants --------------------------------------------------------------------------------------------------


class StockColumns:
    """What is on hand at each location."""

    def fields(self) -> dict[str, forms.Field]:
        """Answer a number a location; one for the default location in a shop that has none yet."""
        places = list(Location.objects.order_by("-is_default", "position", "name")[:COLUMNS])
        named = [(place.pk.hex, place.name) for place in places] or [("default", gettext("Stock"))]
        one = len(named) == 1
        return {
            f"stock_{key}": forms.IntegerField(
                label=_("Stock") if one else _("Stock, %(place)s") % {"place": name}, required=False, min_value=0,
                max_value=MAX_STOCK, widget=UnfoldAdminIntegerFieldWidget,
                help_text=_("On hand; what is promised to orders included."),
            )
            for key, name in named
        }  # fmt: skip

    def read(self, row_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
        """Read the stock of all variants; one query."""
        found: dict[UUID, dict[str, Any]] = {}
        rows = StockLevel.objects.filter(variant_id__in=row_ids)
        for variant_id, location_id, on_hand in rows.values_list("variant_id", "location_id", "on_hand"):
            found.setdefault(variant_id, {})[f"stock_{location_id.hex}"] = on_hand
        return found

    def write(self, actor: Actor, rows: Sequence[Typed]) -> None:
        """Set what was counted."""
        for row in rows:
            for name in sorted(row.changed):
                if row.values.get(name) is not None:
                    self._count(actor, row, name)

    def _count(self, actor: Actor, row: Typed, name: str) -> None:
        place = name.removeprefix("stock_")
        try:
            set_stock(
                actor=actor, variant_id=row.row_id, on_hand=row.values[name],
                location_id=None if place == "default" else UUID(hex=place),
            )  # fmt: skip
        except DomainError as refusal:
            raise RowError(row.row_id, refusal, name) from refusal


def _totals(product_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Write how many of each product are left; three queries."""
    variants = _variants().filter(product_id__in=product_ids)
    products = dict(variants.values_list("pk", "product_id"))
    sums: dict[UUID, int | None] = {}
    for variant_id, stock in stock_of(products).items():
        before = sums.get(products[variant_id], 0)
        sums[products[variant_id]] = None if stock.quantity is None or before is None else before + stock.quantity
    return {product: gettext("not counted") if left is None else str(left) for product, left in sums.items()}


add_row_columns("product.Variant", StockColumns(), order=20)
add_list_column("product.Product", ListColumn("stock", _("Stock"), _totals))


# --- on the dashboard -------------------------------------------------------------------------------------------------


@panel("low_stock", template="admin/rustok/panels/low_stock.html", permission="inventory.read", order=40)
def low_stock_panel(request: HttpRequest) -> dict[str, Any]:
    """Show what runs out: counted variants of products on sale, the emptiest first."""
    mark = StockPolicy.objects.filter(variant_id=OuterRef("variant_id"), low_stock_at__gt=0).values("low_stock_at")
    uncounted = StockPolicy.objects.filter(tracked=False).values("variant_id")
    sums = (
        StockLevel.objects.filter(location__is_active=True, variant__is_active=True, variant__product__status="active")
        .exclude(variant_id__in=uncounted)
        .values("variant_id")
        .annotate(free=Sum(F("on_hand") - F("reserved")), mark=Coalesce(Subquery(mark), Value(LOW)))
        .filter(free__lte=F("mark"))
        .order_by("free", "variant__sku")
    )
    found = list(sums[:ROWS])
    variants = _variants().select_related("product").prefetch_related("product__translations")
    by_id = variants.in_bulk([row["variant_id"] for row in found])
    rows = []
    for row in found:
        variant = by_id[row["variant_id"]]
        title = word(variant.product.translations.all(), "title", variant.product.handle)
        rows.append(
            {"variant": variant, "title": title, "free": row["free"], "tone": "bad" if row["free"] <= 0 else "warn"}
        )
    return {"rows": rows, "low": LOW}
