"""A lossy ping from whoever committed an event to the relays, over Valkey; without it they look a little later."""

from __future__ import annotations

import logging
import threading
import time

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

__all__ = ["Bell", "ping"]

log = logging.getLogger(__name__)

#: Seconds in which a process pings once, at most: a relay that was just woken is still looking.
QUIET = 0.02
#: Seconds without pings after one failed, so that a dead Valkey costs a request nothing.
BREAK = 5.0
#: Seconds that a ping may take.
PATIENCE = 0.05

_next_ping = 0.0
_client: list[Redis] = []


def channel() -> str:
    """Name the channel; deployments that share a Valkey differ by their queue."""
    return f"{settings.CELERY_TASK_DEFAULT_QUEUE}:events"


def ping() -> None:
    """Wake the relays, unless this process just did or Valkey is away."""
    global _next_ping
    now = time.monotonic()
    if now < _next_ping:
        return
    _next_ping = now + QUIET
    try:
        if not _client:
            _client.append(_connect(PATIENCE))
        _client[0].publish(channel(), b"")
    except RedisError as error:
        _next_ping = now + BREAK
        log.debug("wakeup_failed", extra={"reason": str(error)})


def _connect(timeout: float | None) -> Redis:
    return Redis.from_url(settings.VALKEY_URL, socket_timeout=timeout, socket_connect_timeout=PATIENCE)


class Bell:
    """What a relay sleeps on: it ends early when somebody pings."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._stopped = False
        threading.Thread(target=self._listen, daemon=True, name="bell").start()

    def ring(self) -> None:
        """End the sleep, from this process."""
        self._rung.set()

    def stop(self) -> None:
        """End the sleep and listen no longer."""
        self._stopped = True
        self._rung.set()

    def sleep(self, seconds: float) -> bool:
        """Sleep until the bell rings, at most some seconds; tell whether it rang."""
        rang = self._rung.wait(seconds)
        self._rung.clear()
        return rang

    def _listen(self) -> None:
        while not self._stopped:
            try:
                with _connect(None).pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]
                    subscription.subscribe(channel())
                    for _message in subscription.listen():
                        self._rung.set()
            except RedisError:
                time.sleep(1.0)
