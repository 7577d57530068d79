"""API keys in the admin: what programs may do, and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from apps.accounts.public import ApiKey, reset_second_factor, revoke_api_key
from apps.rbac.admin.roles import RESOURCE_NAMES
from apps.rbac.services import create_api_key
from rustok.kernel.access import RESOURCES
from rustok.kernel.edges.admin import Admin, Menu, action_on, moment, object_action

_LEVELS = (("", _("nothing")), ("read", _("see")), ("edit", _("see and change")), ("manage", _("everything")))
_PERMITS = {"read": ("read", "list"), "edit": ("read", "list", "create", "update"), "manage": ("manage",)}
_DAYS = ((30, _("30 days")), (90, _("90 days")), (365, _("a year")), (0, _("never")))


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A key for a program."""

    lasts = forms.TypedChoiceField(
        label=_("Good for"), choices=_DAYS, coerce=int, initial=90, widget=UnfoldAdminSelectWidget,
        help_text=_("Make a new one before it ends. A key that never ends is a door that nobody closes."),
    )  # fmt: skip

    class Meta:
        model = ApiKey
        fields = ("name",)
        help_texts = {"name": _("What uses it, such as the till or the newsletter.")}

    def permissions(self) -> list[str]:
        """Answer the chosen permissions."""
        return [
            f"{resource}.{action}"
            for resource in sorted(RESOURCES)
            for action in _PERMITS.get(self.cleaned_data.get(f"may_{resource}", ""), ())
        ]


for _resource, _name in RESOURCE_NAMES.items():
    ApiKeyForm.base_fields[f"may_{_resource}"] = ApiKeyForm.declared_fields[f"may_{_resource}"] = forms.ChoiceField(
        label=capfirst(_name), choices=_LEVELS, required=False,
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


@admin.register(ApiKey)
class ApiKeyAdmin(Admin):
    """Keys of programs; what one was is kept when it is revoked."""

    resource = "users"
    menu = Menu("access", "key", 40)
    nav_title = _("API keys")
    form = ApiKeyForm
    list_display = (
        "name", "begins", "acts_as", "state", moment("expires_at", _("Ends")), moment("last_used_at", _("Last used")),
    )  # fmt: skip
    search_fields = ("name", "prefix")
    ordering = ("-created_at", "-id")
    add_fieldsets = (
        (None, {"fields": ("name", "lasts")}),
        (_("May do with"), {"fields": tuple(f"may_{resource}" for resource in sorted(RESOURCE_NAMES))}),
    )
    fieldsets = (
        (None, {"fields": ("name", "begins", "acts_as", "state_name", "may")}),
        (_("Use"), {"fields": ("created_at", "expires_at", "last_used_at", "last_used_from", "revoked_at")}),
    )
    readonly_fields = (
        "begins", "acts_as", "state_name", "may", "created_at", "expires_at", "last_used_at", "last_used_from",
        "revoked_at",
    )  # fmt: skip
    field_names = {"permissions": "may_orders", "expires_at": "lasts"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the people along."""
        return super().get_queryset(request).select_related("user")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask little, show more."""
        return self.add_fieldsets if obj is None else self.fieldsets

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show it to those who may make keys."""
        return self._may(request, "manage")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show it to those who may make keys."""
        return self._may(request, "manage", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those make keys who manage people."""
        return self._may(request, "manage")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: a key is revoked, and another made."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: it is revoked, so that what it did keeps a name."""
        return False

    @display(description=_("Begins with"))
    def begins(self, obj: Any) -> str:
        """Answer the part that is no secret."""
        return f"rk_{obj.prefix}…"

    @display(description=_("Acts as"), ordering="user__email")
    def acts_as(self, obj: Any) -> str:
        """Answer whose rights it has."""
        return str(obj.user.get_full_name())

    @display(description=_("May"))
    def may(self, obj: Any) -> str:
        """List its permissions."""
        return ", ".join(obj.permissions)

    @display(description=_("State"), label={"good": "success", "over": "warning", "revoked": "danger"})
    def state(self, obj: Any) -> tuple[str, str]:
        """Tell whether it still works."""
        if obj.revoked_at:
            return "revoked", gettext("revoked")
        over = obj.expires_at is not None and obj.expires_at <= timezone.now()
        return ("over", gettext("ended")) if over else ("good", gettext("good"))

    @display(description=_("State"))
    def state_name(self, obj: Any) -> str:
        """Answer the same on the key's page, where there are no coloured labels."""
        return self.state(obj)[1]

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Make the key; its text goes to the next page and nowhere else."""
        now, days = timezone.now(), form.cleaned_data["lasts"]
        row, request.new_key = create_api_key(  # type: ignore[attr-defined]
            actor=request.actor, name=form.cleaned_data["name"], permissions=form.permissions(),  # type: ignore[attr-defined]
            expires_at=now + timedelta(days=days) if days else None, now=now,
        )  # fmt: skip
        return row

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Show the key, this once."""
        context = self.admin_site.each_context(request) | {
            "opts": self.opts, "original": obj, "title": gettext("The new key"), "key": request.new_key,  # type: ignore[attr-defined]
        }  # fmt: skip
        response = TemplateResponse(request, "admin/rustok/new_key.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response

    @object_action(
        _("Revoke"), permission="users.manage", icon="key_off", danger=True, form=forms.Form,
        when=lambda key: key.revoked_at is None, hint=_("What uses it is refused from now on."),
    )  # fmt: skip
    def revoke(self, request: HttpRequest, obj: Any, data: dict[str, Any]) -> str:
        """End the key."""
        revoke_api_key(actor=request.actor, key_id=obj.pk, now=timezone.now())  # type: ignore[attr-defined]
        return gettext("The key is revoked.")


@action_on(
    "accounts.User", _("Take second step away"), permission="users.manage", icon="phonelink_erase", form=forms.Form,
    when=lambda user: user.has_second_factor, danger=True,
    hint=_("For somebody who lost phone and recovery codes. They are logged out everywhere, and told."),
)  # fmt: skip
def take_second_factor(request: HttpRequest, user: Any, data: dict[str, Any]) -> str:
    """Reset somebody's second factor."""
    reset_second_factor(actor=request.actor, user_id=user.pk, now=timezone.now())  # type: ignore[attr-defined]
    return gettext("They log in with their password alone until they set it up again.")
