"""Valkey between the processes and PostgreSQL: answers with a lease for whoever fetches one, and news of what changed.

Who fetches an answer holds its lease, and an answer is only taken from who still does: an invalidation takes the lease
away, so that what was read before it comes too late. A higher version that is there already is never replaced. All of
it may vanish at any time: then PostgreSQL is asked.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from apps.tenant.resolver import tally
from apps.tenant.resolver.breaker import Breaker
from apps.tenant.resolver.snapshot import STALE, Entry, Snapshot

__all__ = ["Ask", "Away", "News", "Shared"]

#: Of what is written; code of another format has names of its own.
FORMAT = 1
#: Seconds that Valkey has to answer.
PATIENCE = 0.05
#: Milliseconds that a lease lasts: whoever needs longer writes nothing.
LEASE = 2_000
#: Changes that are remembered; a process that missed more drops everything.
REMEMBERED = 256

T = TypeVar("T")

_ASK = """
local value = redis.call('GET', KEYS[1])
if value then
    local left = redis.call('PTTL', KEYS[1])
    if left > tonumber(ARGV[3]) then return {value, left} end
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {false, 1} end
return {false, 0}
"""
_REPLACE = """
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
"""
_PUT = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
if ARGV[2] == '' then return 1 end
local old = redis.call('GET', KEYS[1])
if old and tonumber(string.match(old, '^%d+') or '0') > tonumber(ARGV[3]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[4])
return 1
"""
_CUT = """
for i = 3, #KEYS, 2 do
    redis.call('DEL', KEYS[i])
    redis.call('SET', KEYS[i + 1], ARGV[1], 'PX', ARGV[2])
end
redis.call('LPUSH', KEYS[2], ARGV[3])
redis.call('LTRIM', KEYS[2], 0, tonumber(ARGV[4]) - 1)
return redis.call('INCR', KEYS[1])
"""
_HEAR = """
local now = tonumber(redis.call('GET', KEYS[1]) or '0')
local missed = now - tonumber(ARGV[1])
if missed <= 0 or missed > tonumber(ARGV[2]) then return {now} end
return {now, redis.call('LRANGE', KEYS[2], 0, missed - 1)}
"""


class Away(Exception):
    """Valkey does not answer."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What Valkey said: an answer, or a lease to fetch one, or neither because somebody else does."""

    entry: Entry | None = None
    lease: str = ""


class News(msgspec.Struct, frozen=True):
    """A tenant that changed, and the names that lead or led to it."""

    tenant_id: UUID
    keys: list[str]


class _Stored(msgspec.Struct, frozen=True):
    key: str
    tenant_id: UUID
    tenant: Snapshot | None


_read = msgspec.json.Decoder(_Stored).decode
_read_news = msgspec.json.Decoder(News).decode
_VALUE = re.compile(rb"(\d{1,16}) (.*)", re.DOTALL)


class Shared:
    """The level that all processes share; every call is short, and none is made while the breaker is open."""

    def __init__(self, url: str | None = None) -> None:
        self._url = url
        self._client: Redis | None = None
        self.breaker = Breaker(lambda: self._redis().ping())

    def ask(self, key: str, *, fresh_after: float = 0.0) -> Ask:
        """Ask for an answer that is born after a moment, or else for the lease to fetch it.

        :raises Away: if Valkey does not answer
        """
        token, now = secrets.token_hex(8), time.monotonic()
        least = max(int((fresh_after + STALE - now) * 1000), 0) if fresh_after else 0
        value, number = self._run(_ASK, self._pair(key), [token, LEASE, least])
        if value is None:
            return Ask(lease=token if number else "")
        entry = _entry(key, value, born=now - STALE + min(number / 1000, STALE))
        if entry is None:
            self._run(_REPLACE, self._pair(key), [token, LEASE])
        return Ask(entry=entry, lease="" if entry else token)

    def put(self, key: str, entry: Entry, lease: str) -> bool:
        """Leave an answer for all; tell whether it was taken.

        :raises Away: if Valkey does not answer
        """
        left, value = int((entry.until - time.monotonic()) * 1000), b""
        if left > 0 and entry.tenant_id is not None:  # an unknown name is nobody else's business: only the lease ends
            value = b"%d %s" % (entry.version, msgspec.json.encode(_Stored(key, entry.tenant_id, entry.tenant)))
        taken = bool(self._run(_PUT, self._pair(key), [lease, value, entry.version, left]))
        if not taken:
            tally.add("late")
        return taken

    def cut(self, news: News) -> str:
        """Forget what is known of names and tell everybody; answer the lease that is now ours for all of them.

        :raises Away: if Valkey does not answer
        """
        token = secrets.token_hex(8)
        keys = [*self._bulletin(), *(name for key in news.keys for name in self._pair(key))]
        self._run(_CUT, keys, [token, LEASE, msgspec.json.encode(news), REMEMBERED])
        return token

    def hear(self, last: int) -> tuple[int, list[News] | None]:
        """Answer the number of the newest change and those after `last`; None for them if they cannot be told.

        :raises Away: if Valkey does not answer
        """
        answer = self._run(_HEAR, self._bulletin(), [last, REMEMBERED])
        now = int(answer[0])
        if now == last:
            return now, []
        try:
            found = [_read_news(item) for item in answer[1]] if len(answer) > 1 else None
        except msgspec.MsgspecError:
            found = None
        return now, found if found and len(found) == now - last else None

    def _run(self, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        return self._guarded(lambda: self._redis().register_script(script)(keys=keys, args=arguments))

    def _guarded(self, call: Callable[[], T]) -> T:
        if not self.breaker.allows():
            raise Away
        try:
            return call()
        except (RedisError, OSError) as error:
            self.breaker.failed()
            raise Away from error

    def _redis(self) -> Redis:
        if self._client is None:
            self._client = Redis.from_url(
                self._url or settings.VALKEY_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE,
                retry=Retry(NoBackoff(), 0),
            )  # fmt: skip
        return self._client

    def _pair(self, key: str) -> list[str]:
        return [f"{_prefix()}{key}", f"{_prefix()}lease:{key}"]

    def _bulletin(self) -> list[str]:
        return [f"{_prefix()}changes", f"{_prefix()}news"]


def _prefix() -> str:
    """Name the deployment: those that share a Valkey differ by queue or database. The braces keep it on one server."""
    return f"{{{settings.CELERY_TASK_DEFAULT_QUEUE}:{settings.DATABASES['default']['NAME']}:tenants:{FORMAT}}}:"


def _entry(key: str, value: bytes, born: float) -> Entry | None:
    """Read what was stored; what cannot be read, or is of another name, is as if it were not there."""
    found = _VALUE.fullmatch(value)
    try:
        stored = _read(found[2]) if found else None
    except msgspec.MsgspecError:
        stored = None
    if found is None or stored is None or stored.key != key:
        tally.add("unreadable")
        return None
    version, noted = int(found[1]), time.monotonic()
    return Entry(stored.tenant, born=born, noted=noted, version=version, tenant_id=stored.tenant_id)
