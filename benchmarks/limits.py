"""What it costs a request to be counted, with Valkey and without it, and how long the access probes take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory, override_settings
from django_redis.cache import RedisCache

from benchmarks.events.report import Figure, show, write
from benchmarks.seed import HOST
from benchmarks.turns import by_turns
from rustok.access_audit import probe
from rustok.embedded.keeper import free_port

__all__ = ["main"]

#: Requests in one turn.
REQUESTS = 400
PATH = "/api/v1/products/"


def main(options: Any, command: Sequence[str]) -> None:
    """Measure in this process; leave a table and JSON."""
    counters: Any = caches["limits"]
    figures = _compare("a product list, Valkey there", options.rounds)
    there, counters._shared = counters._shared, _nobody()
    try:
        figures += _compare("a product list, Valkey away", options.rounds)
    finally:
        counters._shared = there
    if "probe" in options.only or not options.only:
        figures += _probes()
    show(figures, "limits and probes")
    write(figures, command, name="limits")


def _nobody() -> RedisCache:
    """Answer a cache behind an address where nobody listens."""
    params = {"OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 0.5, "SOCKET_TIMEOUT": 0.5}}
    return RedisCache(f"redis://127.0.0.1:{free_port()}/0", params)


def _compare(name: str, turns: int) -> list[Figure]:
    handler, factory = WSGIHandler(), RequestFactory()

    def ask() -> None:
        environ = factory.get(PATH, secure=True, HTTP_HOST=HOST).environ
        answer = handler(environ, lambda status, headers, *_: _check(status))
        b"".join(answer)
        answer.close()

    def switch(on: bool) -> None:
        settings.RATELIMIT_ENABLE = on

    everybody = {policy: dict.fromkeys(rules, "100000000/m") for policy, rules in settings.RATE_LIMITS.items()}
    with override_settings(RATE_LIMITS=everybody, RATELIMIT_ENABLE=True):
        return by_turns(lambda turn: [ask] * REQUESTS, switch, turns=turns).figures(name)


def _check(status: str) -> Callable[[bytes], object]:
    if not status.startswith("200"):
        raise SystemExit(f"benchmarks: {PATH} answers {status}")
    return lambda data: None


def _probes() -> list[Figure]:
    begun, cpu = time.perf_counter(), time.process_time()
    findings = probe()
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    if wrong := [one for one in findings if not one.ok]:
        raise SystemExit(f"benchmarks: {len(wrong)} probes got further than they may")
    return [Figure(f"audit_access --probe, {len(findings)} probes", took, "s", "", f"{cpu:.1f} s CPU of the process")]
