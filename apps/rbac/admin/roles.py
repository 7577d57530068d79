"""Roles in the admin: the four of the platform, and the tenant's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.rbac.models import Role
from apps.rbac.services import delete_role, save_role
from rustok.kernel.access import RESOURCES
from rustok.kernel.attributes import models_of
from rustok.kernel.edges.admin import Admin, Menu

__all__ = ["RESOURCE_NAMES", "RoleAdmin"]

_NOTHING, _ALL, _OWN = "", "all", "own"
_LEVELS = ((_NOTHING, _("nothing")), ("read", _("see")), ("edit", _("see and change")), ("manage", _("everything")))
#: Beside those, where objects can be somebody's own.
_OWN_LEVELS = (
    ("read_own", _("see their own")), ("edit_own", _("see and change their own")),
    ("manage_own", _("everything with their own")), ("mixed", _("see all, change their own")),
)  # fmt: skip
_SEE, _CHANGE = ("read", "list"), ("create", "update")
#: What a role that cannot be changed here shows; whoever sees one thing sees the list, too, and needs no word for it.
_VERBS = {
    "read": pgettext_lazy("what one may do", "see"), "create": pgettext_lazy("what one may do", "add"),
    "update": pgettext_lazy("what one may do", "change"), "delete": pgettext_lazy("what one may do", "delete"),
    "export": pgettext_lazy("what one may do", "export"), "import": pgettext_lazy("what one may do", "import"),
}  # fmt: skip
#: What each level permits, the widest first.
_PERMITS: dict[str, dict[str, str]] = {
    "manage": {"manage": _ALL},
    "edit": dict.fromkeys((*_SEE, *_CHANGE), _ALL),
    "mixed": dict.fromkeys(_SEE, _ALL) | dict.fromkeys(_CHANGE, _OWN),
    "manage_own": {"manage": _OWN},
    "read": dict.fromkeys(_SEE, _ALL),
    "edit_own": dict.fromkeys((*_SEE, *_CHANGE), _OWN),
    "read_own": dict.fromkeys(_SEE, _OWN),
}


def _level(resource: str, has: dict[str, str]) -> str:
    """Answer the level that permissions amount to: the widest that is wholly in them."""
    for level, permits in _PERMITS.items():
        if all(has.get(f"{resource}.{action}") in (_ALL, scope) for action, scope in permits.items()):
            return level
    return _NOTHING


def _in_words(resource: str, has: dict[str, str]) -> str:
    """Say what permissions of one kind of thing come to; empty where there are none."""
    actions = {name.partition(".")[2]: scope for name, scope in has.items() if name.partition(".")[0] == resource}
    if "manage" in actions:
        return str(dict((*_LEVELS, *_OWN_LEVELS))["manage" if actions["manage"] == _ALL else "manage_own"])
    own = gettext("their own")
    return ", ".join(
        str(verb) if actions[action] == _ALL else f"{verb} ({own})"
        for action, verb in _VERBS.items()
        if action in actions
    )


def _levels(resource: str) -> tuple[tuple[str, Any], ...]:
    """Answer what a role can be given; less where nothing is anybody's own."""
    owned = any(hasattr(model, "owner_field") for model in models_of(resource))
    return (*_LEVELS[:1], *_OWN_LEVELS, *_LEVELS[1:]) if owned else _LEVELS


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A role: its name, and a level for each kind of thing."""

    class Meta:
        model = Role
        fields = ("name", "slug")
        labels = {"slug": _("Short name")}
        help_texts = {"slug": _("Programs call the role by it. It follows the name until you change it.")}
        widgets = {"slug": UnfoldAdminTextInputWidget(attrs={"data-follows": "id_name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has = {} if self.instance._state.adding else _permissions(self.instance)
        for resource in sorted(RESOURCES - {"tenants"}):
            if f"may_{resource}" in self.fields:
                self.fields[f"may_{resource}"].choices = _levels(resource)  # type: ignore[attr-defined]
                self.fields[f"may_{resource}"].initial = _level(resource, has)

    def permissions(self) -> dict[str, str]:
        """Answer the chosen permissions; those that are finer than a level, of a level left alone, are kept."""
        chosen: dict[str, str] = {}
        kept = {} if self.instance._state.adding else _permissions(self.instance)
        for resource in sorted(RESOURCES):
            name = f"may_{resource}"
            if name in self.changed_data or not kept:
                level = self.cleaned_data.get(name) or _NOTHING
                chosen |= {f"{resource}.{action}": scope for action, scope in _PERMITS.get(level, {}).items()}
            else:
                chosen |= {p: scope for p, scope in kept.items() if p.partition(".")[0] == resource}
        return chosen


def _permissions(role: Any) -> dict[str, str]:
    return dict(role.permissions.values_list("permission", "scope"))


RESOURCE_NAMES = {
    "analytics": _("figures"), "categories": _("categories"), "comments": _("comments"), "customers": _("customers"),
    "discounts": _("discounts"), "inventory": _("stock"), "logs": _("audit log and events"), "media": _("images"),
    "modules": _("modules"), "nodes": _("forum and other content"), "orders": _("orders"), "pages": _("pages"),
    "posts": _("blog posts"), "products": _("products and prices"), "settings": _("settings, shipping and tax"),
    "users": _("people and roles"), "webhooks": _("webhooks"),
}  # fmt: skip
for _resource, _name in RESOURCE_NAMES.items():
    RoleForm.base_fields[f"may_{_resource}"] = RoleForm.declared_fields[f"may_{_resource}"] = forms.ChoiceField(
        label=capfirst(_name), choices=(*_LEVELS, *_OWN_LEVELS), required=False, widget=UnfoldAdminSelectWidget
    )


@admin.register(Role)
class RoleAdmin(Admin):
    """Roles: the four of the platform, and the tenant's own."""

    resource = "users"
    menu = Menu("access", "badge", 20)
    form = RoleForm
    list_display = ("named", "slug", "people", "built_in")
    search_fields = ("name", "slug")
    fieldsets = (
        (None, {"fields": ("name", "slug")}),
        (
            _("May do with"),
            {
                "fields": tuple(f"may_{resource}" for resource in sorted(RESOURCE_NAMES)),
                "description": _("“Their own” is what somebody wrote or bought themselves."),
            },
        ),
    )

    readonly_fields = ("named", "allowed")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Say what a role allows where it cannot be changed."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        return ((None, {"fields": ("named", "slug")}), (_("May do with"), {"fields": ("allowed",)}))

    @display(description=_("Name"), ordering="name")
    def named(self, obj: Any) -> str:
        """Answer the name in the reader's language."""
        return str(obj.shown_name)

    @display(description=_("What it allows"))
    def allowed(self, obj: Any) -> str:
        """Answer a line for each kind of thing."""
        has = _permissions(obj)
        said = ((capfirst(name), _in_words(resource, has)) for resource, name in RESOURCE_NAMES.items())
        lines = format_html_join("", "<dt>{}</dt><dd>{}</dd>", (line for line in said if line[1]))
        return format_html('<dl class="rt-pair">{}</dl>', lines) if lines else gettext("Nothing.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count people along."""
        from django.db.models import Count

        return super().get_queryset(request).annotate(holders=Count("assignments"))

    @display(description=_("People"), ordering="holders")
    def people(self, obj: Any) -> int:
        """Answer how many have it."""
        return int(obj.holders)

    @display(description=_("Kind"), label={True: "info", False: "success"})
    def built_in(self, obj: Any) -> tuple[bool, str]:
        """Tell the platform's roles from the tenant's own."""
        return obj.is_built_in, gettext("built in") if obj.is_built_in else gettext("own")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep the built-in ones as they are."""
        return super().has_change_permission(request, obj) and not (obj is not None and obj.is_built_in)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep the built-in ones."""
        return super().has_delete_permission(request, obj) and not (obj is not None and obj.is_built_in)

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Save the role."""
        data = form.cleaned_data
        return save_role(
            actor=request.actor, slug=data["slug"], name=data["name"], permissions=form.permissions(),  # type: ignore[attr-defined]
            role_id=obj.pk if change else None,
        )  # fmt: skip

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Delete the role."""
        delete_role(actor=request.actor, role_id=obj.pk)  # type: ignore[attr-defined]
