"""People in the admin: who can log in, and what they may do."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordToggleWidget,
    UnfoldAdminSelectWidget,
)

from apps.accounts.public import create_user, end_sessions, set_password, update_user
from apps.rbac.admin.sharing import shared_with
from apps.rbac.models import Role
from apps.rbac.services import set_roles
from rustok.kernel.edges.admin import Admin, Menu, moment, object_action
from rustok.kernel.tenancy import current_tenant

User = get_user_model()


def language_choices() -> list[tuple[str, Any]]:
    """List the languages that somebody may be written to in."""
    return [("", _("the shop's language")), *((locale, locale) for locale in current_tenant().locales)]


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """Somebody's account and roles."""

    locale = forms.ChoiceField(label=_("Language"), required=False, widget=UnfoldAdminSelectWidget)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What somebody may do. Everybody may see their own orders."),
    )  # fmt: skip
    password = forms.CharField(
        label=_("Password"), max_length=256, strip=False,
        widget=UnfoldAdminPasswordToggleWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters. Whoever has the account can change it later."),
    )  # fmt: skip

    class Meta:
        model = User
        fields = ("email", "name", "locale", "is_active", "is_staff")
        help_texts = {
            "is_staff": _("Can log in here. What they see follows from their roles."),
            "is_active": _("Switch it off instead of deleting the account."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = self.fields
        if "locale" in fields:
            fields["locale"].choices = language_choices()  # type: ignore[attr-defined]
        if "roles" in fields:
            fields["roles"].choices = role_choices()  # type: ignore[attr-defined]
            if not self.instance._state.adding:
                fields["roles"].initial = [one.role.slug for one in _assignments(self.instance)]


def role_choices() -> list[tuple[str, str]]:
    """List the tenant's roles for a choice."""
    return [(role.slug, role.shown_name) for role in Role.objects.because("names of roles")]


def _assignments(user: Any) -> QuerySet[Any]:
    found: QuerySet[Any] = user.role_assignments.select_related("role")
    return found


class PasswordForm(forms.Form):
    """A new password."""

    password = forms.CharField(
        label=_("New password"), max_length=256, strip=False,
        widget=UnfoldAdminPasswordToggleWidget(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip


class RoleFilter(admin.SimpleListFilter):
    """By role."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List the roles."""
        return role_choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those who have the chosen one."""
        return queryset.filter(role_assignments__role__slug=self.value()) if self.value() else queryset


@admin.register(User)
class UserAdmin(Admin):
    """People who can log in to this tenant."""

    resource = "users"
    menu = Menu("access", "person", 10)
    form = UserForm
    list_display = (
        "email",
        "name",
        "role_names",
        "may_log_in",
        "is_active",
        "is_confirmed",
        moment("created_at", _("Since")),
    )
    list_filter = ("is_staff", "is_active", RoleFilter)
    search_fields = ("email", "name")
    ordering = ("email",)
    add_fieldsets = (
        (None, {"fields": ("email", "name", "password", "locale")}),
        (_("Access"), {"fields": ("is_staff", "roles")}),
    )
    fieldsets = (
        (None, {"fields": ("email", "name", "locale")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "roles")}),
        (_("Shared with them"), {"fields": ("shared",), "description": _("Beside what their roles let them do.")}),
        (_("Since"), {"fields": ("created_at", "last_login", "email_verified_at")}),
    )
    readonly_fields = ("created_at", "last_login", "email_verified_at", "shared")
    field_names = {"role": "roles", "new_password": "password"}

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Find somebody, and what was shared with them."""
        user = super().get_object(request, object_id, from_field)
        if user is not None:
            user.shared_lines = partial(shared_with, request, user)
        return user

    @display(description=_("One by one"))
    def shared(self, obj: Any) -> Any:
        """Say what was shared by name."""
        return obj.shared_lines()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read roles along."""
        return super().get_queryset(request).prefetch_related("role_assignments__role")

    @display(description=_("Roles"))
    def role_names(self, obj: Any) -> str:
        """Answer the roles in words."""
        return ", ".join(one.role.shown_name for one in obj.role_assignments.all()) or "—"

    @display(description=_("Back office"), boolean=True, ordering="is_staff")
    def may_log_in(self, obj: Any) -> bool:
        """Tell whether the account can log in here."""
        return bool(obj.is_staff and obj.is_active)

    @display(description=_("Address confirmed"), boolean=True, ordering="email_verified_at")
    def is_confirmed(self, obj: Any) -> bool:
        """Tell whether the address was shown to be theirs."""
        return obj.email_verified_at is not None

    def search_title(self, obj: Any) -> str:
        """Answer name and address."""
        return f"{obj.name} · {obj.email}" if obj.name else str(obj.email)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: accounts are switched off, so that what they did keeps a name."""
        return False

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Create or change the account, then its roles."""
        data, actor = form.cleaned_data, request.actor  # type: ignore[attr-defined]
        values = {field: data[field] for field in ("email", "name", "locale", "is_staff")}
        if change:
            user = update_user(actor=actor, user_id=obj.pk, now=timezone.now(), is_active=data["is_active"], **values)
        else:
            user = create_user(actor=actor, password=data["password"], **values)
        if "roles" in form.changed_data:
            set_roles(actor=actor, user_id=user.pk, roles=data["roles"])
        return user

    @object_action(
        _("Set password"), permission="users.update", form=PasswordForm, icon="password",
        hint=_("Everything that is logged in with the old password is logged out."),
    )  # fmt: skip
    def give_password(self, request: HttpRequest, obj: Any, data: dict[str, Any]) -> str:
        """Set a new password."""
        set_password(actor=request.actor, user_id=obj.pk, new=data["password"], now=timezone.now())  # type: ignore[attr-defined]
        return gettext("The password is changed.")

    @object_action(
        _("Log out everywhere"), permission="users.update", icon="logout", form=forms.Form,
        hint=_("Every browser and every program has to log in again."),
    )  # fmt: skip
    def log_out_everywhere(self, request: HttpRequest, obj: Any, data: dict[str, Any]) -> str:
        """End every API session."""
        count = end_sessions(actor=request.actor, user_id=obj.pk, now=timezone.now())  # type: ignore[attr-defined]
        return ngettext("%(count)d session ended.", "%(count)d sessions ended.", count) % {"count": count}
