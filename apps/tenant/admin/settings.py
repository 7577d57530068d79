"""A shop's own settings and domains, in its own admin."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.tenant.admin.tenants import TenantForm, WordsField
from apps.tenant.inputs import SettingsInput
from apps.tenant.models import Domain, Shop
from apps.tenant.records import texts
from apps.tenant.services import add_domain, change_settings, make_primary, remove_domain, verify_domain
from apps.tenant.services.domains import record_name, record_value
from apps.tenant.services.settings import THEME
from rustok.kernel.edges.admin import Admin, Menu, object_action
from rustok.kernel.edges.limits import limit
from rustok.kernel.tenancy import current_tenant

_LOOK = ("tagline", "announcement", "accent", "ground", "typeface", "corners", "pattern")
_CHOICES: dict[str, dict[str, Any]] = {
    "typeface": {"plain": _("plain"), "signage": _("like signs"), "bookish": _("like books")},
    "corners": {"sharp": _("sharp"), "soft": _("soft"), "round": _("round")},
    "pattern": {"": _("none"), "contours": _("contour lines"), "shelf": _("shelf")},
}


def _choice(name: str, label: Any) -> forms.ChoiceField:
    keys = (*(("",) if name == "pattern" else ()), *THEME[name])
    choices = [(key, _CHOICES[name][key]) for key in keys]
    return forms.ChoiceField(label=label, choices=choices, required=name != "pattern", widget=UnfoldAdminSelectWidget)


def _line(label: Any, most: int, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, required=False, widget=UnfoldAdminTextInputWidget, help_text=help_text
    )


class ShopForm(TenantForm):
    """What a shop says of itself."""

    tagline = _line(_("Line below the name"), 120, _("A few words, the same in every language."))
    announcement = _line(_("Announcement"), 200, _("Shown above every page. Empty: none."))
    ground = forms.RegexField(
        r"^#[0-9a-fA-F]{6}$", label=_("Second colour"), required=False, widget=UnfoldAdminColorInputWidget
    )
    typeface = _choice("typeface", _("Headings"))
    corners = _choice("corners", _("Corners"))
    pattern = _choice("pattern", _("Pattern"))
    cors_origins = WordsField(
        label=_("Apps that may call the API"), required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2, "placeholder": "https://app.example.com"}),
        help_text=_("Addresses of web pages whose scripts may use this shop's API, without a path."),
    )  # fmt: skip

    class Meta(TenantForm.Meta):
        model = Shop
        fields = ("name", "staff_second_factor")
        labels = {"name": _("Name"), "staff_second_factor": _("Staff need a second factor")}
        help_texts = {"staff_second_factor": _("Whoever works here confirms each login with a code from their phone.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        theme = self.instance.theme or {}
        defaults = {"accent": "#3451b2", "typeface": "plain", "corners": "soft"}
        self.initial.update({name: theme.get(name, defaults.get(name, "")) for name in _LOOK})
        self.initial["cors_origins"] = self.instance.cors_origins

    def changes(self) -> dict[str, Any]:
        """Answer the form as the one validation reads it; what the theme has beyond the form is kept."""
        data = self.cleaned_data
        theme = {**(self.instance.theme or {}), **{name: data[name] for name in _LOOK}}
        known = {
            name: value for name, value in theme.items() if value or name in ("tagline", "announcement", "pattern")
        }
        fields = ("name", "locales", "currencies", "timezone", "cors_origins", "staff_second_factor")
        return SettingsInput.parse({name: data[name] for name in fields} | {"theme": known}, partial=True)


@admin.register(Shop)
class ShopAdmin(Admin):
    """The one page of settings."""

    resource = "settings"
    menu = Menu("system", "settings", 10)
    nav_title = _("Settings")
    form = ShopForm
    fieldsets = (
        (None, {"fields": ("name", "address")}),
        (_("Trade"), {"fields": ("locales", "currencies", "timezone")}),
        (
            _("Look"),
            {"fields": ("tagline", "announcement", ("accent", "ground"), "typeface", "corners", "pattern")},
        ),
        (_("Access"), {"fields": ("staff_second_factor", "cors_origins")}),
        (_("Limits"), {"fields": ("limits_in_words",)}),
    )
    readonly_fields = ("address", "limits_in_words")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the shop that one works in, and no other."""
        return super().get_queryset(request).filter(pk=current_tenant().id)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Go to the one page there is."""
        return redirect(reverse(f"{self.admin_site.name}:tenant_shop_change", args=[current_tenant().id]))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: shops are made by the platform."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: a shop is deleted by the platform."""
        return False

    def search_title(self, obj: Shop) -> str:
        """Answer what the page is called."""
        return gettext("Settings")

    @display(description=_("Address"))
    def address(self, obj: Shop) -> SafeString:
        """Answer the primary domain, and where the others are."""
        primary = next((one.domain for one in obj.domains.all() if one.is_primary), "—")
        where = reverse(f"{self.admin_site.name}:tenant_domain_changelist")
        return format_html('{} · <a href="{}" class="text-primary-600">{}</a>', primary, where, gettext("Domains"))

    @display(description=_("What it may use"))
    def limits_in_words(self, obj: Shop) -> str:
        """List what the platform lets the shop use at most."""
        shown = [f"{_LIMIT_WORDS[name]}: {value:,}" for name, value in obj.limits.items() if name in _LIMIT_WORDS]
        return " · ".join(shown) or gettext("As the platform has it for everybody.")

    def save_through_service(self, request: HttpRequest, obj: Shop, form: Any, formsets: Any, change: bool) -> Any:
        """Change the settings."""
        changed = change_settings(actor=request.actor, changes=form.changes())  # type: ignore[attr-defined]
        obj.refresh_from_db()
        return obj if changed else None


_LIMIT_WORDS = {
    "requests_per_minute": _("requests a minute"),
    "graphql_points_per_minute": _("GraphQL points a minute"),
    "upload_bytes": _("bytes of one upload"),
    "media_bytes": _("bytes of all images"),
}


def _record(domain: Domain, before: str, after: str) -> SafeString:
    """Show the record of a domain, between two sentences."""
    return format_html(
        '<p>{}</p><p class="my-2 break-all"><code>{}</code> TXT <code>{}</code></p><p>{}</p>',
        before, record_name(domain), record_value(domain), after,
    )  # fmt: skip


class DomainForm(forms.ModelForm):  # type: ignore[type-arg]
    """A domain to name."""

    class Meta:
        model = Domain
        fields = ("domain",)
        labels = {"domain": _("Domain")}
        help_texts = {"domain": _("A host name of yours, such as shop.example.com.")}


@admin.register(Domain)
class DomainAdmin(Admin):
    """The shop's domains."""

    resource = "settings"
    menu = Menu("system", "language", 20)
    nav_title = _("Domains")
    form = DomainForm
    list_display = ("domain", "status", "since")
    ordering = ("domain",)
    add_fieldsets = ((None, {"fields": ("domain",)}),)
    fieldsets = ((None, {"fields": ("domain", "state", "what_to_do")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """List the shop's own."""
        return super().get_queryset(request).filter(tenant_id=current_tenant().id)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the name once it is there."""
        return ("domain", "state", "what_to_do") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: once the domain is named, its page has buttons only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep the primary one."""
        return super().has_delete_permission(request, obj) and not (obj is not None and obj.is_primary)

    @display(description=_("State"), label={
        "primary": "success", "verified": "info", "waiting": "warning", "missing": "danger",
    })  # fmt: skip
    def status(self, obj: Domain) -> tuple[str, str]:
        """Answer whether it leads here, and whether it goes on doing so."""
        if obj.missing_since:
            return "missing", gettext("record is missing")
        if obj.is_primary:
            return "primary", gettext("primary")
        return ("verified", gettext("leads here")) if obj.verified_at else ("waiting", gettext("waits for DNS"))

    @display(description=_("State"))
    def state(self, obj: Domain) -> str:
        """Answer the same on the domain's page, where there are no coloured labels."""
        return self.status(obj)[1]

    @display(description=_("Since"), ordering="verified_at")
    def since(self, obj: Domain) -> Any:
        """Answer when it was shown to be the shop's."""
        return obj.verified_at

    @display(description=_("What to do"))
    def what_to_do(self, obj: Domain) -> SafeString | str:
        """Answer the record that is to be made, made again or kept."""
        if obj.missing_since and obj.lapses_at:
            day = date_format(timezone.localtime(obj.lapses_at, ZoneInfo(current_tenant().timezone)), "DATE_FORMAT")
            asked = gettext(
                "The record that shows that the domain is yours is gone. Make it again where the domain's DNS is"
                " managed, by %(day)s: from then on the domain leads here no more, unless it is your only one."
            ) % {"day": day}
            return _record(obj, asked, gettext("Then press “Check now”. DNS can take an hour to tell everybody."))
        if obj.verified_at is None:
            asked = gettext("Make this record where the domain's DNS is managed:")
            return _record(obj, asked, gettext("Then press “Check now”. DNS can take an hour to tell everybody."))
        place = "" if obj.is_primary else gettext("Pages of this domain lead to the primary one.")
        if not obj.proof:
            return f"{gettext('Nothing.')} {place}".strip()
        return _record(obj, gettext("Keep this record: it is looked for every day."), place)

    @object_action(
        _("Check now"), permission="settings.update",
        when=lambda domain: domain.verified_at is None or domain.missing_since is not None,
        icon="travel_explore", primary=True,
    )  # fmt: skip
    def check_now(self, request: HttpRequest, obj: Domain, data: dict[str, Any]) -> str:
        """Look for the record."""
        limit(request, "domains")
        verify_domain(actor=request.actor, domain_id=obj.pk, look_up=texts, now=timezone.now())  # type: ignore[attr-defined]
        return gettext("%(domain)s leads here now.") % {"domain": obj.domain}

    @object_action(
        _("Make it the primary one"), permission="settings.update",
        when=lambda domain: bool(domain.verified_at and not domain.missing_since and not domain.is_primary),
        icon="star",
    )  # fmt: skip
    def promote(self, request: HttpRequest, obj: Domain, data: dict[str, Any]) -> str:
        """Let the others redirect to it."""
        make_primary(actor=request.actor, domain_id=obj.pk)  # type: ignore[attr-defined]
        return gettext("%(domain)s is the primary domain now.") % {"domain": obj.domain}

    def save_through_service(self, request: HttpRequest, obj: Domain, form: Any, formsets: Any, change: bool) -> Any:
        """Name the domain."""
        return obj if change else add_domain(actor=request.actor, domain=form.cleaned_data["domain"])  # type: ignore[attr-defined]

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Let it go."""
        key: UUID = obj.pk
        remove_domain(actor=request.actor, domain_id=key)  # type: ignore[attr-defined]
