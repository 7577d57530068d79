"""A change is seen by every process, soon, and no late answer undoes it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from apps.tenant.models import Domain, Tenant
from apps.tenant.resolver import STALE, lookup
from apps.tenant.resolver.loading import load
from apps.tenant.resolver.shared import News
from tests.tenant.resolver.asking import ACME, at_once, suspend


def test_a_suspension_is_seen_by_another_process_soon_after_it_is_announced(processes):
    one, other = processes(), processes()
    assert one.resolve(ACME)
    assert other.resolve(ACME)
    tenant = Tenant.objects.get(slug="acme")
    suspend()
    one.announce(tenant.pk, [ACME, "slug:acme"])
    assert one.resolve(ACME) is None
    time.sleep(lookup.HEAR_EVERY + 0.05)
    assert other.resolve(ACME) is None


def test_a_resumed_tenant_and_a_new_domain_are_seen_as_soon(processes):
    one, other = processes(), processes()
    tenant = Tenant.objects.get(slug="acme")
    suspend()
    keys = [ACME, "host:new.example"]
    assert [process.resolve(key) for process in (one, other) for key in keys] == [None] * 4
    Domain.objects.create(domain="new.example", tenant=tenant, is_primary=False, verified_at="2026-01-01T00:00Z")
    Tenant.objects.filter(slug="acme").update(status=Tenant.Status.ACTIVE)
    one.announce(tenant.pk, keys)
    time.sleep(lookup.HEAR_EVERY + 0.05)
    assert {process.resolve(key).slug for process in (one, other) for key in keys} == {"acme"}


def test_a_suspension_that_nobody_announced_is_seen_within_the_stated_bound(processes):
    one, other = processes(), processes()
    one.resolve(ACME)
    time.sleep(1)
    other.resolve(ACME)  # from Valkey: a second old already
    suspend()
    suspended = time.monotonic()
    while one.resolve(ACME) or other.resolve(ACME):
        assert time.monotonic() - suspended < STALE + 0.2
        time.sleep(0.02)


def test_a_late_write_never_revives_a_suspended_tenant(processes, monkeypatch, counts):
    """A process reads the active tenant, then sleeps until the suspension is announced and everybody knows it."""
    late, other = processes(), processes()
    has_read, go_on = threading.Event(), threading.Event()

    def read_and_sleep(key: str) -> Any:
        entry = load(key)
        if threading.current_thread() is not threading.main_thread():
            has_read.set()
            assert go_on.wait(10)
        return entry

    monkeypatch.setattr(lookup, "load", read_and_sleep)
    with ThreadPoolExecutor(1) as pool:
        sleeper = pool.submit(at_once, 1, lambda _: late.resolve(ACME))
        assert has_read.wait(10)
        tenant = Tenant.objects.get(slug="acme")
        suspend()
        other.announce(tenant.pk, [ACME])
        late.hear(time.monotonic())
        assert late.resolve("slug:acme") is None
        go_on.set()
        sleeper.result(10)
    assert counts["late"] == 1
    assert late.resolve(ACME) is None
    assert processes().resolve(ACME) is None


def test_an_older_version_never_replaces_a_newer_one_in_memory_or_valkey(processes):
    process = processes()
    old = load(ACME)
    suspend()
    new = load(ACME)
    assert new.version > old.version
    old.noted = new.noted  # read before and known after, as with a thread that slept
    assert process.memory.put(ACME, new)
    assert not process.memory.put(ACME, old)
    assert process.shared.put(ACME, new, process.shared.ask(ACME).lease)
    tenant_id = new.tenant_id
    lease = process.shared.ask(ACME, fresh_after=time.monotonic()).lease
    assert lease
    assert not process.shared.put(ACME, old, lease)
    assert process.shared.ask(ACME).entry.tenant_id == tenant_id
    assert process.shared.ask(ACME).entry.tenant is None


def test_an_answer_comes_too_late_once_its_lease_was_taken_away(processes):
    process = processes()
    entry = load(ACME)
    lease = process.shared.ask(ACME).lease
    process.shared.cut(News(entry.tenant_id, [ACME]))
    assert not process.shared.put(ACME, entry, lease)


def test_a_process_that_missed_many_changes_drops_everything(processes, monkeypatch):
    one, other = processes(), processes()
    assert other.resolve(ACME)
    other.hear(time.monotonic())
    for number in range(300):
        one.shared.cut(News(Tenant.objects.get(slug="globex").pk, [f"host:{number}.example"]))
    assert len(other.memory) == 1
    other.hear(time.monotonic())
    assert len(other.memory) == 0
