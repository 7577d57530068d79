"""From a host name to a tenant: normalised first, then an in-process cache with a short life, then PostgreSQL.

A suspended or changed tenant is seen by every process within `TTL` seconds.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from apps.tenant.identifiers import BadHost, BadSlug, normalize_host, normalize_slug
from apps.tenant.models import Domain, Tenant

__all__ = ["TTL", "forget", "resolve_host", "resolve_slug"]

#: Seconds that an answer may be old.
TTL = 5.0
#: Answers that one process remembers.
CAPACITY = 4_096


@dataclass(frozen=True, slots=True)
class _Answer:
    tenant: Tenant | None
    until: float


_cache: dict[str, _Answer] = {}
_lock = threading.Lock()


def resolve_host(raw: str) -> Tenant | None:
    """Answer the active tenant of a Host header; None for a host that is unknown or no host at all."""
    try:
        return _cached(f"host:{normalize_host(raw)}")
    except BadHost:
        return None


def resolve_slug(raw: str) -> Tenant | None:
    """Answer the active tenant of a slug, as sent in `X-Tenant`."""
    try:
        return _cached(f"slug:{normalize_slug(raw)}")
    except BadSlug:
        return None


def forget() -> None:
    """Drop every answer of this process."""
    with _lock:
        _cache.clear()


def _cached(key: str) -> Tenant | None:
    now = time.monotonic()
    answer = _cache.get(key)
    if answer is None or answer.until < now:
        answer = _Answer(_load(key), now + TTL)
        with _lock:
            if len(_cache) >= CAPACITY:
                _cache.clear()
            _cache[key] = answer
    return answer.tenant


def _load(key: str) -> Tenant | None:
    kind, _, name = key.partition(":")
    active = Tenant.objects.filter(status=Tenant.Status.ACTIVE)
    if kind == "slug":
        return active.filter(slug=name).first()
    domain = Domain.objects.select_related("tenant").filter(domain=name, tenant__in=active).first()
    return domain.tenant if domain else None
