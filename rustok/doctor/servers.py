"""Valkey, the broker, NATS, and whether all clocks agree."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from rustok.doctor.database import rows
from rustok.doctor.findings import Finding, bad, check, ok, warn

#: Seconds that clocks may differ, and that a server has to answer.
DIFFERENCE, PATIENCE = 1.0, 2.0
#: Share of its memory from which Valkey is full.
FULL = 0.9


def _client(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0))


def _away(name: str, setting: str, error: Exception) -> Finding:
    return bad(f"{name} does not answer: {type(error).__name__}", f"start it, or correct {setting}")


@check("valkey")
def valkey() -> Iterator[Finding]:
    """See that the cache answers."""
    try:
        with _client(settings.VALKEY_URL) as client:
            memory = client.info("memory")
    except Exception as error:  # redis-py has errors of many kinds; whichever it is, it does not answer
        yield _away("Valkey", "VALKEY_URL", error)
        return
    yield ok("Valkey answers")
    most, used = int(memory["maxmemory"]), int(memory["used_memory"])
    if most and used > most * FULL:
        yield bad(f"Valkey has used {used / most:.0%} of its memory", "raise maxmemory")


@check("broker")
def broker() -> Iterator[Finding]:
    """See that the broker answers and throws no message away to make room."""
    url = settings.CELERY_BROKER_URL
    if not url.startswith(("redis", "valkey", "unix")):
        yield ok(f"the broker is {url.partition(':')[0]}, which `celery inspect ping` asks")
        return
    try:
        with _client(url) as client:
            policy, waiting = _policy(client), client.llen(settings.CELERY_TASK_DEFAULT_QUEUE)
            appends, saves = _persistence(client)
    except Exception as error:
        yield _away("the broker", "CELERY_BROKER_URL", error)
        return
    if policy not in ("noeviction", ""):
        yield bad(
            f"the broker throws messages away when it is full ({policy})",
            "set maxmemory-policy noeviction; cache and broker may be two servers",
        )
    else:
        yield ok(f"the broker keeps its messages; {waiting} wait")
    if appends and saves:
        yield warn("the broker writes both a log and snapshots", "one is enough: the outbox fills it again")


def _policy(client: Redis) -> str:
    try:
        return str(client.config_get("maxmemory-policy").get("maxmemory-policy", ""))
    except ResponseError:  # hosted servers may refuse CONFIG; INFO tells as well
        return str(client.info("memory").get("maxmemory_policy", ""))


def _persistence(client: Redis) -> tuple[bool, bool]:
    try:
        found = client.config_get("appendonly", "save")
    except ResponseError:
        return False, False
    return found.get("appendonly") == "yes", bool(found.get("save"))


@check("nats", slow=True)
def nats() -> Iterator[Finding]:
    """See that the stream answers, where events travel by it."""
    if settings.EVENT_TRANSPORT != "stream":
        yield ok(f"events travel by {settings.EVENT_TRANSPORT}: NATS is not needed")
        return
    from apps.outbox.stream import StreamDrift, StreamUnavailable, configured

    stream = configured("rustok-doctor")
    try:
        stream.connect()
        stream.setup()
        yield ok("NATS answers and the stream is set up")
    except StreamDrift as error:
        yield bad(f"the stream is set up otherwise: {error}", "run `manage.py consume --setup`, see docs/events.md")
    except StreamUnavailable as error:
        yield _away("NATS", "NATS_URL", error)
    finally:
        stream.close()


@check("clocks")
def clocks() -> Iterator[Finding]:
    """See that process, database and Valkey agree on the time: leases and tokens stand on it."""
    before = time.time()
    database = float(rows("SELECT extract(epoch FROM clock_timestamp())")[0][0])
    readings = {"PostgreSQL": database - (before + time.time()) / 2}
    try:
        with _client(settings.VALKEY_URL) as client:
            before = time.time()
            seconds, micros = client.time()
            readings["Valkey"] = seconds + micros / 1e6 - (before + time.time()) / 2
    except (RedisError, OSError):
        readings.pop("Valkey", None)  # that it does not answer is said by its own check
    for name, difference in readings.items():
        if abs(difference) > DIFFERENCE:
            yield bad(f"the clock of {name} is {difference:+.1f} s from ours", "run NTP (chrony) on every machine")
    if all(abs(difference) <= DIFFERENCE for difference in readings.values()):
        yield ok(f"clocks agree: {', '.join(readings)}")
