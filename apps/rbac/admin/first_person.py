"""The first person of a shop, invited from the platform's admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.rbac.roles import ADMIN, MANAGER
from apps.rbac.services import invite_person
from apps.tenant.public import use_tenant
from rustok.kernel.access import Actor
from rustok.kernel.edges.admin import action_on

__all__ = ["invite_to_shop"]


class FirstPersonForm(forms.Form):
    """Somebody who runs the shop."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=((ADMIN, _("Admin")), (MANAGER, _("Manager"))))


@action_on(
    "tenant.Tenant", _("Invite a person"), permission="tenants.update", form=FirstPersonForm, icon="person_add",
    hint=_("They get a mail with a link, choose a password, and can log in to the shop's back office."),
    when=lambda tenant: tenant.status == "active" and not tenant.is_platform,
)  # fmt: skip
def invite_to_shop(request: HttpRequest, tenant: Any, data: dict[str, Any]) -> str:
    """Invite somebody to another tenant, as the platform."""
    operator: Actor = request.actor  # type: ignore[attr-defined]
    platform = Actor.system(f"operator {operator.email}")
    with use_tenant(tenant):
        invite_person(
            actor=platform, email=data["email"], roles=[data["role"]], locale=tenant.default_locale,
            now=timezone.now(),
        )  # fmt: skip
    return gettext("%(email)s is invited.") % {"email": data["email"]}
