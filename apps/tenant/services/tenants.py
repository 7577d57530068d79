"""Creating and changing tenants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models.functions import Now

from apps.tenant import schemas
from apps.tenant.events import TenantCreated
from apps.tenant.identifiers import normalize_host, normalize_slug
from apps.tenant.models import Domain, Tenant
from apps.tenant.resolver import forget
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, Invalid
from rustok.kernel.events import publish
from rustok.kernel.locales import normalize_locale
from rustok.kernel.money import check_currency
from rustok.kernel.tenancy import use_tenant

__all__ = ["create_tenant", "migrate_all", "update_tenant"]

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


def create_tenant(
    *,
    actor: Actor,
    slug: str,
    name: str,
    domains: Sequence[str],
    locales: Sequence[str] = ("en",),
    currencies: Sequence[str] = ("USD",),
    timezone: str = "UTC",
    theme: dict[str, Any] | None = None,
) -> Tenant:
    """Create a tenant: its row, its domains and its schema, cloned from the template, all or nothing.

    The first locale and the first currency are the defaults, the first domain is the primary one.

    :raises TenantExists: if the slug is taken
    :raises DomainTaken: if a domain leads to another tenant
    :raises BadTenantSettings: if a locale, currency or time zone does not exist
    """
    authorize(actor, "tenants.create")
    slug = normalize_slug(slug)
    hosts = [normalize_host(domain) for domain in domains]
    values = _settings(name, locales, currencies, timezone, theme)
    with use_tenant(None), transaction.atomic():
        schemas.transaction_lock()
        if Tenant.objects.filter(slug=slug).exists() or schemas.exists(slug):
            raise TenantExists(slug, field="slug")
        if Domain.objects.filter(domain__in=hosts).exists():
            raise DomainTaken(", ".join(hosts), field="domain")
        schemas.clone_template(slug)
        tenant = Tenant.objects.create(slug=slug, schema_name=slug, migrated_to=schemas.fingerprint(), **values)
        Domain.objects.bulk_create(
            Domain(domain=host, tenant=tenant, is_primary=not order, verified_at=Now())
            for order, host in enumerate(hosts)
        )
        with use_tenant(tenant):
            publish(TenantCreated(tenant_id=tenant.pk, slug=slug), aggregate=tenant)
    forget()
    return tenant


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
    """Change a tenant's settings; other processes see it within the resolver's `TTL`."""
    authorize(actor, "tenants.update")
    values = _settings(name, locales, currencies, timezone, theme)
    with use_tenant(None), transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(slug=slug)
        for field, value in values.items():
            setattr(tenant, field, value)
        tenant.save()
    forget()
    return tenant


def _settings(
    name: str, locales: Sequence[str], currencies: Sequence[str], timezone: str, theme: dict[str, Any] | None
) -> dict[str, Any]:
    if not locales or not currencies or len(locales) > MAX_CHOICES or len(currencies) > MAX_CHOICES:
        raise BadTenantSettings(f"1 to {MAX_CHOICES} locales and 1 to {MAX_CHOICES} currencies")
    if timezone not in available_timezones():
        raise BadTenantSettings(f"{timezone[:64]!r} is not a time zone", field="timezone")
    if not name.strip() or len(name) > 120:
        raise BadTenantSettings("a name has 1 to 120 characters", field="name")
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


def migrate_all() -> Iterator[str]:
    """Bring the shared tables, the template and every tenant's schema to the newest migration; name each one done.

    A schema whose fingerprint is the newest is skipped, so a second run, or one after an interruption, is quick.
    """
    newest = schemas.fingerprint()
    with schemas.advisory_lock():
        if schemas.public_is_behind():
            schemas.migrate_public()
            yield "public"
        if schemas.template_fingerprint() != newest:
            schemas.migrate_schema(schemas.TEMPLATE)
            schemas.note_template(newest)
            yield "template"
        with use_tenant(None):
            behind = list(Tenant.objects.exclude(migrated_to=newest).order_by("slug"))
        for tenant in behind:
            schemas.migrate_schema(tenant.schema_name)
            with use_tenant(None):
                Tenant.objects.filter(pk=tenant.pk).update(migrated_to=newest)
            yield tenant.slug
