"""Real NATS servers for tests: one, or a cluster whose servers can be killed and started again."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from rustok.embedded import processes
from rustok.embedded.keeper import free_port
from rustok.embedded.nats import binary

CONFIG = """\
server_name: n{number}
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor}"
jetstream {{ store_dir: "{store}" }}
"""
ROUTES = """\
cluster {{ name: tests, listen: "127.0.0.1:{port}", routes: [{routes}] }}
"""


class Cluster:
    """Servers n0, n1, … that keep their ports and what they stored when they are killed and started again."""

    def __init__(self, size: int = 1) -> None:
        self.size = size
        self.folder = Path(tempfile.mkdtemp(prefix="rustok-nats-"))
        self.ports = [free_port() for _ in range(size)]
        self.monitors = [free_port() for _ in range(size)]
        self._routes = [free_port() for _ in range(size)]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def urls(self) -> list[str]:
        """The URLs of all servers."""
        return [f"nats://127.0.0.1:{port}" for port in self.ports]

    @property
    def url(self) -> str:
        """The value for NATS_URL."""
        return ",".join(self.urls)

    @property
    def alive(self) -> list[int]:
        """Numbers of the servers that run."""
        return sorted(self._processes)

    def start(self, *numbers: int) -> None:
        """Start servers, all unless some are named, and wait until they have a leader if a majority runs."""
        for number in numbers or range(self.size):
            self._spawn(number)
        for number in numbers or range(self.size):
            self._await(lambda number=number: _listens(self.ports[number]), f"n{number} listens")
        if len(self._processes) > self.size / 2:
            self._await(self._is_healthy, "JetStream has a leader")

    def kill(self, *numbers: int) -> None:
        """kill -9 servers, all unless some are named."""
        for number in numbers or tuple(self._processes):
            process = self._processes.pop(number)
            processes.signal_group(process.pid, signal.SIGKILL)
            process.wait()

    def restart(self, *numbers: int) -> None:
        """kill -9 servers and start them again, all unless some are named."""
        self.kill(*numbers)
        self.start(*numbers)

    def leader(self, stream: str) -> int:
        """Answer which server leads a stream; the others may take some seconds to agree on one."""
        found: list[str] = []
        self._await(lambda: bool(found.append(self._leader(stream)) or found[-1]), f"{stream} has a leader")
        return int(found[-1].removeprefix("n"))

    def stop(self) -> None:
        """kill -9 everything and forget what it stored."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _spawn(self, number: int) -> None:
        config = self.folder / f"n{number}.conf"
        text = CONFIG.format(
            number=number, port=self.ports[number], monitor=self.monitors[number], store=self.folder / f"store{number}"
        )
        if self.size > 1:
            routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in self._routes)
            text += ROUTES.format(port=self._routes[number], routes=routes)
        config.write_text(text)
        with (self.folder / f"n{number}.log").open("ab") as output:
            self._processes[number] = processes.spawn(
                [str(binary()), "-c", str(config)], env={}, output=output, cwd=self.folder, death_signal=signal.SIGKILL
            )

    def _is_healthy(self) -> bool:
        """Ask the servers that run whether JetStream works and, in a cluster, knows its leader."""
        reports = [self._ask(number, "jsz") for number in self.alive]
        return all(each and (self.size == 1 or each.get("meta_cluster", {}).get("leader")) for each in reports)

    def _leader(self, stream: str) -> str:
        for number in self.alive:
            report = self._ask(number, "jsz?streams=true")
            for account in report.get("account_details", []):
                for detail in account.get("stream_detail", []):
                    leader = (detail.get("cluster") or {}).get("leader", "")
                    if detail["name"] == stream and leader in [f"n{each}" for each in self.alive]:
                        return str(leader)
        return ""

    def _ask(self, number: int, path: str) -> dict[str, Any]:
        try:
            with urlopen(f"http://127.0.0.1:{self.monitors[number]}/{path}", timeout=2) as answer:
                return json.loads(answer.read())
        except OSError:
            return {}

    def _await(self, condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}; logs in {self.folder}"
            time.sleep(0.05)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


@contextmanager
def cluster(size: int = 1) -> Iterator[Cluster]:
    """Run servers for the length of a block."""
    servers = Cluster(size)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()
