"""Counts of failed tries: shared by all processes in Valkey; with Valkey away, each process keeps its own.

A count is a few numbers under one key. They are changed together and by nobody else meanwhile (WATCH in Valkey, a lock
in the process), so that tries sent at the same moment are counted one by one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from django.core.cache import cache
from django_redis import get_redis_connection
from redis.exceptions import RedisError, WatchError

__all__ = ["Busy", "Count", "change_counts"]

log = logging.getLogger(__name__)

#: Counts that one process keeps while Valkey is away; the oldest go first.
CAPACITY = 10_000
#: Seconds for which Valkey is left alone after it failed.
PAUSE = 5.0
#: Seconds after which a count is forgotten if nothing is added to it.
KEEP = 24 * 3600
#: How often a change is tried again that another one overtook.
PATIENCE = 20


class Busy(Exception):
    """So many change this count at once that it cannot be changed now."""


@dataclass(slots=True)
class Count:
    """Failed tries of one kind: how many (they fade), as of when, and until when the next has to wait."""

    tries: float = 0.0
    at: float = 0.0
    until: float = 0.0
    #: When the first of them was; whoever waits for a first try is remembered by it.
    since: float = 0.0
    #: Whether the audit log was told of this wait.
    told: float = 0.0


Change = Callable[[list[Count]], Any]


def change_counts(keys: Sequence[str], change: Change) -> Any:
    """Read counts, let `change` alter them, and write them back as one step; answer what `change` answers.

    :raises Busy: if others changed them again and again meanwhile
    """
    global _away_until
    if time.monotonic() >= _away_until:
        try:
            return _change_shared([cache.make_key(f"attempts:{key}") for key in keys], change)
        except (RedisError, OSError) as error:
            _away_until = time.monotonic() + PAUSE
            log.warning("attempts_counted_in_process", extra={"reason": type(error).__name__})
    return _local.change([cache.make_key(key) for key in keys], change)


_away_until = 0.0


def _change_shared(keys: list[str], change: Change) -> Any:
    client = get_redis_connection("default")
    for _try in range(PATIENCE):
        with client.pipeline() as pipe:
            try:
                pipe.watch(*keys)
                held = [_read(text) for text in pipe.mget(keys)]
                counts = [replace(count) for count in held]
                answer = change(counts)
                pipe.multi()
                for key, before, count in zip(keys, held, counts, strict=True):
                    if count != before:
                        pipe.set(key, _write(count), ex=KEEP)
                pipe.execute()
            except WatchError:
                continue
            return answer
    raise Busy()


def _read(text: bytes | None) -> Count:
    return Count(*(float(part) for part in text.split())) if text else Count()


def _write(count: Count) -> str:
    return " ".join(repr(number) for number in astuple(count))


class _Local:
    """The counts of one process."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, Count] = OrderedDict()
        self._lock = threading.Lock()

    def change(self, keys: list[str], change: Change) -> Any:
        """Do in this process what Valkey does for all."""
        with self._lock:
            counts = [self._counts.pop(key, Count()) for key in keys]
            answer = change(counts)
            self._counts.update((key, count) for key, count in zip(keys, counts, strict=True) if count != Count())
            while len(self._counts) > CAPACITY:
                self._counts.popitem(last=False)
            return answer


_local = _Local()
