"""A real relay and a real worker as processes of their own, on a database of their own, to be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {
    "relay": [sys.executable, "manage.py", "relay"],
    "worker": [
        sys.executable, "-m", "celery", "-A", "rustok", "worker", "--concurrency", "2", "--without-gossip",
        "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR",
    ],
}  # fmt: skip


def database_url(name: str) -> str:
    """Write the URL of a database on the server that the tests use."""
    base = settings.DATABASES["default"]
    login = f"{quote(base['USER'])}:{quote(base['PASSWORD'])}@" if base["PASSWORD"] else f"{quote(base['USER'])}@"
    return f"postgres://{login}{quote(base['HOST'], safe='')}:{base['PORT']}/{name}"


class Platform:
    """Starts, kills and stops the background processes."""

    def __init__(self, database: str) -> None:
        self._env = os.environ | {
            "DATABASE_URL": database_url(database),
            "VALKEY_URL": settings.VALKEY_URL,
            "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
            "CELERY_QUEUE": database,
            "SECRET_KEY": settings.SECRET_KEY,
            "DJANGO_SETTINGS_MODULE": "rustok.settings",
            "EVENT_LEASE_SECONDS": "3",
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start the relay or the worker in a process group of its own."""
        self._running[name] = subprocess.Popen(
            COMMANDS[name],
            cwd=ROOT,
            env=self._env,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def kill(self, name: str) -> None:
        """kill -9 a process and all its children."""
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def restart(self, name: str) -> None:
        """kill -9 and start again."""
        self.kill(name)
        self.start(name)

    def stop(self) -> None:
        """kill -9 everything."""
        for name in list(self._running):
            self.kill(name)


@pytest.fixture
def platform(committed_db: str) -> Iterator[Platform]:
    """A relay and a worker at the test's own database; nothing runs until `start`."""
    processes = Platform(committed_db)
    yield processes
    processes.stop()


@pytest.fixture
def eventually() -> Callable[..., None]:
    """Wait until something is true, or fail after some seconds."""

    def wait(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.2)

    return wait
