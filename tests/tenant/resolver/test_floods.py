"""Floods of names that lead nowhere cost bounded memory and queries, and hurt no tenant."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from apps.tenant.models import Domain, Tenant
from apps.tenant.resolver import TenantLookupBusy, lookup
from apps.tenant.resolver.loading import load
from apps.tenant.resolver.memory import Memory
from apps.tenant.resolver.snapshot import Entry
from tests.tenant.resolver.asking import ACME, at_once


def test_random_hosts_cost_bounded_memory_and_queries_and_hurt_no_tenant(processes, counts):
    process = processes()
    process.resolve("host:globex.localhost")
    counts.clear()
    started = time.monotonic()

    def flood(thread: int) -> int:
        return sum(process.resolve(f"host:{thread}-{number}.example") is not None for number in range(5_000))

    with ThreadPoolExecutor(1) as pool:
        flooding = pool.submit(at_once, 4, flood)
        time.sleep(0.3)
        latencies = []
        while not flooding.done():
            for key in ("host:globex.localhost", ACME):
                begun = time.monotonic()
                assert process.resolve(key) is not None, key
                latencies.append(time.monotonic() - begun)
            time.sleep(0.01)
        assert flooding.result() == [0] * 4
    seconds = time.monotonic() - started
    assert counts["refused"] > 19_000
    assert counts["database"] <= lookup.BURST + lookup.STRANGERS * seconds + 4 * (1 + seconds / 4)
    assert counts["digest"] <= 1 + seconds / 0.5
    assert len(process.negative) <= lookup.NEGATIVE
    assert len(process.memory) == 2
    assert sorted(latencies)[len(latencies) // 2] < 0.05


def test_memory_is_bounded_and_the_least_recently_used_go_first():
    memory = Memory(3)
    for name in ("a", "b", "c"):
        memory.put(name, Entry(None, born=0, noted=0))
    memory.get("a")
    memory.put("d", Entry(None, born=0, noted=0))
    assert [memory.get(name) is not None for name in ("a", "b", "c", "d")] == [True, False, True, True]


def test_a_new_tenant_is_found_in_the_middle_of_a_flood(processes, counts):
    process = processes()
    for number in range(500):
        process.resolve(f"host:{number}.example")
    assert counts["refused"]
    tenant = Tenant.objects.get(slug="acme")
    Domain.objects.create(domain="new.example", tenant=tenant, is_primary=False, verified_at="2026-01-01T00:00Z")
    processes().announce(tenant.pk, ["host:new.example"])
    time.sleep(lookup.HEAR_EVERY + 0.55)
    assert process.resolve("host:new.example").slug == "acme"


def test_a_database_that_is_slow_is_asked_by_few_and_the_rest_are_told_to_come_back(processes, monkeypatch, counts):
    monkeypatch.setattr(lookup, "PLACE", 0.1)
    process, lock, now, most = processes(), threading.Lock(), [0], [0]

    def slow(key: str) -> Any:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.5)
        with lock:
            now[0] -= 1
        return load(key)

    monkeypatch.setattr(lookup, "load", slow)

    def ask(index: int) -> str:
        try:
            return str(process.resolve(f"host:{index}.example"))
        except TenantLookupBusy as busy:
            return busy.code

    answers = Counter(at_once(20, ask))
    assert most[0] == lookup.STRANGER_WIDTH
    assert answers["tenant_lookup_busy"] == 20 - lookup.STRANGER_WIDTH
