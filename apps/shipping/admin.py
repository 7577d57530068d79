"""Ways to send a parcel, in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.shipping.models import ShippingMethod
from apps.shipping.services import save_shipping_method
from rustok.kernel.edges.admin import Menu
from rustok.kernel.edges.admin_money import AmountField, shown
from rustok.kernel.edges.admin_words import TranslatedAdmin, line, word
from rustok.kernel.tenancy import current_tenant


class CodesField(forms.CharField):
    """Codes of countries, separated by commas or spaces."""

    def prepare_value(self, value: Any) -> Any:
        """Write a list."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Read a list."""
        codes = (super().to_python(value) or "").replace(",", " ").upper().split()
        if any(len(code) != 2 or not code.isalpha() for code in codes):
            raise ValidationError(_("A code has two letters."))
        return codes

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare codes, not how they are written."""
        return list(initial or []) != (data or "").replace(",", " ").upper().split()

    def validate(self, value: Any) -> None:
        """Take an empty list, too."""

    def run_validators(self, value: Any) -> None:
        """Leave the length to the field."""


class MethodForm(forms.ModelForm):  # type: ignore[type-arg]
    """A method, and what it costs in each currency."""

    countries = CodesField(
        label=_("Countries"), required=False,
        help_text=_("ISO codes, separated by commas, such as DE, AT, CH. Empty: everywhere."),
    )  # fmt: skip

    class Meta:
        model = ShippingMethod
        fields = ("handle", "position", "is_active")
        help_texts = {"handle": _("A short name for the API. It never changes."), "position": _("0 is shown first.")}

    def clean(self) -> dict[str, Any]:
        """Keep a price that was set: without one, carts that chose the method could not be completed."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in [name for name in self.fields if name.startswith("price_")]:
            if self.fields[name].initial is not None and name in data and data[name] is None:
                self.add_error(name, _("A price cannot be taken away; switch the method off instead."))
        return data


@admin.register(ShippingMethod)
class ShippingMethodAdmin(TranslatedAdmin):
    """Shipping methods with their prices."""

    resource = "settings"
    menu = Menu("sales", "local_shipping", 60)
    form = MethodForm
    words = {
        "name": line(_("Name"), max_length=120),
        "description": line(_("Description"), max_length=300, help_text=_("Such as: in 2 to 4 working days.")),
    }
    list_display = ("name", "prices", "where", "is_active", "position")
    ordering = ("position", "handle")
    search_fields = ("handle", "translations__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read names and prices along."""
        return super().get_queryset(request).prefetch_related("translations", "rates")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Add two amounts for each currency of the tenant."""
        rates = {} if obj is None else {rate.currency: rate for rate in obj.rates.all()}
        fields: dict[str, Any] = {}
        for currency in current_tenant().currencies:
            rate = rates.get(currency)
            fields[f"price_{currency}"] = AmountField(
                currency, label=_("Price, %(currency)s") % {"currency": currency}, required=False,
                initial=rate.amount if rate else None,
            )  # fmt: skip
            fields[f"free_{currency}"] = AmountField(
                currency, label=_("Free from, %(currency)s") % {"currency": currency}, required=False,
                initial=rate.free_from if rate else None,
            )  # fmt: skip
        kwargs["form"] = type("MethodForm", (MethodForm,), fields)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show names, prices, and where it goes."""
        prices = tuple((f"price_{currency}", f"free_{currency}") for currency in current_tenant().currencies)
        where = (_("Offered"), {"fields": ("handle", "countries", "position", "is_active")})
        return [(_("Prices"), {"fields": prices}), where, *self.word_tabs()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the handle."""
        return ("handle",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: a method is switched off, because carts may have chosen it."""
        return False

    @display(description=_("Name"), ordering="handle")
    def name(self, obj: ShippingMethod) -> str:
        """Answer the name in the reader's language."""
        return word(obj.translations.all(), "name", obj.handle)

    @display(description=_("Prices"))
    def prices(self, obj: ShippingMethod) -> str:
        """List the prices."""
        return " · ".join(shown(rate.amount, rate.currency) for rate in obj.rates.all()) or "—"

    @display(description=_("Where to"))
    def where(self, obj: ShippingMethod) -> str:
        """List the countries."""
        return ", ".join(obj.countries) or gettext("everywhere")

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Save the method with its names and prices."""
        data, words = form.cleaned_data, self.words_in(form)
        currencies = current_tenant().currencies
        pairs = [(data[f"price_{currency}"], data[f"free_{currency}"]) for currency in currencies]
        method_id = save_shipping_method(
            actor=request.actor,  # type: ignore[attr-defined]
            handle=obj.handle if change else data["handle"],
            names={locale: said["name"] for locale, said in words.items() if said},
            descriptions={locale: said["description"] for locale, said in words.items() if said},
            rates=[(price, free) for price, free in pairs if price is not None],
            countries=data["countries"],
            position=data["position"],
            is_active=data["is_active"],
        )
        return ShippingMethod.objects.get(pk=method_id)
