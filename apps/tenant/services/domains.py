"""Domains of a shop: it names them, shows by a DNS record that they are its own, and picks the primary one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.tenant.events import DomainAdded, DomainRemoved, DomainVerified
from apps.tenant.identifiers import normalize_host
from apps.tenant.models import Domain, Tenant
from apps.tenant.records import record_name, record_value
from apps.tenant.resolver import announce
from apps.tenant.services.lapsing import LookUp, displace, found_again, holder_of
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

    A shop that it leads to so far has it no more if DNS answers with our record and without theirs: all say so under
    one name, so that one look tells both. What the platform named for another shop stays there.

    :raises DnsUnanswered: if no name server answers
    :raises DomainNotShown: if the record is not there, or says something else
    :raises DomainTaken: if it leads to another shop that shows it too, or showed it first
    """
    authorize(actor, "settings.update")
    domain = _own(domain_id)
    if domain.verified_at and not domain.missing_since:
        return domain
    said = look_up(record_name(domain))
    if record_value(domain) not in said:
        raise DomainNotShown(f"{record_name(domain)} TXT {record_value(domain)}")
    holder = holder_of(domain)
    with transaction.atomic():
        locked = _lock_all({current_tenant().id, *([holder.tenant_id] if holder else [])})
        tenant, domain = locked[current_tenant().id], _own(domain_id)
        if domain.verified_at is None:
            _take(domain, said, locked, now)
            announce(tenant)
            publish(DomainVerified(domain=domain.domain), aggregate=tenant)
        elif domain.missing_since:
            found_again(domain, now=now)
    return domain


def _lock_all(tenant_ids: set[UUID]) -> Mapping[UUID, Tenant]:
    return {one.pk: one for one in Tenant.objects.select_for_update().filter(pk__in=tenant_ids).order_by("pk")}


def _take(domain: Domain, said: Sequence[str], locked: Mapping[UUID, Tenant], now: datetime) -> None:
    holder = holder_of(domain)
    if holder is not None:
        if holder.tenant_id not in locked or not holder.proof or record_value(holder) in said:
            raise DomainTaken(domain.domain, field="domain")
        displace(locked[holder.tenant_id], holder)
    domain.verified_at = domain.checked_at = now
    try:
        with transaction.atomic():
            domain.save(update_fields=["verified_at", "checked_at"])
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
