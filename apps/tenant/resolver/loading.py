"""Asking PostgreSQL: few at a time, and for names that nobody has vouched for only so many a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError
from django.db.models import OuterRef, Subquery

from apps.tenant.models import Domain, Tenant
from apps.tenant.resolver import tally
from apps.tenant.resolver.snapshot import Entry, snapshot_of
from rustok.kernel.errors import DomainError
from rustok.kernel.tenancy import use_tenant

__all__ = ["Lane", "TenantLookupBusy", "Tokens", "load", "names"]


class TenantLookupBusy(DomainError):
    """Too much is going on to find out whose page this is; try again."""

    code = "tenant_lookup_busy"
    status = 503
    retry_after = 1


class Tokens:
    """A bucket of tokens: what may be done so often a second, and a little more at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = burst, time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take one, if there is one."""
        with self._lock:
            now = time.monotonic()
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


class Lane:
    """A way to PostgreSQL that a few threads use at a time."""

    def __init__(self, width: int) -> None:
        self._places = threading.BoundedSemaphore(width)

    @contextmanager
    def place(self, patience: float) -> Iterator[None]:
        """Have a place in the lane.

        :raises TenantLookupBusy: if none gets free in `patience` seconds
        """
        if not self._places.acquire(timeout=patience):
            tally.add("busy")
            raise TenantLookupBusy
        try:
            yield
        finally:
            self._places.release()


def load(key: str) -> Entry:
    """Ask PostgreSQL what a name leads to: to a tenant only if it is active and the domain verified.

    :raises TenantLookupBusy: if PostgreSQL does not answer
    """
    tally.add("database")
    with _public():
        return _entry(key)


def names() -> list[str]:
    """List every name that leads somewhere.

    :raises TenantLookupBusy: if PostgreSQL does not answer
    """
    tally.add("digest")
    with _public():
        slugs = Tenant.objects.order_by().values_list("slug", flat=True)
        hosts = Domain.objects.filter(verified_at__isnull=False).order_by().values_list("domain", flat=True)
        return [*(f"slug:{slug}" for slug in slugs), *(f"host:{host}" for host in hosts)]


@contextmanager
def _public() -> Iterator[None]:
    try:
        with use_tenant(None):
            yield
    except (DatabaseError, InterfaceError) as error:
        tally.add("busy")
        raise TenantLookupBusy from error


def _entry(key: str) -> Entry:
    born = time.monotonic()
    tenant = _found(key)
    if tenant is None:
        return Entry(None, born=born, noted=time.monotonic())
    shown = snapshot_of(tenant) if tenant.status == Tenant.Status.ACTIVE else None
    return Entry(shown, born=born, noted=time.monotonic(), version=tenant.version, tenant_id=tenant.pk)


def _found(key: str) -> Tenant | None:
    kind, _, name = key.partition(":")
    wanted = {"slug": name} if kind == "slug" else {"domains__domain": name, "domains__verified_at__isnull": False}
    primary = Domain.objects.filter(tenant=OuterRef("pk"), is_primary=True, verified_at__isnull=False)
    found = Tenant.objects.filter(**wanted).annotate(primary_host=Subquery(primary.values("domain")[:1]))
    return found.order_by().first()
