"""The process that owns a home's servers: `python -m rustok.embedded.keeper HOME postgres valkey`.

It restarts a server that dies and stops all of them when nobody holds the users' lock, or on SIGTERM. Its servers
get a signal from the kernel should it be killed.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Protocol

from rustok.embedded import processes
from rustok.embedded.home import EmbeddedError, Home, servers_account, write_private
from rustok.embedded.nats import Nats
from rustok.embedded.postgres import Postgres
from rustok.embedded.valkey import Valkey

PORTS = range(20_000, 32_000)  # below the ports that Linux hands to outgoing connections
START_SECONDS = 60
STOP_SECONDS = 8
LOG_BYTES = 5_000_000


class Server(Protocol):
    """What the keeper needs to know of a server."""

    name: ClassVar[str]
    title: ClassVar[str]
    process_names: ClassVar[tuple[str, ...]]
    stop_signal: ClassVar[signal.Signals]

    @property
    def folder(self) -> Path:
        """Folder that the server works in."""

    def urls(self) -> dict[str, str]:
        """Return the settings that point at this server."""

    def prepare(self) -> None:
        """Make what the server needs before it starts."""

    def command(self) -> list[str]:
        """Return the command line of the server."""

    def environment(self) -> dict[str, str]:
        """Return the environment of the server."""

    def is_ready(self) -> bool:
        """Tell whether the server can be used."""


class Kept:
    """One server and its process."""

    def __init__(self, server: Server, home: Home) -> None:
        self.server = server
        self.home = home
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Bring the server up; what a killed keeper left of it goes first.

        :raises EmbeddedError: if it does not answer in a minute or exits at once, on three ports
        """
        for attempt in range(3):
            self.reap()
            self._choose_port(again=attempt > 0)
            self.server.prepare()
            self._spawn()
            if self._becomes_ready():
                return
        raise EmbeddedError(f"{self.server.name} does not start: {self._last_words()}")

    def has_died(self) -> bool:
        """Tell whether the process ended on its own."""
        return self.process is not None and self.process.poll() is not None

    def ask_to_stop(self) -> None:
        """Send the signal for an orderly end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.server.stop_signal)

    def wait(self, seconds: float) -> None:
        """Wait for the end, then kill what is left."""
        if self.process is None:
            return
        try:
            self.process.wait(max(seconds, 0.1))
        except subprocess.TimeoutExpired:
            processes.signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def reap(self) -> None:
        """End processes of this server that work in its folder and are not ours any more."""
        left = processes.found_in(self.server.folder, self.server.process_names)
        processes.end(left, first=self.server.stop_signal, patience=STOP_SECONDS)

    def _choose_port(self, *, again: bool) -> None:
        """Keep the port of the last run if it is free, so that URLs survive a restart."""
        port = self.home.ports.get(self.server.name)
        if port is None or again or not _is_free(port):
            self.home.ports[self.server.name] = free_port()
            self.home.save()

    def _spawn(self) -> None:
        log = self.home.logs / f"{self.server.name}.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            self.process = processes.spawn(
                self.server.command(), env=self.server.environment(), output=output, cwd=self.server.folder,
                account=servers_account(), death_signal=self.server.stop_signal,
            )  # fmt: skip

    def _becomes_ready(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and not self.has_died():
            if self.server.is_ready():
                return True
            time.sleep(0.05)
        self.wait(0)
        return False

    def _last_words(self) -> str:
        log = self.home.logs / f"{self.server.name}.log"
        lines = log.read_text(errors="replace").splitlines()
        return f"{lines[-1] if lines else 'it said nothing'} (log: {log})"


class Keeper:
    """Runs the servers of a home until nobody uses them."""

    def __init__(self, home: Home, names: list[str], *, throwaway: bool, say: Callable[[str], None]) -> None:
        makers: dict[str, Callable[[], Server]] = {
            "postgres": lambda: Postgres(home, throwaway=throwaway),
            "valkey": lambda: Valkey(home),
            "nats": lambda: Nats(home),
        }
        self.home = home
        self.say = say
        self.kept = [Kept(makers[name](), home) for name in names]
        self.over = False  # a plain flag: an Event may deadlock when a signal handler sets it

    def run(self) -> None:
        """Start the servers, tell the caller, look after them, stop them."""
        try:
            self._start()
            threading.Thread(target=self._await_last_user, daemon=True).start()
            while not self.over:
                self._restart_the_dead()
                time.sleep(0.2)
        finally:
            self._stop()

    def end(self, *_: object) -> None:
        """Leave the loop; a signal handler."""
        self.over = True

    def _start(self) -> None:
        if not self.home.data.exists():
            self.say(self._announcement())
        for kept in self.kept:
            kept.start()
        self._write_state()
        self.say("ready")

    def _announcement(self) -> str:
        names = " and ".join(kept.server.title for kept in self.kept)
        data, account = self.home.data, servers_account()
        under = f" under the account '{account.name}'" if account else ""
        return f"making {names} in {data}{under}"

    def _await_last_user(self) -> None:
        """Block until no user is left; the lock stays ours, so that newcomers wait for the end."""
        self.users = (self.home.path / "users.lock").open("a")
        fcntl.flock(self.users, fcntl.LOCK_EX)
        self.over = True
        self._write_state()  # at once: the last user looks for it

    def _restart_the_dead(self) -> None:
        for kept in self.kept:
            if kept.has_died():
                kept.start()
                self._write_state()

    def _stop(self) -> None:
        self.over = True
        self._write_state()
        for kept in self.kept:
            kept.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for kept in self.kept:
            kept.wait(deadline - time.monotonic())
        (self.home.path / "servers.json").unlink(missing_ok=True)

    def _write_state(self) -> None:
        state: dict[str, Any] = {
            "pid": os.getpid(),
            "started": processes.started_at(os.getpid()),
            "stopping": self.over,
            "servers": {kept.server.name: kept.process.pid for kept in self.kept if kept.process},
            "urls": {} if self.over else {name: url for kept in self.kept for name, url in kept.server.urls().items()},
        }
        write_private(self.home.path / "servers.json", json.dumps(state, indent=1))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Return a port that nobody listens on."""
    for port in random.sample(PORTS, 200):
        if _is_free(port):
            return port
    raise EmbeddedError(f"no free port between {PORTS.start} and {PORTS.stop}")


def _say(line: str) -> None:
    """Tell the process that started us; it may be gone."""
    try:
        print(line, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - stays open for good


def _let_go_of_terminal(log: Path) -> None:
    """Point our output at a log, so that a pipe of the caller's closes with the caller."""
    with log.open("ab") as stream:
        os.dup2(stream.fileno(), sys.stdout.fileno())
        os.dup2(stream.fileno(), sys.stderr.fileno())


def main() -> int:
    """Keep the servers of the home named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("names", nargs="+", choices=["postgres", "valkey", "nats"])
    parser.add_argument("--throwaway", action="store_true")
    options = parser.parse_args()
    try:
        home = Home.open(options.home)

        def say(line: str) -> None:
            _say(line)
            if line == "ready":
                _let_go_of_terminal(home.logs / "keeper.log")

        keeper = Keeper(home, options.names, throwaway=options.throwaway, say=say)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, keeper.end)
        keeper.run()
    except EmbeddedError as error:
        _say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
