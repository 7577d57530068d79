"""Without Valkey, and without PostgreSQL."""

from __future__ import annotations

import signal
import threading
import time

import pytest
from django.db import connection

from apps.tenant.resolver import TenantLookupBusy
from apps.tenant.resolver.shared import Away
from tests.tenant.resolver.asking import ACME


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
