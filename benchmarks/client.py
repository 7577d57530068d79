"""A closed-loop HTTP client: a few keep-alive connections, each sending its next request when the last is answered."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

__all__ = ["Answer", "Connection", "Request", "Run", "run"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request."""

    method: str
    path: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def encode(self, host: str) -> bytes:
        """Write it as HTTP/1.1."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}", "Accept: application/json"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body or self.method not in ("GET", "HEAD"):
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int
    body: bytes


class Connection:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._buffer = b""

    def send(self, raw: bytes) -> Answer:
        """Send a request and read its answer."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._buffer = b""
        self._socket.sendall(raw)
        head = self._until(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        body = self._chunks() if "chunked" in headers.get("transfer-encoding", "") else self._exactly(headers)
        if headers.get("connection") == "close":
            self.close()
        return Answer(int(lines[0].split(" ", 2)[1]), body)

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _more(self) -> None:
        assert self._socket is not None
        data = self._socket.recv(65_536)
        if not data:
            raise ConnectionError("the server hung up")
        self._buffer += data

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            self._more()
        head, _, self._buffer = self._buffer.partition(mark)
        return head

    def _exactly(self, headers: dict[str, str]) -> bytes:
        return self._take(int(headers.get("content-length", "0")))

    def _take(self, length: int) -> bytes:
        while len(self._buffer) < length:
            self._more()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return body

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._until(b"\r\n"), 16):
            body += self._take(size)
            self._take(2)
        self._take(2)
        return body


@dataclass(slots=True)
class Run:
    """What was measured; latencies in seconds."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Latency in milliseconds below which a share of the requests stayed."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 if ordered else 0.0


def run(
    port: int, host: str, source: Callable[[int], Iterator[Request]], *, clients: int, seconds: float, expect: int
) -> Run:
    """Send what `source(client number)` yields from several connections for some seconds (or until it ends)."""
    result = Run(seconds)
    lock = threading.Lock()
    started = time.perf_counter()

    def loop(number: int) -> None:
        connection = Connection(port)
        latencies: list[float] = []
        for request in source(number):
            before = time.perf_counter()
            if before - started > seconds:
                break
            answer = connection.send(request.encode(host))
            latencies.append(time.perf_counter() - before)
            if answer.status != expect:
                with lock:
                    result.failures.append(f"{answer.status} {answer.body[:200]!r}")
        connection.close()
        with lock:
            result.latencies += latencies

    threads = [threading.Thread(target=loop, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - started
    return result
