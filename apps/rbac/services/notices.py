"""Mails to those who keep a shop's settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from apps.accounts.public import User
from apps.rbac.models import RolePermission
from apps.tenant.public import missing_record
from rustok.kernel import links, mail

__all__ = ["mail_domain_lapsed", "mail_domain_missing"]

#: People that one mail goes to at most.
MOST = 50
#: Who has one of these keeps the settings.
_RIGHTS = ("settings.update", "settings.manage")
_REASON = "tells a shop's people about its domains"


def mail_domain_missing(*, domain: str, lapses_at: datetime, key: str) -> None:
    """Tell that the record of a domain is gone, and until when to make it again; nothing if it is back."""
    record = missing_record(domain)
    if record is not None:
        name, value = record
        told = {"domain": domain, "lapses_at": lapses_at, "record_name": name, "record_value": value}
        _mail_keepers("domain_missing", told, key)


def mail_domain_lapsed(*, domain: str, reason: str, key: str) -> None:
    """Tell that a domain leads to the shop no more, and why."""
    _mail_keepers("domain_lapsed", {"domain": domain, "taken": "yes" if reason == "shown_by_another" else ""}, key)


def _mail_keepers(template: str, told: Mapping[str, object], key: str) -> None:
    """Mail everybody who may change the settings; whoever cannot be reached for good keeps it from nobody else."""
    context = {**told, "link": _domains_page()}
    refused: mail.Undeliverable | None = None
    for user in _keepers():
        try:
            mail.send(template, to=user.email, locale=user.locale, context=context, key=f"{key}.{user.pk}")
        except mail.Undeliverable as error:
            refused = error
    if refused:
        raise refused


def _keepers() -> list[User]:
    """List who may change the settings by a role; a policy that allows it as well makes nobody their keeper."""
    may = RolePermission.objects.because(_REASON).filter(permission__in=_RIGHTS, scope=RolePermission.Scope.ALL)
    holds = Q(is_superuser=True) | Q(role_assignments__role__in=may.values("role"))
    found = User.objects.because(_REASON).filter(holds, is_active=True, is_staff=True)
    return list(found.order_by("pk").distinct()[:MOST])


def _domains_page() -> str:
    """Answer where the domains are; nothing if no address leads to the shop any more."""
    try:
        return links.absolute("/admin/tenant/domain/")
    except links.NoAddress:
        return ""
