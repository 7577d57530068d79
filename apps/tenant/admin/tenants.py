"""Tenants in the platform's admin: nobody else sees that there are others."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.tenant.models import Tenant
from apps.tenant.services import create_tenant, update_tenant
from rustok.kernel.edges.admin import Admin, Menu, moment
from rustok.kernel.edges.panels import panel

#: Tenants that the dashboard lists.
NEWEST = 10


def _words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


class WordsField(forms.CharField):
    """Short codes, separated by commas or spaces."""

    def prepare_value(self, value: Any) -> Any:
        """Write a list."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Read a list."""
        return _words(super().to_python(value) or "")


class TenantForm(forms.ModelForm):  # type: ignore[type-arg]
    """A tenant's settings, and on creation its domains."""

    domains = WordsField(
        label=_("Domains"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Host names that lead to it, such as shop.example.com; the first is the primary one."),
    )  # fmt: skip
    locales = WordsField(
        label=_("Languages"), widget=UnfoldAdminTextInputWidget, initial=["en"],
        help_text=_("BCP 47, such as en, de; the first is the default."),
    )  # fmt: skip
    currencies = WordsField(
        label=_("Currencies"), widget=UnfoldAdminTextInputWidget, initial=["USD"],
        help_text=_("ISO 4217, such as USD, EUR; the first is the default."),
    )  # fmt: skip
    timezone = forms.ChoiceField(label=_("Time zone"), widget=UnfoldAdminSelect2Widget, initial="UTC")
    accent = forms.RegexField(
        r"^#[0-9a-fA-F]{6}$", label=_("Colour"), required=False, widget=UnfoldAdminColorInputWidget,
        help_text=_("The accent of the storefront and of this shop's back office."),
    )  # fmt: skip

    class Meta:
        model = Tenant
        fields = ("slug", "name")
        labels = {"slug": _("Short name"), "name": _("Name")}
        help_texts = {"slug": _("Lower case letters, digits and hyphens. It names the schema and never changes.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "timezone" in self.fields:
            self.fields["timezone"].choices = [(zone, zone) for zone in sorted(available_timezones())]  # type: ignore[attr-defined]
        if not self.instance._state.adding:
            self.initial.update({
                "locales": self.instance.locales, "currencies": self.instance.currencies,
                "timezone": self.instance.timezone, "accent": (self.instance.theme or {}).get("accent", "#3451b2"),
            })  # fmt: skip


@admin.register(Tenant)
class TenantAdmin(Admin):
    """The shops and sites of this deployment."""

    resource = "tenants"
    menu = Menu("system", "apartment", 10)
    form = TenantForm
    list_display = ("name", "slug", "state", "host", "languages", "money", moment("created_at", _("Created")))
    list_filter = ("status",)
    search_fields = ("slug", "name", "domains__domain")
    ordering = ("slug",)
    add_fieldsets = (
        (None, {"fields": ("name", "slug", "domains")}),
        (_("Trade"), {"fields": ("locales", "currencies", "timezone")}),
        (_("Look"), {"fields": ("accent",)}),
    )
    fieldsets = (
        (None, {"fields": ("name", "slug", "host_names")}),
        (_("Trade"), {"fields": ("locales", "currencies", "timezone")}),
        (_("Look"), {"fields": ("accent",)}),
        (_("State"), {"fields": ("state_name", "created_at", "updated_at")}),
    )
    field_names = {"domain": "domains"}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep what never changes as it is."""
        return ("slug", "host_names", "state_name", "created_at", "updated_at") if obj else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read domains along."""
        return super().get_queryset(request).prefetch_related("domains")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never by a click: a tenant is all that a shop has."""
        return False

    @display(description=_("State"), label={"active": "success", "suspended": "warning"})
    def state(self, obj: Tenant) -> tuple[str, str]:
        """Answer the status."""
        return obj.status, str(obj.get_status_display())

    @display(description=_("State"))
    def state_name(self, obj: Tenant) -> str:
        """Answer the status, for the page."""
        return str(obj.get_status_display())

    @display(description=_("Primary domain"))
    def host(self, obj: Tenant) -> str:
        """Answer the primary domain."""
        return next((domain.domain for domain in obj.domains.all() if domain.is_primary), "—")

    @display(description=_("Domains"))
    def host_names(self, obj: Tenant) -> str:
        """List the domains."""
        return ", ".join(domain.domain for domain in obj.domains.all()) or "—"

    @display(description=_("Languages"))
    def languages(self, obj: Tenant) -> str:
        """List the locales, the default first."""
        return ", ".join(obj.locales)

    @display(description=_("Currencies"))
    def money(self, obj: Tenant) -> str | SafeString:
        """List the currencies, the default first."""
        return ", ".join(obj.currencies)

    def save_through_service(self, request: HttpRequest, obj: Tenant, form: Any, formsets: Any, change: bool) -> Tenant:
        """Create the tenant with its schema, or change its settings."""
        data = form.cleaned_data
        theme = (obj.theme or {}) | ({"accent": data["accent"]} if data.get("accent") else {})
        values = {field: data[field] for field in ("name", "locales", "currencies", "timezone")}
        actor = request.actor  # type: ignore[attr-defined]
        if change:
            return update_tenant(actor=actor, slug=obj.slug, theme=theme, **values)
        return create_tenant(actor=actor, slug=data["slug"], domains=data["domains"], theme=theme, **values)


@panel(
    "tenants", template="admin/rustok/panels/tenants.html", permission="tenants.read", order=10, place="platform",
    width="full",
)  # fmt: skip
def tenants_panel(request: HttpRequest) -> dict[str, Any]:
    """Show how many tenants there are, and the newest."""
    newest = list(Tenant.objects.prefetch_related("domains").order_by("-created_at")[:NEWEST])
    return {"count": Tenant.objects.count(), "tenants": newest}
