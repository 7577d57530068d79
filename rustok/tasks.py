"""The platform's own sign of life: beat sends it, a worker leaves it in Valkey, `manage.py doctor` looks for it."""

from __future__ import annotations

import time

from django.conf import settings
from redis import Redis

from rustok.kernel.edges.tasks import task

__all__ = ["ALIVE_EVERY", "alive", "last_alive"]

#: Seconds between two signs of life.
ALIVE_EVERY = 60
#: Seconds that the last one is remembered.
REMEMBERED = 7 * 86_400
PATIENCE = 2.0


@task(name="rustok.alive", everywhere=True, runs_as="shows that beat and worker are there")
def alive() -> None:
    """Note that beat, broker and worker are there."""
    with _client() as client:
        client.set(_key(), repr(time.time()), ex=REMEMBERED)


def last_alive() -> float | None:
    """Answer when a worker last did what beat had sent; None for never.

    :raises RedisError: if Valkey does not answer
    """
    with _client() as client:
        found = client.get(_key())
    return float(found) if found else None


def _key() -> str:
    return f"{settings.CELERY_TASK_DEFAULT_QUEUE}:{settings.DATABASES['default']['NAME']}:alive"


def _client() -> Redis:
    return Redis.from_url(settings.VALKEY_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
