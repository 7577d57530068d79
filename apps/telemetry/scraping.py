"""Answering `/metrics`: who may read it, what was counted, and what the database knows."""

from __future__ import annotations

import contextlib
import hmac
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import ThreadingWSGIServer, choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.telemetry import files
from apps.telemetry.metrics import Collect, Gauge, collectors

__all__ = ["answer", "serve"]

log = logging.getLogger(__name__)

#: Seconds that what a collector found stays good, at least; and in times of what it took: at most 2 % of a processor.
FRESH, SHARE = 5.0, 50
_LOOPBACK = [ip_network(net) for net in ("127.0.0.0/8", "::1/128")]
_PRIVATE = [
    ip_network(net)
    for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")
]
#: What a proxy adds: then the address is the proxy's, and says nothing of who asks.
_FORWARDED = {f"HTTP_{name}" for name in ("FORWARDED", "VIA", "X_FORWARDED_FOR", "X_FORWARDED_HOST",
              "X_FORWARDED_PROTO", "X_REAL_IP")}  # fmt: skip

Answer = tuple[int, dict[str, str], bytes]
Values = dict[tuple[str, ...], float]


def answer(environ: Mapping[str, Any], *, ask_database: bool) -> Answer:
    """Answer a request for the metrics as status, headers and body."""
    if refused := _refusal(environ):
        return refused
    page = _Page(ask_database)
    encode, content_type = choose_encoder(environ.get("HTTP_ACCEPT", ""))
    return 200, {"Content-Type": content_type, "Cache-Control": "no-store"}, encode(page.registry())


def _refusal(environ: Mapping[str, Any]) -> Answer | None:
    if settings.METRICS_TOKEN:
        if not _has_token(environ.get("HTTP_AUTHORIZATION", "")):
            return _plain(403, "The metrics want `Authorization: Bearer <METRICS_TOKEN>`.")
    elif not _is_near(environ):
        return _plain(404, "Not found")
    if environ.get("REQUEST_METHOD", "GET") not in ("GET", "HEAD"):
        return _plain(405, "Only GET", Allow="GET, HEAD")
    return None


def _plain(status: int, text: str, **headers: str) -> Answer:
    return (
        status,
        {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"} | headers,
        f"{text}\n".encode(),
    )


def _has_token(header: str) -> bool:
    scheme, _, token = header.partition(" ")
    given, wanted = token.strip().encode(errors="replace"), settings.METRICS_TOKEN.encode(errors="replace")
    return scheme.lower() == "bearer" and hmac.compare_digest(given, wanted)


def _is_near(environ: Mapping[str, Any]) -> bool:
    """Tell whether the peer itself, with no proxy between, is on this machine or, in production, in this network."""
    if any(name in environ for name in _FORWARDED):
        return False
    try:
        address = ip_address(environ.get("REMOTE_ADDR", "").partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    networks = _LOOPBACK if settings.DEBUG or settings.DEMO else _LOOPBACK + _PRIVATE
    return any(address in network for network in networks)


class _Page(Collector):
    """All metrics of one answer."""

    def __init__(self, ask_database: bool) -> None:
        self.ask_database = ask_database

    def registry(self) -> CollectorRegistry:
        """Wrap the page as what prometheus_client writes out."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return registry

    def collect(self) -> Iterator[Metric]:
        """Yield what was counted, then what was found out."""
        try:
            yield from files.read()
        except OSError as error:
            log.warning("metrics_not_read", extra={"reason": str(error)[:200]})
        if self.ask_database:
            yield from _found_out()


def _found_out() -> Iterator[Metric]:
    finders = {name: _finders.setdefault(name, _Finder(function)) for name, function in collectors.items()}
    for finder in finders.values():
        yield from finder.families()
    up: Values = {(name,): float(finder.ok) for name, finder in finders.items()}
    took: Values = {(name,): finder.took for name, finder in finders.items()}
    labels = ("collector",)
    yield _family(Gauge("rustok_collector_up", "1 if the collector could ask its database, else 0", labels, up))
    yield _family(Gauge("rustok_collector_seconds", "What the collector's last look took", labels, took))


class _Finder:
    """One collector and what it found when it was asked last."""

    def __init__(self, function: Collect) -> None:
        self.function = function
        self.ok, self.took = True, 0.0
        self._found: list[Metric] = []
        self._until = float("-inf")
        self._lock = threading.Lock()

    def families(self) -> list[Metric]:
        """Answer what is known, after asking if that is too old; one thread asks, others take what there is."""
        if time.monotonic() >= self._until and self._lock.acquire(blocking=not self._found):
            try:
                if time.monotonic() >= self._until:
                    self._ask()
            finally:
                self._lock.release()
        return self._found

    def _ask(self) -> None:
        started = time.monotonic()
        try:
            self._found, self.ok = [_family(gauge) for gauge in self.function()], True
        except Exception as error:  # a broken collector must not take the counters with it
            log.warning("collector_failed", extra={"collector": self.function.__module__, "reason": str(error)[:200]})
            self._found, self.ok = [], False
        self.took = time.monotonic() - started
        self._until = time.monotonic() + max(FRESH, SHARE * self.took)


_finders: dict[str, _Finder] = {}


def _family(gauge: Gauge) -> Metric:
    family = GaugeMetricFamily(gauge.name, gauge.text, labels=gauge.labels)
    for labels, value in gauge.values.items():
        family.add_metric(labels, value)
    return family


# --- the little server of a process that has no other -------------------------------------------------------------


class _Handler(WSGIRequestHandler):
    timeout = 10

    def log_message(self, *args: Any) -> None:
        """Log nothing."""


def serve() -> ThreadingWSGIServer | None:
    """Answer `/metrics` at METRICS_PORT from a thread of this process, for relay, worker and consumer.

    What the database knows is left to the web processes, which have connections. A port that is taken is logged: the
    process has other work to do, and if another one of this machine took it, it tells of this one too.
    """
    if not settings.METRICS_PORT:
        return None
    try:
        server = make_server("0.0.0.0", settings.METRICS_PORT, _application, ThreadingWSGIServer, _Handler)  # noqa: S104
    except OSError as error:
        log.warning("metrics_port_unusable", extra={"port": settings.METRICS_PORT, "reason": str(error)[:200]})
        return None
    with contextlib.suppress(OSError):
        files.identity()  # so that what our children count stays when one of them ends
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server  # type: ignore[return-value]


def _application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ.get("PATH_INFO", "").rstrip("/") == "/metrics":
        status, headers, body = answer(environ, ask_database=False)
    else:
        status, headers, body = _plain(404, "Not found")
    start_response(f"{status} {_WORDS[status]}", [*headers.items(), ("Content-Length", str(len(body)))])
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]


_WORDS = {200: "OK", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}
