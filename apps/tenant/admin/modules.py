"""Modules in the admin: what a shop uses, and the switch; for operators, the same on a tenant's page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from apps.tenant.models import Module, Tenant
from apps.tenant.services.modules import disable_module, enable_module, goes_along
from apps.tenant.switches import ModuleRow, module_row, module_rows
from rustok.kernel.edges.admin import Admin, Menu, action_on
from rustok.kernel.edges.web import show_problem
from rustok.kernel.errors import DomainError
from rustok.kernel.modules import find_module, names_of
from rustok.kernel.tenancy import current_tenant


def _here() -> Tenant:
    """Answer the tenant's row: what a page shows after a switch is what stands there now."""
    return Tenant.objects.get(slug=current_tenant().slug)


def _card(row: ModuleRow) -> dict[str, Any]:
    """Answer what a card says of a module."""
    return {
        "row": row,
        "requires": names_of(slug for slug in row.requires if _is_toggleable(slug)),
        "missing": names_of(row.missing),
        "url": reverse("admin:tenant_module_switch", args=[row.slug]),
    }


def _is_toggleable(slug: str) -> bool:
    """Tell whether a module can be off: only then does it help to know that something needs it."""
    module = find_module(slug)
    return module is not None and module.toggleable


@admin.register(Module)
class ModuleAdmin(Admin):
    """What a shop uses of the platform."""

    resource = "modules"
    url_permissions = {"switch": "modules.update"}
    place = "shop"
    menu = Menu("system", "extension", 15)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: modules are code."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: modules are code."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Have a list and a switch, and no page to edit anything."""
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name="tenant_module_changelist"),
            path("<slug:slug>/switch/", wrap(self.switch_view), name="tenant_module_switch"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show every module as a card: what is used, what is not, and what is always there."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        cards = [_card(row) for row in module_rows(_here())]
        context = self.admin_site.each_context(request) | {
            "title": _("Modules"),
            "opts": self.opts,
            "may_switch": self.has_change_permission(request),
            "groups": [
                (_("In use"), [one for one in cards if one["row"].toggleable and one["row"].enabled]),
                (_("Switched off"), [one for one in cards if not one["row"].enabled]),
            ],
            "always": [one for one in cards if not one["row"].toggleable],
        }
        return render(request, "admin/rustok/modules.html", context)

    def switch_view(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Ask, saying what goes along; switch on POST."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        tenant = _here()
        row = module_row(tenant, slug)
        if row is None or not row.toggleable:
            raise Http404
        on = not row.enabled
        if request.method == "POST":
            return self._switch(request, row, on=request.POST.get("enabled") == "true")
        context = self.admin_site.each_context(request) | {
            "title": (_("Switch on") if on else _("Switch off")),
            "opts": self.opts,
            "row": row,
            "on": on,
            "along": [module_row(tenant, other) for other in goes_along(tenant, slug, on=on)],
            "list_url": reverse("admin:tenant_module_changelist"),
        }
        return render(request, "admin/rustok/module_switch.html", context)

    def _switch(self, request: HttpRequest, row: ModuleRow, *, on: bool) -> HttpResponse:
        act = enable_module if on else disable_module
        try:
            done = act(actor=request.actor, slug=row.slug, with_dependencies=True)  # type: ignore[attr-defined]
        except DomainError as error:
            show_problem(request, error)
        else:
            if done.slugs:
                word = gettext("Switched on: %s.") if on else gettext("Switched off: %s.")
                messages.success(request, word % names_of(done.slugs))
        return redirect("admin:tenant_module_changelist")


# --- operators --------------------------------------------------------------------------------------------------


class ModulesForm(forms.Form):
    """Which modules a tenant uses."""

    modules = forms.MultipleChoiceField(
        label=_("Modules"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What is not ticked is switched off; what it has is kept. The rest of the platform is always on."),
    )  # fmt: skip

    def about(self, tenant: Tenant) -> None:
        """Offer what can be switched, ticked as it is."""
        rows = [row for row in module_rows(tenant) if row.toggleable]
        self.fields["modules"].choices = [(row.slug, row.name) for row in rows]  # type: ignore[attr-defined]
        self.fields["modules"].initial = [row.slug for row in rows if row.enabled]


@action_on(
    "tenant.Tenant", _("Modules"), permission="tenants.update", form=ModulesForm, icon="extension", button=_("Save"),
    hint=_("What this shop uses of the platform."),
)  # fmt: skip
@transaction.atomic
def choose_modules(request: HttpRequest, tenant: Tenant, data: dict[str, Any]) -> str:
    """Switch what differs: off from the top of the floors, on from the bottom, so that each step may be done."""
    wanted, actor = set(data["modules"]), request.actor  # type: ignore[attr-defined]
    rows = [row for row in module_rows(tenant) if row.toggleable]
    off = [row.slug for row in reversed(rows) if row.enabled and row.slug not in wanted]
    on = [row.slug for row in rows if not row.enabled and row.slug in wanted]
    for slug in off:
        disable_module(actor=actor, slug=slug, tenant_slug=tenant.slug)
    for slug in on:
        enable_module(actor=actor, slug=slug, tenant_slug=tenant.slug)
    count = len(off) + len(on)
    return ngettext("%d module was switched.", "%d modules were switched.", count) % count
