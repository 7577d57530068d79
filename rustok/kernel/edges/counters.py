"""Where django-ratelimit keeps its counts: in this process first, in Valkey for all of them.

A count is told to Valkey when this process alone has added a fiftieth to it, so whoever asks rarely is counted exactly
and whoever floods costs no round trip; what several processes let through together is at most 2 % each above a limit.
With Valkey away each process counts for itself, and the limits hold per process until it is back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

__all__ = ["Counters", "weighing"]

log = logging.getLogger(__name__)

#: Counts that one process keeps; the oldest go first.
CAPACITY = 50_000
#: A process tells Valkey its share when it is this part of the count.
SHARE = 50
#: Seconds for which Valkey is left alone after it failed.
PAUSE = 5.0

_weight: ContextVar[int] = ContextVar("rustok_rate_weight", default=1)


@contextmanager
def weighing(weight: int) -> Iterator[None]:
    """Let what is counted inside the block count for `weight`; django-ratelimit itself counts by one."""
    token = _weight.set(weight)
    try:
        yield
    finally:
        _weight.reset(token)


class _Count:
    """One count: what is known of all processes, and what only this one knows."""

    __slots__ = ("lock", "own", "shared", "until")

    def __init__(self, until: float) -> None:
        self.lock = threading.Lock()
        self.shared = self.own = 0
        self.until = until


class Counters(BaseCache):
    """The part of Django's cache that django-ratelimit uses: `add`, `incr` and `get` of numbers."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._shared: Any = caches[location or "default"]
        self._counts: OrderedDict[str, _Count] = OrderedDict()
        self._lock = threading.Lock()
        self._away_until = 0.0

    def add(self, key: Any, value: Any, timeout: Any = None, version: int | None = None) -> bool:
        """Make room for a count; answer False, so that django-ratelimit goes on to `incr`, which counts for all."""
        name, now = self.make_key(key, version), time.monotonic()
        with self._lock:
            count = self._counts.get(name)
            if count is None or count.until <= now:
                self._counts[name] = _Count(now + float(timeout or 60))
                self._counts.move_to_end(name)
            while len(self._counts) > CAPACITY:
                self._counts.popitem(last=False)
        return False

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count, and answer how many there were in this window.

        :raises ValueError: if nothing began the count
        """
        count = self._counts.get(self.make_key(key, version))
        if count is None:
            raise ValueError(f"nothing counts {key!r}")
        with count.lock:
            count.own += delta * _weight.get()
            if count.own * SHARE >= count.shared:
                self._tell(key, count)
            return count.shared + count.own

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Answer a count as far as this process knows it."""
        count = self._counts.get(self.make_key(key, version))
        return default if count is None else count.shared + count.own

    def clear(self) -> None:
        """Forget what this process has counted."""
        with self._lock:
            self._counts.clear()

    def _tell(self, key: Any, count: _Count) -> None:
        """Add this process's share to the count of all, unless Valkey is away."""
        now = time.monotonic()
        if now < self._away_until or not count.own:
            return
        try:
            client = self._shared.client.get_client(write=True)
            name = self._shared.make_key(f"count:{key}")
            pipeline = client.pipeline(transaction=False)
            pipeline.incrby(name, count.own)
            pipeline.expire(name, max(int(count.until - now), 1), nx=True)
            count.shared, count.own = int(pipeline.execute()[0]), 0
        except (ConnectionInterrupted, RedisError, OSError) as error:
            self._away_until = now + PAUSE
            log.warning("rate_limits_per_process", extra={"reason": type(error).__name__})
