"""What it costs to find a request's tenant: warm, from Valkey, cold, Valkey away; beside a floor and a peer."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections
from django.test import RequestFactory
from django_tenants.middleware.main import TenantMainMiddleware
from redis import Redis

from apps.tenant import resolver as resolving
from apps.tenant.models import Domain, Tenant
from apps.tenant.resolver import Resolver, tally
from apps.tenant.resolver.shared import Away, Shared
from benchmarks.events.report import Figure, show, write
from rustok.kernel.tenancy import use_tenant
from tests import valkey

__all__ = ["main"]

HOST = "acme.bench.example"
KEY = f"host:{HOST}"
ROUNDS = 7


def main(options: Any, command: Sequence[str]) -> None:
    """Measure on a database that has a platform; leave a table and JSON."""
    tenant = Tenant.objects.get(slug="platform")
    Domain.objects.create(domain=HOST, tenant=tenant, is_primary=False, verified_at=tenant.created_at)
    with valkey.running() as server:
        process = Resolver(Shared(server.url))
        figures = [*_warm(process), *_levels(process, server.url), *_stampede(server.url), *_flood(server.url)]
        figures += _without_valkey(process, server)
    show(figures, "resolver")
    write(figures, command, name="resolver")


def _microseconds(work: Callable[[], Any], times: int) -> tuple[float, str]:
    """Answer the median round's time of one call, and the spread of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(times):
            work()
        rounds.append((time.perf_counter() - started) / times * 1e6)
    return statistics.median(rounds), f"{min(rounds):.2f}-{max(rounds):.2f}, median of {ROUNDS} × {times}"


def _figure(name: str, work: Callable[[], Any], times: int, goal: str = "") -> Figure:
    value, note = _microseconds(work, times)
    return Figure(name, value, "µs", goal, note)


def _warm(process: Resolver) -> list[Figure]:
    table = {HOST: object()}
    resolving.resolver, before = process, resolving.resolver
    try:
        assert resolving.resolve_host(HOST).slug == "platform"  # type: ignore[union-attr]
        warm = _figure("warm, from the Host header", lambda: resolving.resolve_host(HOST + ":8000"), 20_000, "≤ 5")
    finally:
        resolving.resolver = before
    return [_figure("floor: a look into a dict", lambda: table.get(HOST), 100_000), warm]


def _levels(process: Resolver, url: str) -> list[Figure]:
    def from_valkey() -> None:
        process.forget()
        assert process.resolve(KEY)

    def cold() -> None:
        client.delete(*process.shared._pair(KEY))
        from_valkey()

    def stock() -> None:
        assert TenantMainMiddleware(lambda _: None).process_request(factory.get("/", HTTP_HOST=HOST)) is None

    def request() -> None:
        factory.get("/", HTTP_HOST=HOST)

    client, factory = Redis.from_url(url), RequestFactory()
    figures = [_figure("from Valkey", from_valkey, 500), _figure("cold: lease, PostgreSQL, Valkey", cold, 200)]
    stock_value, note = _microseconds(stock, 300)
    own, _ = _microseconds(request, 300)
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    figures.append(Figure("peer: django-tenants' middleware, every request", stock_value - own, "µs", "", note))
    return figures


def _stampede(url: str) -> list[Figure]:
    both = [Resolver(Shared(url)), Resolver(Shared(url))]
    with Redis.from_url(url) as client:
        client.delete(*both[0].shared._pair(KEY))
    counts = _counted(lambda: _at_once(500, lambda index: both[index % 2].resolve(KEY)))
    return [Figure("loads for 500 cold misses at once, two processes", counts.get("database", 0), "", "≤ 2")]


def _flood(url: str) -> list[Figure]:
    process = Resolver(Shared(url))
    started = time.perf_counter()
    counts = _counted(lambda: [process.resolve(f"host:{number}.example") for number in range(50_000)])
    seconds = time.perf_counter() - started
    loads = counts.get("database", 0) + counts.get("digest", 0)
    note = f"{loads:.0f} statements for 50,000 hosts in {seconds:.2f} s; {len(process.negative)} remembered"
    return [
        Figure("random hosts answered in one process", 50_000 / seconds, "1/s", "≥ 10000", note),
        Figure("statements a second for them", loads / max(seconds, 1), "1/s", "≤ 160"),
    ]


def _without_valkey(process: Resolver, server: valkey.Server) -> list[Figure]:
    server.kill()
    process.hear(time.monotonic())
    assert process.shared.breaker.is_open

    def ask() -> None:
        try:
            process.shared.ask(KEY)
        except Away:
            return
        raise AssertionError("Valkey answers")

    def cold() -> None:
        process.forget()
        assert process.resolve(KEY)

    return [
        _figure("Valkey down: what it adds to a request", ask, 5_000, "≤ 1000"),
        _figure("Valkey down: cold, from PostgreSQL", cold, 200),
    ]


def _counted(work: Callable[[], Any]) -> dict[str, float]:
    counts: dict[str, float] = {}
    lock = threading.Lock()

    def count(word: str, by: float) -> None:
        with lock:
            counts[word] = counts.get(word, 0) + by

    before = tally._count[0]
    tally.count_with(count)
    try:
        with use_tenant(None):
            work()
    finally:
        tally.count_with(before)
    return counts


def _at_once(number: int, work: Callable[[int], Any]) -> None:
    ready = threading.Barrier(number)

    def run(index: int) -> None:
        ready.wait(60)
        try:
            assert work(index) is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        list(pool.map(run, range(number)))
