"""Settings of tenants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction

from apps.tenant.events import LocaleEnabled, TenantUpdated
from apps.tenant.models import Tenant
from apps.tenant.operators import operate
from apps.tenant.resolver import announce
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict, Invalid
from rustok.kernel.events import publish
from rustok.kernel.locales import normalize_locale
from rustok.kernel.money import check_currency
from rustok.kernel.tenancy import use_tenant

__all__ = ["BadTenantSettings", "DomainTaken", "TenantExists", "checked_settings", "take_over", "update_tenant"]

#: Locales and currencies that one tenant may have.
MAX_CHOICES = 20


class TenantExists(Conflict):
    """There is a tenant of that slug already."""

    code = "tenant_exists"


class DomainTaken(Conflict):
    """This domain leads to another tenant."""

    code = "domain_taken"


class BadTenantSettings(Invalid):
    """The tenant's settings do not fit together."""

    code = "invalid_tenant_settings"


def update_tenant(
    *,
    actor: Actor,
    slug: str,
    name: str,
    locales: Sequence[str],
    currencies: Sequence[str],
    timezone: str = "UTC",
    theme: dict[str, Any] | None = None,
) -> Tenant:
    """Change a tenant's settings; other processes see it in a moment, `STALE` seconds later at most."""
    operate(actor, "tenants.update")
    values = checked_settings(name, locales, currencies, timezone, theme)
    with use_tenant(None), transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(slug=slug)
        take_over(tenant, values)
    return tenant


def take_over(tenant: Tenant, values: Mapping[str, Any]) -> None:
    """Write checked settings into a tenant that is locked, and tell the tenant of what changed, whoever changed it.

    What hears it brings along what depends on them, as the index its rows of languages and currencies.
    """
    changed = sorted(field for field, value in values.items() if getattr(tenant, field) != value)
    if not changed:
        return
    before = set(tenant.locales)
    for field in changed:
        setattr(tenant, field, values[field])
    tenant.save()
    announce(tenant)
    with use_tenant(tenant):
        publish(TenantUpdated(tenant_id=tenant.pk, fields=changed), aggregate=tenant)
        for locale in tenant.locales:
            if locale not in before:
                publish(LocaleEnabled(locale=locale), aggregate=tenant)


def checked_settings(
    name: str, locales: Sequence[str], currencies: Sequence[str], timezone: str, theme: dict[str, Any] | None
) -> dict[str, Any]:
    """Answer a tenant's fields, checked.

    :raises BadTenantSettings: if they do not fit together
    """
    if not locales or not currencies or len(locales) > MAX_CHOICES or len(currencies) > MAX_CHOICES:
        raise BadTenantSettings(f"1 to {MAX_CHOICES} locales and 1 to {MAX_CHOICES} currencies")
    if timezone not in available_timezones():
        raise BadTenantSettings(f"{timezone[:64]!r} is not a time zone", field="timezone")
    if not name.strip() or len(name) > 120 or not name.strip().isprintable():
        raise BadTenantSettings("a name has 1 to 120 characters, in one line", field="name")
    tags = list(dict.fromkeys(normalize_locale(locale) for locale in locales))
    codes = list(dict.fromkeys(check_currency(currency) for currency in currencies))
    return {
        "name": name.strip(),
        "locales": tags,
        "default_locale": tags[0],
        "currencies": codes,
        "default_currency": codes[0],
        "timezone": timezone,
        "theme": theme or {},
    }
