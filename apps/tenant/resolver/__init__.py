"""From a host name or a slug to a tenant: in-process, then Valkey, then PostgreSQL; never older than `STALE` seconds.

Services that change a tenant or its domains call `announce` in the transaction of the change.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial
from uuid import UUID

from django.db import transaction

from apps.tenant.identifiers import BadHost, BadSlug, normalize_host, normalize_slug
from apps.tenant.models import Domain, Tenant
from apps.tenant.resolver.loading import TenantLookupBusy
from apps.tenant.resolver.lookup import Resolver
from apps.tenant.resolver.snapshot import STALE, Snapshot
from apps.tenant.resolver.tally import WORDS, count_with
from rustok.kernel.tenancy import use_tenant

__all__ = [
    "STALE", "WORDS", "Resolver", "Snapshot", "TenantLookupBusy", "announce", "announce_again", "count_with", "forget",
    "host_of", "resolve_host", "resolve_slug", "resolver",
]  # fmt: skip

#: Characters of the longest Host header that is looked at: 253, a dot, a colon and a port.
LONGEST = 260

#: The one of this process.
resolver = Resolver()


def resolve_host(raw: str) -> Snapshot | None:
    """Answer the active tenant of a Host header; None for a host that is unknown or no host at all.

    :raises TenantLookupBusy: if it cannot be found out now
    """
    try:
        return resolver.resolve(_host_key(raw)) if len(raw) <= LONGEST else None
    except BadHost:
        return None


def resolve_slug(raw: str) -> Snapshot | None:
    """Answer the active tenant of a slug, as sent in `X-Tenant`.

    :raises TenantLookupBusy: if it cannot be found out now
    """
    try:
        return resolver.resolve(f"slug:{normalize_slug(raw)}")
    except BadSlug:
        return None


def host_of(raw: str) -> str:
    """Answer the host of a Host header that was resolved."""
    return _host_key(raw).removeprefix("host:")


def announce(tenant: Tenant, *, hosts: Iterable[str] = ()) -> None:
    """Have every process see the changes of a tenant and its domains once the running transaction has committed.

    To be called in that transaction, before a row is deleted; `hosts` are domains that it has lost. It takes half a
    second while Valkey answers, and at most `STALE` seconds if not, or if this process dies before.
    """
    _announce(tenant.pk, tenant.slug, hosts)


def announce_again(tenant_id: UUID, *, slug: str = "", hosts: Iterable[str] = ()) -> None:
    """Announce what an event tells of, in case that whoever made the change died before it could."""
    _announce(tenant_id, slug, hosts)


def forget() -> None:
    """Drop every answer of this process."""
    resolver.forget()


def _announce(tenant_id: UUID, slug: str, hosts: Iterable[str]) -> None:
    with use_tenant(None):
        slug = slug or Tenant.objects.filter(pk=tenant_id).values_list("slug", flat=True).first() or ""
        domains = Domain.objects.filter(tenant=tenant_id).order_by("domain").values_list("domain", flat=True)
        keys = sorted({f"slug:{slug}", *(f"host:{host}" for host in (*domains, *hosts))})
    resolver.drop(keys, tenant_id)
    transaction.on_commit(partial(resolver.announce, tenant_id, keys), robust=True)


@lru_cache(maxsize=4_096)
def _host_key(raw: str) -> str:
    return f"host:{normalize_host(raw)}"
