"""The resolver's levels, with real threads, a real Valkey and a real PostgreSQL."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from redis import Redis

from apps.tenant.models import Domain, Tenant
from apps.tenant.resolver import STALE, Resolver, TenantLookupBusy, lookup, tally
from apps.tenant.resolver.loading import load
from apps.tenant.resolver.shared import Away, News, Shared
from tests import valkey

ACME = "host:acme.localhost"


@pytest.fixture
def server():
    with valkey.running() as own:
        yield own


@pytest.fixture
def counts():
    """What was counted since the test began."""
    found: Counter[str] = Counter()
    lock = threading.Lock()

    def count(word: str, by: float) -> None:
        with lock:
            found[word] += int(by)

    before = tally._count[0]
    tally.count_with(count)
    yield found
    tally.count_with(before)


@pytest.fixture
def processes(committed_db, server):
    """Make resolvers that know nothing of each other, as those of processes do."""
    return lambda: Resolver(Shared(server.url))


def at_once(number: int, work: Any) -> list[Any]:
    """Run work in so many threads that begin at the same moment."""
    ready = threading.Barrier(number)

    def run(index: int) -> Any:
        ready.wait(30)
        try:
            return work(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def suspend(slug: str = "acme") -> None:
    Tenant.objects.filter(slug=slug).update(status=Tenant.Status.SUSPENDED)


# --- stampedes --------------------------------------------------------------------------------------------------


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


# --- changes ----------------------------------------------------------------------------------------------------


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


# --- what must not resolve --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["preparing", "suspended", "leaving"])
def test_only_active_tenants_resolve_and_the_answer_keeps_their_version(processes, status):
    leaves = {"delete_after": "2030-01-01T00:00Z"} if status == "leaving" else {}
    Tenant.objects.filter(slug="acme").update(status=status, **leaves)
    process = processes()
    assert process.resolve(ACME) is None
    assert process.resolve("slug:acme") is None
    assert process.memory.get(ACME).version == Tenant.objects.get(slug="acme").version


def test_a_domain_that_is_not_verified_leads_nowhere(processes):
    tenant = Tenant.objects.get(slug="acme")
    Domain.objects.create(domain="claimed.example", tenant=tenant, is_primary=False)
    assert processes().resolve("host:claimed.example") is None


@pytest.mark.parametrize(
    "value",
    [b"", b"garbage", b"99999 {}", b"1 null", b'9 {"key":"host:globex.localhost"}', b"\x80\x04pickle", b"9" * 99],
)
def test_a_value_that_cannot_be_read_is_replaced(processes, server, counts, value):
    process = processes()
    process.resolve(ACME)
    client = Redis.from_url(server.url)
    name = process.shared._pair(ACME)[0]
    client.set(name, value, ex=100)
    assert processes().resolve(ACME).slug == "acme"
    assert counts["unreadable"] == 1
    assert client.get(name) != value


def test_answers_of_another_name_are_not_taken(processes, server):
    process = processes()
    process.resolve("host:globex.localhost")
    client = Redis.from_url(server.url)
    names = [process.shared._pair(key)[0] for key in ("host:globex.localhost", ACME)]
    client.set(names[1], client.get(names[0]), ex=100)
    assert processes().resolve(ACME).slug == "acme"


def test_what_a_transaction_sees_is_not_left_for_others(processes):
    from django.db import transaction

    process = processes()
    with transaction.atomic():
        Tenant.objects.filter(slug="acme").update(name="Never")
        assert process.resolve(ACME).name == "Never"
        transaction.set_rollback(True)
    assert processes().resolve(ACME).name == "Acme Outdoor"


# --- floods -----------------------------------------------------------------------------------------------------


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
    from apps.tenant.resolver.memory import Memory
    from apps.tenant.resolver.snapshot import Entry

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


# --- Valkey away ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["killed", "silent"])
def test_valkey_away_costs_a_request_less_than_a_millisecond(processes, server, how):
    process = processes()
    process.resolve(ACME)
    server.kill() if how == "killed" else server.signal(signal.SIGSTOP)
    process.hear(time.monotonic())  # the one that finds out
    assert process.shared.breaker.is_open
    spent = []
    for _ in range(300):
        started = time.perf_counter()
        with pytest.raises(Away):
            process.shared.ask(ACME)
        process.hear(time.monotonic())
        spent.append(time.perf_counter() - started)
        time.sleep(0.005)
    assert sorted(spent)[len(spent) * 99 // 100] < 0.001
    assert process.resolve(ACME).slug == "acme"


def test_the_breaker_closes_by_itself_when_valkey_is_back(processes, server, counts):
    process = processes()
    server.signal(signal.SIGSTOP)
    assert process.resolve(ACME).slug == "acme"
    assert process.shared.breaker.is_open
    server.signal(signal.SIGCONT)
    until = time.monotonic() + 10
    while process.shared.breaker.is_open:
        assert time.monotonic() < until
        process.hear(time.monotonic())
        time.sleep(0.05)
    assert counts["breaker_opened"] == counts["breaker_closed"] == 1
    process.forget()
    process.resolve(ACME)
    assert process.shared.ask(ACME).entry is not None


def test_one_thread_probes_while_the_breaker_is_open_and_it_ends(processes, server):
    process = processes()
    process.resolve(ACME)
    server.signal(signal.SIGSTOP)
    process.hear(time.monotonic())
    time.sleep(0.6)
    most = 0
    until = time.monotonic() + 1
    while time.monotonic() < until:
        process.hear(time.monotonic())
        most = max(most, sum(thread.name == "tenant-breaker" for thread in threading.enumerate()))
    assert most == 1
    time.sleep(0.2)
    assert not [thread for thread in threading.enumerate() if thread.name == "tenant-breaker"]


def test_a_database_that_is_away_makes_it_busy_and_is_not_remembered(processes):
    process = processes()
    connection.close()
    settings = connection.settings_dict
    port, settings["PORT"] = settings["PORT"], "1"
    try:
        with pytest.raises(TenantLookupBusy):
            process.resolve(ACME)
    finally:
        connection.close()
        settings["PORT"] = port
    assert process.resolve(ACME).slug == "acme"
