"""Starts the platform as production runs it, and reads what it costs from /proc."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from rustok.embedded.home import current_home

__all__ = [
    "Web", "children", "cpu_seconds", "database_url", "nats_pids", "postgres_pids", "resident_megabytes", "serving",
]  # fmt: skip

ROOT = Path(__file__).resolve().parent.parent
_TICK = os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def children(pid: int) -> list[int]:
    """List the processes below one."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if entry.name.isdigit() and int(_stat(int(entry.name))[1]) == pid:
                found += [int(entry.name), *children(int(entry.name))]
    return found


def cpu_seconds(pids: list[int]) -> float:
    """Add up user and system time of processes and of their children that ended."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += sum(int(value) for value in _stat(pid)[11:15])
    return total / _TICK


def resident_megabytes(pids: list[int]) -> float:
    """Add up the resident sets of processes."""
    pages = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            pages += int(_stat(pid)[21])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def postgres_pids() -> list[int]:
    """List every process of the PostgreSQL server that we are connected to; empty if it runs elsewhere."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    try:
        postmaster = int(_stat(backend)[1])
    except OSError:
        return []
    return [postmaster, *children(postmaster)]


def nats_pids() -> list[int]:
    """List the NATS server of this home; empty if it runs elsewhere or not at all."""
    folder = str(current_home())
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_text() if entry.name.isdigit() else ""
            if command.split("\0")[0].endswith("nats-server") and folder in command:
                found.append(int(entry.name))
    return found


def database_url(name: str) -> str:
    """Write the URL of a database on the server that we are connected to."""
    base = settings.DATABASES["default"]
    login = f"{quote(base['USER'])}:{quote(base['PASSWORD'])}@" if base["PASSWORD"] else f"{quote(base['USER'])}@"
    return f"postgres://{login}{quote(base['HOST'], safe='')}:{base['PORT']}/{name}"


class Web:
    """The web processes."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.port = port

    def pids(self) -> list[int]:
        """List the supervisor and its workers."""
        return [self._process.pid, *children(self._process.pid)]


@contextlib.contextmanager
def serving(port: int, environment: dict[str, str], *, workers: int = 2) -> Iterator[Web]:
    """Serve with granian and production settings until the block ends."""
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "4", "--no-access-log", "rustok.wsgi:application",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, start_new_session=True)
    try:
        _wait(f"http://127.0.0.1:{port}/health/ready")
        yield Web(process, port)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait(url: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if urllib.request.urlopen(url, timeout=2).status == 200:
                return
        time.sleep(0.2)
    raise SystemExit(f"benchmarks: {url} did not answer within {seconds:.0f} s")
