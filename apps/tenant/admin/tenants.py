"""Tenants in the platform's admin: nobody else sees that there are others."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.tenant.admin.jobs import progress_of
from apps.tenant.models import Domain, Tenant
from apps.tenant.selectors import unfinished_job
from apps.tenant.services import (
    GRACE_DAYS,
    begin_creation,
    begin_export,
    begin_migration,
    leave_tenant,
    resume_tenant,
    set_limits,
    suspend_tenant,
    update_tenant,
)
from apps.tenant.services.settings import LIMITS
from rustok.kernel.edges.admin import Admin, Menu, moment, object_action
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


def _limit(name: str, label: Any) -> forms.IntegerField:
    low, high = LIMITS[name]
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=low,
        max_value=high,
        help_text=_("Empty: as for everybody."),
    )


class SuspendForm(forms.Form):
    """Why a tenant is suspended."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("Only the platform's people read it.")
    )


class LimitsForm(forms.Form):
    """What a tenant may use at most."""

    requests_per_minute = _limit("requests_per_minute", _("Requests a minute"))
    graphql_points_per_minute = _limit("graphql_points_per_minute", _("GraphQL points a minute"))
    upload_bytes = _limit("upload_bytes", _("Bytes of one upload"))
    media_bytes = _limit("media_bytes", _("Bytes of all files"))

    def about(self, tenant: Tenant) -> None:
        """Show what is set for this tenant."""
        for name, value in tenant.limits.items():
            if name in self.fields:
                self.fields[name].initial = value


class LeaveForm(forms.Form):
    """When a tenant is deleted, and that it is meant."""

    days = forms.IntegerField(
        label=_("Days until then"), initial=GRACE_DAYS, min_value=0, max_value=365,
        help_text=_("Until then it can be taken back. After that nothing can bring it back."),
    )  # fmt: skip
    slug = forms.CharField(label=_("Short name"), max_length=63)

    def about(self, tenant: Tenant) -> None:
        """Ask for the short name of this very tenant."""
        self._slug = tenant.slug
        self.fields["slug"].help_text = _("Type %(slug)s to show that you mean it.") % {"slug": tenant.slug}

    def clean_slug(self) -> str:
        """Compare what was typed in."""
        typed: str = self.cleaned_data["slug"]
        if typed.strip() != self._slug:
            raise forms.ValidationError(_("That is not its short name."))
        return typed


TONES = {"active": "success", "suspended": "warning", "leaving": "danger", "preparing": "info"}


def _is_active(tenant: Tenant) -> bool:
    return tenant.status == Tenant.Status.ACTIVE and not tenant.is_platform


def _is_closed(tenant: Tenant) -> bool:
    return tenant.status in (Tenant.Status.SUSPENDED, Tenant.Status.LEAVING)


def _may_leave(tenant: Tenant) -> bool:
    return tenant.status in (Tenant.Status.ACTIVE, Tenant.Status.SUSPENDED) and not tenant.is_platform


def _is_there(tenant: Tenant) -> bool:
    return tenant.status != Tenant.Status.PREPARING


def _said_of(domain: Domain) -> str:
    if domain.missing_since:
        return f"{domain.domain} ({gettext('record is missing')})"
    if domain.is_primary:
        return f"{domain.domain} ({gettext('primary')})"
    return domain.domain if domain.verified_at else f"{domain.domain} ({gettext('waits for DNS')})"


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
        (_("State"), {"fields": ("state_name", "limits_set", "all_jobs", "created_at", "updated_at")}),
    )
    field_names = {"domain": "domains"}
    change_form_before_template = "admin/rustok/jobs/tenant.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep what never changes as it is."""
        own = ("slug", "host_names", "state_name", "limits_set", "all_jobs", "created_at", "updated_at")
        return own if obj else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read domains along."""
        return super().get_queryset(request).prefetch_related("domains")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never by a click: a tenant is all that a shop has."""
        return False

    @display(description=_("State"), label=TONES)
    def state(self, obj: Tenant) -> tuple[str, str]:
        """Answer the status."""
        return obj.status, str(obj.get_status_display())

    @display(description=_("State"))
    def state_name(self, obj: Tenant) -> str:
        """Answer the status, for the page, and why it is suspended."""
        return " — ".join(filter(None, (str(obj.get_status_display()), obj.status_reason)))

    @display(description=_("Limits"))
    def limits_set(self, obj: Tenant) -> str:
        """List what is limited for this tenant otherwise than for everybody."""
        names = {name: field.label for name, field in LimitsForm().fields.items()}
        rows = [f"{names.get(name, name)}: {number_format(value, use_l10n=True, force_grouping=True)}"
                for name, value in sorted(obj.limits.items())]  # fmt: skip
        return "; ".join(rows) or gettext("as for everybody")

    @display(description=_("Jobs"))
    def all_jobs(self, obj: Tenant) -> SafeString:
        """Lead to all that was done with it."""
        query = urlencode({"q": obj.slug})
        return format_html(
            '<a href="{}?{}">{}</a>', reverse("admin:tenant_job_changelist"), query, gettext("What was done with it")
        )

    @display(description=_("Primary domain"))
    def host(self, obj: Tenant) -> str:
        """Answer the primary domain."""
        return next((domain.domain for domain in obj.domains.all() if domain.is_primary), "—")

    @display(description=_("Domains"))
    def host_names(self, obj: Tenant) -> str:
        """List the domains, and what there is to say of each."""
        return ", ".join(_said_of(domain) for domain in obj.domains.all()) or "—"

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
        job = begin_creation(actor=actor, slug=data["slug"], domains=data["domains"], theme=theme, **values)
        return Tenant.objects.get(pk=job.subject)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the job that is under way along with the tenant."""
        tenant = self.get_object(request, object_id)
        job = unfinished_job(tenant.slug) if tenant is not None else None
        extra = progress_of(job) if job else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | extra)

    # --- what can be done

    @object_action(
        _("Suspend"), permission="tenants.update", form=SuspendForm, when=_is_active, danger=True, icon="pause_circle",
        hint=_("It is refused everywhere within seconds, and its work waits. Nothing is lost."),
    )  # fmt: skip
    def suspend(self, request: HttpRequest, obj: Tenant, data: dict[str, Any]) -> str:
        """Refuse it everywhere."""
        suspend_tenant(actor=request.actor, slug=obj.slug, reason=data["reason"])  # type: ignore[attr-defined]
        return gettext("It is refused everywhere within seconds.")

    @object_action(_("Resume"), permission="tenants.update", when=_is_closed, primary=True, icon="play_circle")
    def resume(self, request: HttpRequest, obj: Tenant, data: dict[str, Any]) -> str:
        """Let it in again."""
        resume_tenant(actor=request.actor, slug=obj.slug)  # type: ignore[attr-defined]
        return gettext("It is served again.")

    @object_action(
        _("Limits"), permission="tenants.update", form=LimitsForm, when=_is_there, icon="speed", button=_("Save"),
        hint=_("What it may use at most. Other processes see it within seconds."),
    )  # fmt: skip
    def limit(self, request: HttpRequest, obj: Tenant, data: dict[str, Any]) -> str:
        """Set what it may use at most; what is left empty is as for everybody."""
        set_limits(actor=request.actor, slug=obj.slug, limits=data)  # type: ignore[attr-defined]
        return gettext("The limits are set.")

    @object_action(_("Export"), permission="tenants.export", when=_is_there, icon="archive")
    def export(self, request: HttpRequest, obj: Tenant, data: dict[str, Any]) -> str:
        """Write it into one archive."""
        begin_export(actor=request.actor, slug=obj.slug)  # type: ignore[attr-defined]
        return gettext("It is written into one archive; the job has it to download.")

    @object_action(_("Migrate"), permission="tenants.update", when=_is_there, icon="upgrade")
    def migrate(self, request: HttpRequest, obj: Tenant, data: dict[str, Any]) -> str:
        """Bring its schema to the newest migration."""
        begin_migration(actor=request.actor, only=[obj.slug])  # type: ignore[attr-defined]
        return gettext("It is brought up to date.")

    @object_action(
        _("Delete"), permission="tenants.delete", form=LeaveForm, when=_may_leave, danger=True, icon="delete_forever",
        hint=_("It is refused everywhere at once, and deleted with data and files after some days."),
    )  # fmt: skip
    def leave(self, request: HttpRequest, obj: Tenant, data: dict[str, Any]) -> str:
        """Refuse it everywhere, and delete it after some days."""
        actor = request.actor  # type: ignore[attr-defined]
        tenant = leave_tenant(actor=actor, slug=obj.slug, now=timezone.now(), grace_days=data["days"])
        day = date_format(tenant.delete_after or timezone.now(), "DATETIME_FORMAT")
        return gettext("It is deleted on %(day)s.") % {"day": day}


@panel(
    "tenants", template="admin/rustok/panels/tenants.html", permission="tenants.read", order=10, place="platform",
    width="full",
)  # fmt: skip
def tenants_panel(request: HttpRequest) -> dict[str, Any]:
    """Show how many tenants there are, and the newest."""
    newest = list(Tenant.objects.prefetch_related("domains").order_by("-created_at")[:NEWEST])
    return {"count": Tenant.objects.count(), "tenants": newest}
