"""The platform's processes, real ones, to be killed: relays, a worker, consumers, a web server."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from rustok.embedded import processes
from rustok.embedded.keeper import free_port

__all__ = ["ROOT", "Platform", "wait_for"]

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
COMMANDS = {
    "relay": [PYTHON, "manage.py", "relay"],
    "relays": [PYTHON, "-m", "tests.faults.relays"],
    "worker": [
        PYTHON, "-m", "celery", "-A", "rustok", "-q", "worker", "--concurrency", "2", "--without-gossip",
        "--without-mingle", "--loglevel", "WARNING",
    ],
    "consumer": [PYTHON, "manage.py", "consume"],
    "web": [
        PYTHON, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--no-ws", "--workers", "1",
        "--blocking-threads", "2", "--respawn-failed-workers", "--log-level", "warning", "rustok.wsgi:application",
    ],
}  # fmt: skip
#: Seconds that a lease of the tests lasts, and a relay without a sign of life.
LEASE, TTL = 2, 1.0


def wait_for(condition: Any, *, seconds: float, what: str, every: float = 0.05) -> float:
    """Wait until something is true, and answer how long that took; or fail after some seconds."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, f"not within {seconds} s: {what}"
        time.sleep(every)
    return time.monotonic() - begun


class Platform:
    """Starts, kills and stops processes. The slow ones stay for the next test."""

    STAYING = ("relays", "worker")

    def __init__(self, urls: dict[str, str], database: str, logs: Path) -> None:
        self.logs = logs
        self.queue = database
        self.port = free_port()
        self._env = os.environ | urls | {
            "DATABASE_URL": urls["DATABASE_URL"].rpartition("/")[0] + f"/{database}",
            "CELERY_QUEUE": database,
            "SECRET_KEY": settings.SECRET_KEY,
            "HTTPS": "0",
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "EVENT_TRANSPORT": "outbox",
            "EVENT_LEASE_SECONDS": str(LEASE),
            "LOG_LEVEL": "WARNING",
            "LOG_FORMAT": "json",
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        }  # fmt: skip
        self._running: dict[str, tuple[subprocess.Popen[bytes], dict[str, str]]] = {}
        self._relays: list[int] = []

    # --- processes ------------------------------------------------------------------------------------------------

    def start(self, name: str, **env: str) -> subprocess.Popen[bytes]:
        """Start a process in a group of its own, unless it runs already with this environment."""
        running = self._running.get(name)
        if running and running[0].poll() is None and running[1] == env:
            return running[0]
        if running:
            self.kill(name)
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                self._command(name), cwd=ROOT, env=self._env | {"PROCESS_NAME": name} | env, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE if name == "relays" else log, stderr=log,
                preexec_fn=processes._die_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509 - two system calls
            )  # fmt: skip
        self._running[name] = process, env
        return process

    def _command(self, name: str) -> list[str]:
        kind = name.rstrip("0123456789")
        return [*COMMANDS[kind], *(["--port", str(self.port)] if kind == "web" else [])]

    def kill(self, name: str) -> None:
        """kill -9 a process and all its children."""
        process, _ = self._running.pop(name)
        processes.signal_group(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def restart(self, name: str) -> None:
        """kill -9 and start again."""
        _, env = self._running[name]
        self.kill(name)
        self.start(name, **env)

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process and all its children."""
        processes.signal_group(self._running[name][0].pid, number)

    def is_running(self, name: str) -> bool:
        """Tell whether a process has not ended."""
        return name in self._running and self._running[name][0].poll() is None

    def dead(self) -> list[str]:
        """Name who should be there for every test, and ended."""
        return [name for name in self.STAYING if name in self._running and not self.is_running(name)]

    def tidy(self) -> None:
        """End what is not to stay for the next test."""
        self.kill_relays()
        for name in [name for name in self._running if name not in self.STAYING]:
            self.kill(name)

    def stop(self) -> None:
        """kill -9 everything."""
        for name in list(self._running):
            self.kill(name)

    # --- relays ---------------------------------------------------------------------------------------------------

    def relay(
        self, *, most: int = 1000, ttl: float = TTL, dies_after: int | None = None, stammers: bool = False,
        clock: float = 0, **settings: Any,
    ) -> int:  # fmt: skip
        """Fork a relay that differs in some way from the usual one; answer its pid."""
        forker = self.start("relays")
        options = {
            "most": most, "ttl": ttl, "dies_after": dies_after, "stammers": stammers, "clock": clock,
            "settings": settings,
        }  # fmt: skip
        assert forker.stdin is not None
        assert forker.stdout is not None
        forker.stdin.write(json.dumps(options).encode() + b"\n")
        forker.stdin.flush()
        pid = int(forker.stdout.readline())
        self._relays.append(pid)
        return pid

    def kill_relays(self, *pids: int) -> None:
        """kill -9 relays, all unless some are named, and wait until they are gone."""
        for pid in pids or tuple(self._relays):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self.await_end(pid, 5)
            self._relays.remove(pid)

    def await_end(self, pid: int, seconds: float) -> None:
        """Wait until a relay is gone."""
        wait_for(lambda: not is_alive(pid), seconds=seconds, what=f"the end of relay {pid}", every=0.01)

    # --- web ------------------------------------------------------------------------------------------------------

    def get(self, path: str, seconds: float = 10) -> tuple[int, str]:
        """Ask the web server as acme's visitor.

        :raises OSError: if it is not there, or goes away without an answer
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", path, headers={"Host": "acme.localhost"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()

    def await_web(self, seconds: float = 40) -> None:
        """Wait until the web server answers; start it again if it gave up, as it does after two deaths in a row."""
        wait_for(self._serves, seconds=seconds, what="the web server answers")

    def _serves(self) -> bool:
        if not self.is_running("web"):
            self.restart("web")
        try:
            return self.get("/health/live")[0] == 200
        except OSError:
            return False


def is_alive(pid: int) -> bool:
    """Tell whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
