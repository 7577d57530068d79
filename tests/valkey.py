"""A real Valkey of a test's own, to be stopped, paused and killed."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from rustok.embedded.keeper import free_port
from rustok.embedded.valkey import binary

__all__ = ["Server", "running"]


class Server:
    """One server on a port of its own, which it keeps when it is started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix="rustok-valkey-")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The value for VALKEY_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, *arguments: str) -> None:
        """Start it and wait until it listens."""
        command = [str(binary()), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder]
        self.process = subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while not self._listens():
            assert time.monotonic() < until, "valkey-server does not listen"
            time.sleep(0.02)

    def _listens(self) -> bool:
        with closing(socket.socket()) as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal: SIGSTOP makes it silent without closing a connection."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def running(*arguments: str) -> Iterator[Server]:
    """Have a server for the length of a block."""
    server = Server()
    try:
        server.start(*arguments)
        yield server
    finally:
        server.kill()
        shutil.rmtree(server.folder, ignore_errors=True)
