"""Whatever many ask at once is loaded once: real threads, a real Valkey, a real PostgreSQL."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from apps.tenant.resolver import lookup
from apps.tenant.resolver.loading import load
from tests.tenant.resolver.asking import ACME, at_once


def test_500_cold_misses_in_two_processes_load_twice_at_most(processes, counts):
    both = [processes(), processes()]
    found = at_once(500, lambda index: both[index % 2].resolve(ACME))
    assert {tenant.slug for tenant in found} == {"acme"}
    assert 1 <= counts["database"] <= 2


def test_500_cold_misses_without_valkey_load_once_in_each_process(processes, counts, server):
    server.kill()
    both = [processes(), processes()]
    found = at_once(500, lambda index: both[index % 2].resolve(ACME))
    assert {tenant.slug for tenant in found} == {"acme"}
    assert counts["database"] == 2


def test_an_answer_is_renewed_early_by_one_while_the_others_use_the_old_one(processes, counts, monkeypatch):
    process = processes()
    process.resolve(ACME)
    entry = process.memory.get(ACME)
    entry.refresh_at = time.monotonic()
    loading, go_on = threading.Event(), threading.Event()

    def slow(key: str) -> Any:
        loading.set()
        assert go_on.wait(10)
        return load(key)

    monkeypatch.setattr(lookup, "load", slow)
    with ThreadPoolExecutor(1) as pool:
        renewal = pool.submit(at_once, 1, lambda _: process.resolve(ACME))
        assert loading.wait(10)
        started = time.monotonic()
        assert process.resolve(ACME) is entry.tenant
        assert time.monotonic() - started < 0.1
        go_on.set()
        assert renewal.result(10)[0].slug == "acme"
    assert process.memory.get(ACME).born > entry.born
