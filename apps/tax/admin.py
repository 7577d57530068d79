"""Tax rates, and how the shop states its prices, in the admin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.tax.models import TaxRate, TaxSettings
from apps.tax.services import set_tax_rate, set_tax_settings
from rustok.kernel.edges.admin import Admin, Menu


class RateForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rate, in percent."""

    percent = forms.DecimalField(
        label=_("Rate (%)"), min_value=Decimal(0), max_value=Decimal(100), max_digits=5, decimal_places=2
    )

    class Meta:
        model = TaxRate
        fields = ("country", "region", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["percent"] = Decimal(self.instance.rate_bp) / 100

    def clean_country(self) -> str:
        """Write the code in capitals."""
        return str(self.cleaned_data["country"]).strip().upper()


@admin.register(TaxRate)
class TaxRateAdmin(Admin):
    """Rates by country and region."""

    resource = "settings"
    menu = Menu("sales", "percent", 70)
    form = RateForm
    list_display = ("name", "country", "region", "rate")
    search_fields = ("name", "country", "region")
    fields = ("country", "region", "name", "percent")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep where the rate holds: elsewhere is another rate."""
        return ("country", "region") if obj else ()

    @display(description=_("Rate"), ordering="rate_bp")
    def rate(self, obj: TaxRate) -> str:
        """Answer the rate in percent."""
        return f"{obj.rate_bp / 100:g} %"

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Set the rate."""
        data = form.cleaned_data
        return set_tax_rate(
            actor=request.actor,  # type: ignore[attr-defined]
            country=obj.country if change else data["country"],
            region=obj.region if change else data["region"],
            name=data["name"],
            rate_bp=int(data["percent"] * 100),
        )


@admin.register(TaxSettings)
class TaxSettingsAdmin(Admin):
    """One page: whether prices include tax."""

    resource = "settings"
    menu = Menu("sales", "request_quote", 75)
    nav_title = _("Tax settings")
    fields = ("prices_include_tax", "tax_shipping")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Once."""
        return super().has_add_permission(request) and not TaxSettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the only page."""
        only = TaxSettings.objects.first()
        if only is not None and self.has_view_permission(request):
            return redirect("admin:tax_taxsettings_change", only.pk)
        if self.has_add_permission(request):
            return redirect("admin:tax_taxsettings_add")
        return super().changelist_view(request, extra_context)

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Say how prices are stated."""
        return set_tax_settings(actor=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
