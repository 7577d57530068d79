"""Creating tenants: the row reserves the name and the domains, then a job makes the schema and opens the shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from apps.tenant import schemas
from apps.tenant.events import TenantCreated
from apps.tenant.identifiers import normalize_host, normalize_slug
from apps.tenant.models import Domain, Job, Tenant
from apps.tenant.operators import operate
from apps.tenant.resolver import announce
from apps.tenant.services import jobs
from apps.tenant.services.tenants import DomainTaken, TenantExists, checked_settings
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict
from rustok.kernel.events import publish
from rustok.kernel.tenancy import use_tenant

__all__ = ["begin_creation", "create_tenant", "open_tenant", "reserve", "undo_creation"]


class TemplateBehind(Conflict):
    """The template lacks a migration; run `manage.py tenant migrate` first."""

    code = "template_behind"


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
    """Create a tenant here and now, all or nothing: the same steps as the job, in one transaction.

    The first locale and the first currency are the defaults, the first domain is the primary one.

    :raises TenantExists: if the slug is taken
    :raises DomainTaken: if a domain leads to another tenant
    :raises BadTenantSettings: if a locale, currency or time zone does not exist
    """
    with transaction.atomic():
        job = begin_creation(
            actor=actor, slug=slug, name=name, domains=domains, locales=locales, currencies=currencies,
            timezone=timezone, theme=theme, by_hand=True,
        )  # fmt: skip
        jobs.run_here(job)
        with use_tenant(None):
            return Tenant.objects.get(pk=job.subject)


def begin_creation(
    *,
    actor: Actor,
    slug: str,
    name: str,
    domains: Sequence[str],
    locales: Sequence[str] = ("en",),
    currencies: Sequence[str] = ("USD",),
    timezone: str = "UTC",
    theme: dict[str, Any] | None = None,
    by_hand: bool = False,
) -> Job:
    """Reserve a name and domains for a tenant, and begin the job that makes it.

    :raises TenantExists: if the slug is taken
    :raises DomainTaken: if a domain leads to another tenant
    :raises BadTenantSettings: if a locale, currency or time zone does not exist
    """
    operate(actor, "tenants.create")
    slug = normalize_slug(slug)
    hosts = dict.fromkeys((normalize_host(domain) for domain in domains), "")
    values = checked_settings(name, locales, currencies, timezone, theme)
    with use_tenant(None), transaction.atomic():
        tenant = reserve(slug, hosts, values)
        return jobs.begin(Job.Kind.CREATE, actor=actor, tenant=tenant, by_hand=by_hand)


def reserve(slug: str, hosts: Mapping[str, str], values: dict[str, Any]) -> Tenant:
    """Write the rows of a tenant that is being set up; the database lets one of several win.

    Beside each host stands what its record says that shows it; nothing for one that the platform names.

    :raises TenantExists: if the slug is taken
    :raises DomainTaken: if a domain leads to another tenant
    """
    if schemas.exists(slug):
        raise TenantExists(slug, field="slug")
    tenant = Tenant(slug=slug, schema_name=slug, status=Tenant.Status.PREPARING, **values)
    try:
        with transaction.atomic():
            tenant.save(force_insert=True)
    except IntegrityError:
        raise TenantExists(slug, field="slug") from None
    try:
        with transaction.atomic():
            Domain.objects.bulk_create(
                Domain(domain=host, tenant=tenant, is_primary=not order, verified_at=Now(), proof=proof)
                for order, (host, proof) in enumerate(hosts.items())
            )
    except IntegrityError:
        raise DomainTaken(", ".join(hosts), field="domain") from None
    return tenant


def _clone(job: Job) -> bool:
    """Make the schema as a copy of the template; one at a time, over all processes."""
    job.total = 1
    schemas.transaction_lock()
    template = schemas.template_fingerprint()
    if template != schemas.fingerprint():
        raise TemplateBehind()
    schemas.clone_template(job.tenant_slug)
    Tenant.objects.filter(pk=job.subject).update(migrated_to=template)
    job.done = 1
    return True


def open_tenant(job: Job) -> bool:
    """Let requests in, and say that the tenant is there."""
    tenant = Tenant.objects.select_for_update().get(pk=job.subject)
    tenant.status = Tenant.Status.ACTIVE
    tenant.save(update_fields=["status", "updated_at"])
    with use_tenant(tenant):
        publish(TenantCreated(tenant_id=tenant.pk, slug=tenant.slug), aggregate=tenant)
    announce(tenant)
    job.done = job.total = 1
    return True


def undo_creation(job: Job) -> None:
    """Leave nothing of a tenant that never opened."""
    schemas.drop_schema(job.tenant_slug)
    for tenant in Tenant.objects.filter(pk=job.subject, status=Tenant.Status.PREPARING):
        announce(tenant)
        tenant.delete()


jobs.declare(
    Job.Kind.CREATE, jobs.Kind((jobs.Step("schema", _clone), jobs.Step("open", open_tenant)), undo=undo_creation)
)
