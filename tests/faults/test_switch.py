"""The transport changes while events are on their way: none is lost, none happens twice, order is kept."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from apps.outbox.models import Dispatch
from tests.faults.ledger import count_effects
from tests.faults.machinery import wait_for
from tests.faults.scenario import Scenario, pick
from tests.faults.writers import crew, ended, probes, write_on
from tests.nats import Cluster, cluster

STREAM = "SWITCH"
#: Who runs what the relay sends by a transport; by `inprocess` it is relay and writers themselves.
RUNNERS = {"outbox": "worker", "stream": "consumer"}
ORDER = ("outbox", "stream", "inprocess", "outbox")


@pytest.fixture
def nats() -> Iterator[Cluster]:
    with cluster() as server:
        yield server


@pytest.mark.fault("switch")
def test_switching_the_transport_with_events_on_their_way_loses_none(scenario: Scenario, nats: Cluster, settings: Any):
    """outbox, stream, inprocess, outbox, under load: the relay is killed each time, and whoever runs its dispatches
    stands still with them, until the next transport works: then it comes back and finds some of them taken over.

    Bound: 20 s after the last commit; the lease is 2 s here (60 s in production).
    """
    over, shared, rounds = threading.Event(), probes(40), pick(short=1, full=4)
    stream = {"NATS_URLS": nats.urls, "STREAM_NAME": STREAM}
    scenario.platform.start("worker")
    scenario.platform.start("consumer", EVENT_TRANSPORT="stream", NATS_URL=nats.url, STREAM_NAME=STREAM)
    try:
        with crew(60) as writers, ended(over):
            for slug in ("acme", "globex", "acme"):
                writers.send(slug, lambda dice: write_on(scenario.ledger, over.is_set, dice, shared))
            for transport in ORDER[:-1] * rounds:
                work_by(scenario, transport, settings, stream)
                leave_in_flight(scenario, transport)
            work_by(scenario, ORDER[-1], settings, stream)
    finally:
        scenario.platform.send("worker", signal.SIGCONT)
    scenario.drain(within=20)
    scenario.check()


def work_by(scenario: Scenario, transport: str, settings: Any, stream: dict[str, Any]) -> None:
    """Publish and relay by a transport until it works; then let those who stood still come back late."""
    settings.EVENT_TRANSPORT = transport
    if transport in RUNNERS:
        scenario.platform.send(RUNNERS[transport], signal.SIGCONT)
    scenario.platform.relay(EVENT_TRANSPORT=transport, **stream)
    before = count_effects()
    wait_for(lambda: count_effects() > before + 50, seconds=30, what=f"effects by {transport}")
    for name in RUNNERS.values():
        scenario.platform.send(name, signal.SIGCONT)
    time.sleep(pick(short=0.5, full=3.0))


def leave_in_flight(scenario: Scenario, transport: str) -> None:
    """Stop whoever runs dispatches, wait until some are on their way, and kill the relay."""
    if transport in RUNNERS:
        scenario.platform.send(RUNNERS[transport], signal.SIGSTOP)
    wait_for(Dispatch.objects.exists, seconds=10, what=f"dispatches on their way by {transport}", every=0.001)
    if transport in RUNNERS:
        time.sleep(0.3)
    scenario.platform.kill_relays()
    scenario.kills += 1
