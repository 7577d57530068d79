"""Limits on how often somebody may try: django-ratelimit behind one call, refusing with `Retry-After`."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.cache.backends.base import InvalidCacheBackendError
from django.http import HttpRequest
from django_ratelimit.core import get_usage
from django_redis.exceptions import ConnectionInterrupted

from rustok.kernel.errors import TooManyRequests

__all__ = ["limit"]

log = logging.getLogger(__name__)


def limit(request: HttpRequest, policy: str, *, who: str = "") -> None:
    """Count one try against a policy of `settings.RATE_LIMITS`, by client address and, if given, by `who`.

    With Valkey away nothing is counted; that is logged.

    :raises TooManyRequests: if there were too many
    """
    rate = settings.RATE_LIMITS[policy]
    key = f"{request.META.get('REMOTE_ADDR', '')}:{who.strip().lower()[:254]}"
    try:
        usage = get_usage(request, group=policy, key=lambda *_: key, rate=rate, increment=True)
    except (ConnectionInterrupted, InvalidCacheBackendError, OSError) as error:
        log.warning("rate_limit_unavailable", extra={"policy": policy, "reason": type(error).__name__})
        return
    if usage and usage["should_limit"]:
        raise TooManyRequests(f"at most {rate} for {policy}", retry_after=max(int(usage["time_left"]), 1))
