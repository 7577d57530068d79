"""Domains of a shop: it names them, shows by a DNS record that they are its own, and picks the primary one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.tenant.events import DomainAdded, DomainRemoved, DomainVerified
from apps.tenant.identifiers import normalize_host
from apps.tenant.models import Domain, Tenant
from apps.tenant.records import record_name, record_value
from apps.tenant.resolver import announce
from apps.tenant.services.tenants import DomainTaken
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, NotFound
from rustok.kernel.events import publish
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "MAX_DOMAINS", "DomainNotShown", "add_domain", "make_primary", "record_name", "record_value", "remove_domain",
    "verify_domain",
]  # fmt: skip

#: Domains that one tenant may have.
MAX_DOMAINS = 20

#: Answers the texts of a TXT record; none where there is no such record.
LookUp = Callable[[str], Sequence[str]]


class TooManyDomains(Conflict):
    """A shop has at most 20 domains; remove one first."""

    code = "too_many_domains"


class DomainNotShown(Conflict):
    """The record was not found; DNS can take an hour to tell everybody."""

    code = "domain_not_verified"


class PrimaryDomainStays(Conflict):
    """Make another domain the primary one first."""

    code = "primary_domain"


@transaction.atomic
def add_domain(*, actor: Actor, domain: str) -> Domain:
    """Name a domain; it leads nowhere until a DNS record shows that it is the shop's.

    A name that somebody else wrote down without showing it does not keep its owner from it.

    :raises BadHost: if it is no host name
    :raises DomainTaken: if it leads to a tenant already, or this one has named it
    :raises TooManyDomains: if the shop has as many as it may
    """
    authorize(actor, "settings.update")
    host, tenant = normalize_host(domain), _locked()
    if tenant.domains.count() >= MAX_DOMAINS:
        raise TooManyDomains()
    try:
        with transaction.atomic():
            added = Domain.objects.create(domain=host, tenant=tenant, is_primary=False, proof=secrets.token_urlsafe(24))
    except IntegrityError:
        raise DomainTaken(host, field="domain") from None
    publish(DomainAdded(domain=host), aggregate=tenant)
    return added


def verify_domain(*, actor: Actor, domain_id: UUID, look_up: LookUp, now: datetime) -> Domain:
    """Look for the DNS record, and let the domain lead to the shop if it is there; without any row locked meanwhile.

    :raises DomainNotShown: if the record is not there, or says something else
    :raises DomainTaken: if somebody else showed it first
    """
    authorize(actor, "settings.update")
    domain = _own(domain_id)
    if domain.verified_at is None and record_value(domain) not in look_up(record_name(domain)):
        raise DomainNotShown(f"{record_name(domain)} TXT {record_value(domain)}")
    with transaction.atomic():
        tenant = _locked()
        domain = _own(domain_id)
        if domain.verified_at is None:
            _take(domain, now)
            announce(tenant)
            publish(DomainVerified(domain=domain.domain), aggregate=tenant)
    return domain


def _take(domain: Domain, now: datetime) -> None:
    domain.verified_at = now
    try:
        with transaction.atomic():
            domain.save(update_fields=["verified_at"])
    except IntegrityError:
        raise DomainTaken(domain.domain, field="domain") from None


@transaction.atomic
def make_primary(*, actor: Actor, domain_id: UUID) -> Domain:
    """Make a domain the one that pages of the others redirect to.

    :raises DomainNotShown: if it was not shown to be the shop's yet
    """
    authorize(actor, "settings.update")
    tenant, domain = _locked(), _own(domain_id)
    if domain.verified_at is None:
        raise DomainNotShown()
    if not domain.is_primary:
        tenant.domains.filter(is_primary=True).update(is_primary=False)
        domain.is_primary = True
        domain.save(update_fields=["is_primary"])
        announce(tenant)
    return domain


@transaction.atomic
def remove_domain(*, actor: Actor, domain_id: UUID) -> None:
    """Let a domain go.

    :raises PrimaryDomainStays: if it is the primary one
    """
    authorize(actor, "settings.update")
    tenant, domain = _locked(), _own(domain_id)
    if domain.is_primary:
        raise PrimaryDomainStays()
    announce(tenant, hosts=[domain.domain])
    domain.delete()
    publish(DomainRemoved(domain=domain.domain), aggregate=tenant)


def _locked() -> Tenant:
    return Tenant.objects.select_for_update().get(pk=current_tenant().id)


def _own(domain_id: UUID) -> Domain:
    found = Domain.objects.filter(pk=domain_id, tenant_id=current_tenant().id).first()
    if found is None:
        raise NotFound()
    return found
