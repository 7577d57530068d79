"""Domains of a tenant that the platform names: they are taken as shown, and nobody looks at them again."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from apps.tenant.events import DomainRemoved, DomainVerified
from apps.tenant.identifiers import normalize_host
from apps.tenant.models import Domain, Tenant
from apps.tenant.operators import operate
from apps.tenant.resolver import announce
from apps.tenant.services.domains import PrimaryDomainStays
from apps.tenant.services.lapsing import heir_of
from apps.tenant.services.tenants import DomainTaken
from rustok.kernel.access import Actor
from rustok.kernel.errors import NotFound
from rustok.kernel.events import publish
from rustok.kernel.tenancy import use_tenant

__all__ = ["name_domain", "take_domain"]


def name_domain(*, actor: Actor, slug: str, domain: str, now: datetime) -> Domain:
    """Let a domain lead to a tenant on the platform's word; it is the primary one if there is no other.

    :raises BadHost: if it is no host name
    :raises DomainTaken: if it leads to another tenant
    :raises NotFound: if there is no such tenant
    """
    operate(actor, "tenants.update")
    host = normalize_host(domain)
    with use_tenant(None), transaction.atomic():
        tenant = _locked(slug)
        named = tenant.domains.filter(domain=host).first() or Domain(domain=host, tenant=tenant)
        named.is_primary = not tenant.domains.filter(is_primary=True).exclude(pk=named.pk).exists()
        named.verified_at, named.proof, named.missing_since = now, "", None
        try:
            with transaction.atomic():
                named.save()
        except IntegrityError:
            raise DomainTaken(host, field="domain") from None
        announce(tenant)
        with use_tenant(tenant):
            publish(DomainVerified(domain=host), aggregate=tenant)
    return named


def take_domain(*, actor: Actor, slug: str, domain: str) -> None:
    """Take a domain from a tenant, whoever named it; if it is the primary one, another that leads there becomes it.

    :raises PrimaryDomainStays: if no other leads there
    :raises NotFound: if there is no such tenant, or it has no such domain
    """
    operate(actor, "tenants.update")
    host = normalize_host(domain)
    with use_tenant(None), transaction.atomic():
        tenant = _locked(slug)
        taken = tenant.domains.filter(domain=host).first()
        if taken is None:
            raise NotFound(f"{slug} has no domain {host}")
        heir = heir_of(taken)
        if taken.is_primary and heir is None:
            raise PrimaryDomainStays()
        announce(tenant, hosts=[host])
        is_primary = taken.is_primary
        taken.delete()
        if is_primary and heir is not None:
            heir.is_primary = True
            heir.save(update_fields=["is_primary"])
        with use_tenant(tenant):
            publish(DomainRemoved(domain=host), aggregate=tenant)


def _locked(slug: str) -> Tenant:
    tenant = Tenant.objects.select_for_update().filter(slug=slug).first()
    if tenant is None:
        raise NotFound(f"there is no tenant {slug[:63]}")
    return tenant
