"""Fetching from addresses that somebody else wrote, so that nobody uses the platform to reach what they cannot.

The name is resolved once, and what is connected to is that very address; redirects are looked at in the same way. All
of it has an end: in time, from the first question to the last byte, and in bytes.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin

from rustok.kernel.errors import DomainError
from rustok.kernel.places import AddressRefused, BadAddress, Place, Unreachable, find_place

__all__ = [
    "AddressRefused", "Answer", "AnswerTooLarge", "BadAddress", "TooManyRedirects", "TooSlow", "Unreachable", "fetch",
]  # fmt: skip

#: Redirects that are followed, seconds without a byte, and bytes read at once.
REDIRECTS, SILENCE, CHUNK = 3, 5.0, 65_536
_MOVED = (301, 302, 303, 307, 308)


class TooSlow(DomainError):
    """The answer did not come in time."""

    code = "outbound_too_slow"
    status = 504


class AnswerTooLarge(DomainError):
    """The answer is larger than it may be."""

    code = "outbound_too_large"
    status = 502


class TooManyRedirects(DomainError):
    """The address leads on and on."""

    code = "outbound_too_many_redirects"
    status = 502


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; `url` is where the last redirect led to. What is in it is the word of a stranger."""

    status: int
    content: bytes
    content_type: str
    url: str


def fetch(url: str, *, max_bytes: int, seconds: float = 20.0) -> Answer:
    """Answer what is at a URL, whatever its status, in at most so many seconds and bytes.

    Proxies of the environment are not asked: they would resolve the name once more.

    :raises BadAddress: if it is no URL of http or https at a usual port, or holds a name and a password
    :raises AddressRefused: if it leads to no public place
    :raises Unreachable: if nobody answers there, or breaks off
    :raises TooSlow: if it takes longer
    :raises AnswerTooLarge: if it is longer
    :raises TooManyRedirects: after three
    """
    clock = _Clock(seconds)
    for _ in range(REDIRECTS + 1):
        place = find_place(url, seconds=clock.left())
        answer, onward = _ask(place, clock, max_bytes)
        if not onward:
            return answer
        url = urljoin(place.url, onward)
    raise TooManyRedirects()


class _Clock:
    """How long there is, for all of it together."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def left(self) -> float:
        """Answer the seconds that are left.

        :raises TooSlow: if there are none
        """
        if self.is_over:
            raise TooSlow()
        return self._end - time.monotonic()


def _ask(place: Place, clock: _Clock, max_bytes: int) -> tuple[Answer, str]:
    """Answer what a place says, and where it leads to if it moved."""
    try:
        with _connected(place, clock) as connection:
            connection.request("GET", place.target, headers=_HEADERS)
            said = connection.getresponse()
            onward = said.headers.get("Location", "") if said.status in _MOVED else ""
            content = b"" if onward else _read(said, clock, max_bytes)
    except (OSError, http.client.HTTPException) as error:
        if clock.is_over or isinstance(error, TimeoutError):
            raise TooSlow() from None
        raise Unreachable(f"no connection ({type(error).__name__})") from None
    return Answer(said.status, content, said.headers.get_content_type(), place.url), onward


_HEADERS = {"User-Agent": "RusToK", "Accept-Encoding": "identity", "Connection": "close"}


def _read(said: http.client.HTTPResponse, clock: _Clock, max_bytes: int) -> bytes:
    content = bytearray()
    while piece := said.read1(CHUNK):
        content += piece
        if len(content) > max_bytes:
            raise AnswerTooLarge()
    clock.left()  # whoever was cut off for being slow ends as whoever is done
    if said.length:
        raise Unreachable("the answer breaks off")
    return bytes(content)


# --- connections ----------------------------------------------------------------------------------------------------


class _Connection(http.client.HTTPConnection):
    """Speaks over a socket that is there already: whom it reaches is decided elsewhere."""

    def __init__(self, place: Place, ready: socket.socket) -> None:
        super().__init__(place.host, place.port)
        self.default_port = 443 if place.is_tls else 80  # which the Host header leaves out
        self.sock = ready

    def connect(self) -> None:
        """Never: what was closed is not opened again."""
        raise Unreachable()


@contextmanager
def _connected(place: Place, clock: _Clock) -> Iterator[_Connection]:
    """Be connected to a place, and cut off when the time is over, whatever is being waited for."""
    plain = _opened(place, clock)
    # A silence is noticed by the socket itself; a byte every now and then only by somebody who watches from outside.
    handle = plain.dup()
    watch = threading.Timer(clock.left(), _cut, [handle])
    watch.daemon = True
    watch.start()
    ready = plain
    try:
        if place.is_tls:
            ready = ssl.create_default_context().wrap_socket(plain, server_hostname=place.host)
        yield _Connection(place, ready)
    finally:
        watch.cancel()
        watch.join()
        handle.close()
        ready.close()


def _opened(place: Place, clock: _Clock) -> socket.socket:
    """Connect to the first of the addresses that answers."""
    failure: OSError | None = None
    for address in place.addresses:
        try:
            return socket.create_connection((address, place.port), timeout=min(SILENCE, clock.left()))
        except OSError as error:
            failure = error
    raise failure or Unreachable()


def _cut(handle: socket.socket) -> None:
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster
