"""A relay, a worker and a consumer as processes of their own, and what they cost."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection

from benchmarks.platform import ROOT, children, cpu_seconds, database_url
from rustok.embedded.processes import spawn

__all__ = ["Program", "environment", "nanoseconds", "running"]

COMMANDS = {
    "relay": [sys.executable, "manage.py", "relay"],
    "worker": [
        sys.executable, "-m", "celery", "-A", "rustok", "-q", "worker", "--concurrency", "2", "--without-gossip",
        "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR",
    ],
    "consumer": [sys.executable, "manage.py", "consume"],
}  # fmt: skip


def environment(transport: str) -> dict[str, str]:
    """Production settings at the database of this benchmark."""
    return {
        "DATABASE_URL": database_url(settings.DATABASES["default"]["NAME"]),
        "VALKEY_URL": settings.VALKEY_URL, "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
        "CELERY_QUEUE": settings.CELERY_TASK_DEFAULT_QUEUE, "EVENT_TRANSPORT": transport,
        "NATS_URL": ",".join(settings.NATS_URLS), "STREAM_NAME": settings.STREAM_NAME,
        "SECRET_KEY": settings.SECRET_KEY, "DEBUG": "0", "HTTPS": "0", "LOG_LEVEL": "WARNING", "LOG_FORMAT": "json",
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"], "PYTHONWARNINGS": "ignore",
    }  # fmt: skip


class Program:
    """One of them, running."""

    def __init__(self, name: str, process: subprocess.Popen[bytes]) -> None:
        self.name = name
        self._process = process

    def cpu(self) -> float:
        """Seconds of CPU that it and its children have used."""
        return cpu_seconds([self._process.pid, *children(self._process.pid)])

    def backends(self) -> list[int]:
        """List the processes that PostgreSQL has for it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [f"bench {self.name}"])
            return [pid for (pid,) in cursor.fetchall()]

    def check(self) -> None:
        """Stop the benchmark if it died."""
        if self._process.poll() is not None:
            raise SystemExit(f"benchmarks: the {self.name} ended with exit code {self._process.returncode}")

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


@contextlib.contextmanager
def running(
    names: Sequence[str], env: Mapping[str, str], arguments: Mapping[str, Sequence[str]] | None = None
) -> Iterator[dict[str, Program]]:
    """Run them until the block ends; it begins when all of them work. Several of a kind are told apart by numbers."""
    programs = {}
    try:
        for name in names:
            kind = name.rstrip("0123456789")
            command = [*COMMANDS[kind], *(arguments or {}).get(kind, ())]
            own = os.environ | env | {"PROCESS_NAME": f"bench {name}"}
            process = spawn(command, env=own, cwd=ROOT, output=None)
            programs[name] = Program(name, process)
        time.sleep(8)
        for program in programs.values():
            program.check()
        yield programs
    finally:
        for program in reversed(programs.values()):
            program.stop()


def nanoseconds(pid: int) -> int:
    """Time that a process of one thread has spent on a CPU (finer than the ticks of `stat`)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
