"""Servers killed under load, started again with what they had on disk: for Valkey, nothing."""

from __future__ import annotations

import signal
import threading
import time

import pytest
from django.conf import settings
from django.db import connection
from redis import Redis
from redis.exceptions import RedisError

from tests.faults.ledger import open_deliveries
from tests.faults.machinery import wait_for
from tests.faults.probes.events import ProbeFlooded
from tests.faults.scenario import Scenario, pick
from tests.faults.writers import crew, probes, use, write, write_on

# --- Valkey -------------------------------------------------------------------------------------------------------


def queued(queue: str) -> int:
    """Count the tasks that wait in the broker."""
    try:
        with Redis.from_url(settings.CELERY_BROKER_URL) as client:
            return int(client.llen(queue))
    except RedisError:
        return -1


@pytest.mark.fault("d")
def test_a_broker_that_loses_its_queue_loses_no_event(scenario: Scenario):
    """10,000 tasks wait (short: 1,000), one delivery each; Valkey is killed while the worker takes them.

    Bound: the lease of what was queued (60 s; short: 10 s), and 400 s for the tasks themselves (short: 50 s): one
    delivery per task is as slow as it gets. A lease must be longer than the queue, or tasks are queued again and again.
    """
    tasks, lease = pick(short=1_000, full=10_000), pick(short=10, full=60)
    with use("acme"):
        for _ in range(tasks // 1_000):
            write(scenario.ledger, [(ProbeFlooded(number=n), probe) for n, probe in enumerate(probes(1_000))])
    scenario.platform.start("worker")
    scenario.platform.send("worker", signal.SIGSTOP)
    scenario.platform.relay(
        most=1, EVENT_LEASE_SECONDS=lease, EVENT_IN_FLIGHT=2 * tasks, EVENT_TENANT_IN_FLIGHT=2 * tasks
    )
    queue = scenario.platform.queue
    wait_for(lambda: queued(queue) >= tasks - 10, seconds=lease, what="all tasks are queued")
    scenario.platform.send("worker", signal.SIGCONT)
    wait_for(lambda: open_deliveries() < 2 * tasks - 100, seconds=20, what="the worker takes some", every=0.01)
    scenario.servers.end(scenario.servers.valkey)
    scenario.kills = 1
    assert open_deliveries() > tasks
    time.sleep(1)
    scenario.servers.valkey.start()
    assert queued(queue) == 0
    scenario.drain(within=lease + pick(short=50, full=400))
    scenario.check()


# --- PostgreSQL ---------------------------------------------------------------------------------------------------


@pytest.mark.fault("e")
def test_a_database_that_restarts_at_once_under_load_keeps_its_word(scenario: Scenario):
    """Immediate shutdown and kill -9 of the postmaster in turn, with writers, relays and a worker at full speed.

    Bound: 40 s after the last restart. What a commit answered, is there; what it could not answer, is there with all
    its effects or not at all.
    """
    restarts, shared = pick(short=2, full=10), probes(30)
    over, failed = threading.Event(), []
    scenario.platform.start("worker")
    scenario.platform.relay()
    scenario.platform.relay()
    with crew(60) as writers:
        for slug in ("acme", "globex", "acme"):
            writers.send(slug, lambda dice: failed.append(write_on(scenario.ledger, over.is_set, dice, shared)))
        for number in range(restarts):
            time.sleep(scenario.dice.uniform(1, 2))
            scenario.servers.end(scenario.servers.postgres, (signal.SIGQUIT, signal.SIGKILL)[number % 2])
            scenario.kills += 1
            time.sleep(scenario.dice.uniform(0, 1))
            scenario.servers.postgres.start()
        time.sleep(1)
        over.set()
    connection.close()
    scenario.drain(within=40)
    scenario.check()
    assert sum(failed) >= restarts
