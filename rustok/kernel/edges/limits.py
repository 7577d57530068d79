"""How often somebody may ask: one table of policies in the settings, django-ratelimit behind one call.

A policy counts by one or more of: `address` (of the client; IPv6 by /64), `caller` (the API key, the user, or the
address of nobody), `subject` (what is being tried, as an e-mail address, together with the client's address) and
`tenant`. Every count belongs to one tenant. The tightest one is told in `RateLimit-*` headers.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_ratelimit.core import get_usage

from rustok.kernel.edges.counters import weighing
from rustok.kernel.errors import TooManyRequests
from rustok.kernel.tenancy import NoTenant, current_tenant

__all__ = ["LimitsMiddleware", "Usage", "client_network", "limit", "rationed"]

#: A tenant's own limits by policy: their names in `Tenant.limits`, per minute.
TENANT_LIMITS = {"api": "requests_per_minute", "graphql": "graphql_points_per_minute"}


@dataclass(frozen=True, slots=True)
class Usage:
    """What is left of one limit."""

    limit: int
    remaining: int
    reset: int
    rate: str

    def headers(self) -> dict[str, str]:
        """Write it for the client; seconds until the count begins anew."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def limit(request: HttpRequest, policy: str, *, who: str = "", cost: int = 1) -> Usage | None:
    """Count one try of a policy of `settings.RATE_LIMITS`; `who` is what is tried, `cost` how much it counts for.

    :raises TooManyRequests: if one of the policy's limits is reached
    """
    tightest: Usage | None = None
    with weighing(cost):
        for by, rate in _rules(policy):
            usage = _count(request, f"{policy}:{by}", rate, _value(request, by, who))
            if tightest is None or usage.remaining < tightest.remaining:
                tightest = usage
            if usage.remaining < 0:
                request.rate_limit = usage  # type: ignore[attr-defined]
                raise TooManyRequests(f"at most {rate} for {policy}", retry_after=usage.reset)
    if tightest is not None:
        request.rate_limit = tightest  # type: ignore[attr-defined]
    return tightest


@contextmanager
def rationed(request: HttpRequest, policy: str, answer: type[Exception]) -> Iterator[None]:
    """Let `answer` be given so often only; whoever got it often enough is refused before it is looked for.

    The policy counts by `address` and `tenant`. Once the tenant's part is used up, each address gets one answer an
    hour: whoever was given none yet is not kept waiting by others.

    :raises TooManyRequests: if the caller was told often enough
    """
    _refuse_told(request, policy)
    try:
        yield
    except answer:
        for by, rate in _rules(policy):
            _count(request, f"{policy}:{by}", rate, _value(request, by, ""))
        raise


def _refuse_told(request: HttpRequest, policy: str) -> None:
    own, all_of_it = (
        _count(request, f"{policy}:{by}", settings.RATE_LIMITS[policy][by], _value(request, by, ""), add=False)
        for by in ("address", "tenant")
    )
    left = own.remaining if all_of_it.remaining > 0 else own.remaining - own.limit + 1
    if left <= 0:
        raise TooManyRequests(f"at most {own.rate} for {policy}", retry_after=own.reset)


def _rules(policy: str) -> Iterator[tuple[str, str]]:
    """Answer what a policy counts by, and how much of it is allowed; a tenant's own limit before the platform's."""
    for by, rate in settings.RATE_LIMITS[policy].items():
        own = _own_limit(policy) if by == "tenant" else None
        yield by, f"{own}/m" if own else rate


def _own_limit(policy: str) -> int | None:
    name = TENANT_LIMITS.get(policy)
    try:
        return current_tenant().limits.get(name) if name else None
    except NoTenant:
        return None


def _count(request: HttpRequest, group: str, rate: str, value: str, *, add: bool = True) -> Usage:
    found = get_usage(request, group=group, key=lambda *_: value, rate=rate, increment=add)
    if found is None:  # RATELIMIT_ENABLE=False
        return Usage(0, 1, 0, rate)
    left = found["limit"] - found["count"]
    return Usage(found["limit"], max(left, -1), max(int(found["time_left"]), 1), rate)


def _value(request: HttpRequest, by: str, who: str) -> str:
    if by == "tenant":
        return "all"
    if by == "subject":
        return f"{client_network(request)}:{who.strip().lower()[:254]}"
    actor = getattr(request, "actor", None) if by == "caller" else None
    if actor is not None and actor.is_authenticated:
        return f"key:{key}" if (key := getattr(actor, "key_id", None)) else f"user:{actor.id}"
    return client_network(request)


def client_network(request: HttpRequest) -> str:
    """Answer the address that a client is counted by: an IPv6 network of 64 bits is one customer's line."""
    raw = request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(raw.partition("%")[0])
    except ValueError:
        return raw[:64]
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False).network_address)


class LimitsMiddleware:
    """Tells the client how much is left of the tightest limit that its request was counted against."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request, and add the headers if something was counted."""
        response = self.get_response(request)
        usage: Any = getattr(request, "rate_limit", None)
        if usage is not None and usage.limit:
            left = Usage(usage.limit, max(usage.remaining, 0), usage.reset, usage.rate)
            for name, value in left.headers().items():
                response.headers[name] = value
        return response
