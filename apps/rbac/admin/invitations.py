"""Invitations in the admin: who is asked to come, and has not yet."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from apps.rbac.admin.people import language_choices, role_choices
from apps.rbac.models import Invitation
from apps.rbac.roles import BUILT_IN
from apps.rbac.services import invite_person, resend_invitation, revoke_invitation
from rustok.kernel.edges.admin import Admin, Menu, moment, object_action


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whom to invite, and as what."""

    locale = forms.ChoiceField(
        label=_("Language"), required=False, widget=UnfoldAdminSelectWidget,
        help_text=_("Of the mail, and of what they see."),
    )  # fmt: skip
    roles = forms.MultipleChoiceField(
        label=_("Roles"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What they may do. With none they are a customer. Nobody gives more than they have."),
    )  # fmt: skip

    class Meta:
        model = Invitation
        fields = ("email", "name", "locale", "roles")
        help_texts = {
            "email": _("They get a link there, good for seven days."),
            "name": _("They can choose another one."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "locale" in self.fields:
            self.fields["locale"].choices = language_choices()  # type: ignore[attr-defined]
        if "roles" in self.fields:
            self.fields["roles"].choices = role_choices()  # type: ignore[attr-defined]


@admin.register(Invitation)
class InvitationAdmin(Admin):
    """Open invitations."""

    resource = "users"
    menu = Menu("access", "mail", 15)
    nav_title = _("Invitations")
    form = InvitationForm
    list_display = ("email", "name", "role_names", "inviter", "state", moment("expires_at", _("Good until")))
    search_fields = ("email", "name")
    ordering = ("-created_at", "-id")
    add_fieldsets = ((None, {"fields": ("email", "name", "locale")}), (_("Access"), {"fields": ("roles",)}))
    fieldsets = (
        (None, {"fields": ("email", "name", "locale", "role_names", "inviter")}),
        (_("Link"), {"fields": ("state_name", "sent_at", "expires_at")}),
    )
    readonly_fields = ("role_names", "inviter", "state_name", "sent_at", "expires_at")
    field_names = {"role": "roles"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep the open ones."""
        found = super().get_queryset(request)
        return found.filter(accepted_at=None, revoked_at=None).select_related("invited_by")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask little, show more."""
        return self.add_fieldsets if obj is None else self.fieldsets

    @display(description=_("Roles"))
    def role_names(self, obj: Any) -> str:
        """Answer the roles that wait: the platform's by name, the tenant's own by slug."""
        named = (gettext(BUILT_IN[slug][0]) if slug in BUILT_IN else slug for slug in obj.roles)
        return ", ".join(named) or gettext("Customer")

    @display(description=_("Invited by"), ordering="invited_by__email")
    def inviter(self, obj: Any) -> str:
        """Answer who invited."""
        return obj.invited_by.get_full_name() if obj.invited_by else gettext("the platform")

    @display(description=_("State"), label={True: "info", False: "warning"})
    def state(self, obj: Any) -> tuple[bool, str]:
        """Tell whether the link is still good."""
        good = obj.expires_at > timezone.now()
        return good, gettext("waits") if good else gettext("too old")

    @display(description=_("State"))
    def state_name(self, obj: Any) -> str:
        """Answer the same on the invitation's page, where there are no coloured labels."""
        return self.state(obj)[1]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: an invitation is sent again or withdrawn."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: it is withdrawn, so that it stays on record."""
        return False

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Invite."""
        data = form.cleaned_data
        return invite_person(
            actor=request.actor, email=data["email"], name=data["name"], locale=data["locale"],  # type: ignore[attr-defined]
            roles=data["roles"], now=timezone.now(),
        )  # fmt: skip

    @object_action(_("Send again"), permission="users.create", icon="forward_to_inbox", primary=True)
    def resend(self, request: HttpRequest, obj: Any, data: dict[str, Any]) -> str:
        """Mail the link again."""
        resend_invitation(actor=request.actor, invitation_id=obj.pk, now=timezone.now())  # type: ignore[attr-defined]
        return gettext("Sent again to %(email)s.") % {"email": obj.email}

    @object_action(
        _("Withdraw"), permission="users.create", icon="cancel", danger=True, form=forms.Form,
        hint=_("Its link stops working. You can invite them again."),
    )  # fmt: skip
    def revoke(self, request: HttpRequest, obj: Any, data: dict[str, Any]) -> str:
        """Make the link worthless."""
        revoke_invitation(actor=request.actor, invitation_id=obj.pk, now=timezone.now())  # type: ignore[attr-defined]
        return gettext("The invitation of %(email)s is withdrawn.") % {"email": obj.email}
