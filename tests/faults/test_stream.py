"""The stream under fire: its leader killed, its majority gone, everything sent twice, by real consumers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.ledger import count_effects, open_deliveries
from tests.faults.machinery import wait_for
from tests.faults.probes.events import ProbeHappened
from tests.faults.scenario import Scenario, pick
from tests.faults.writers import crew, ended, happenings, probes, use, write, write_on
from tests.nats import Cluster, cluster

CONSUMERS = ("consumer1", "consumer2")


@pytest.fixture(scope="module")
def nats() -> Iterator[Cluster]:
    with cluster(3) as servers:
        yield servers


def start(scenario: Scenario, nats: Cluster, name: str, *consumers: str, **relay: Any) -> None:
    """Start consumers and a relay on a stream with three replicas."""
    for consumer in consumers:
        scenario.platform.start(
            consumer, EVENT_TRANSPORT="stream", NATS_URL=nats.url, STREAM_NAME=name, STREAM_REPLICAS="3"
        )
    scenario.platform.relay(EVENT_TRANSPORT="stream", NATS_URLS=nats.urls, STREAM_NAME=name, STREAM_REPLICAS=3, **relay)


def await_effects(scenario: Scenario, seconds: float) -> float:
    """Say something new in many partitions, and answer after how long its effects are there."""
    with use("acme"):
        ids = [write(scenario.ledger, [(ProbeHappened(number=0), probe)])[0] for probe in probes(20)]
    return wait_for(lambda: count_effects(ids) == 2 * len(ids), seconds=seconds, what="the stream works")


@pytest.mark.fault("f")
def test_a_stream_without_leader_or_majority_loses_no_event(scenario: Scenario, nats: Cluster):
    """The leader of three is killed: the others go on. A second one: all wait. They come back: all goes on.

    Writers never stop. Bound: an event said after a fault is done within 40 s, and 40 s after the last commit all is.
    The servers take some seconds to agree, the relay 5 s to give up what nobody acknowledged, a consumer 5 s to take
    silence for a loss; a lease is 2 s here (60 s in production).
    """
    rounds, shared, over = pick(short=1, full=5), probes(60), threading.Event()
    went_on: list[float] = []
    came_back: list[float] = []
    start(scenario, nats, "FIRE", *CONSUMERS)
    with crew(60) as writers, ended(over):
        for slug in ("acme", "globex"):
            writers.send(slug, lambda dice: write_on(scenario.ledger, over.is_set, dice, shared, pause=0.2))
        await_effects(scenario, 40)
        for _ in range(rounds):
            nats.kill(nats.leader("FIRE"))
            went_on.append(await_effects(scenario, 40))
            nats.kill(scenario.dice.choice(nats.alive))
            scenario.kills += 2
            stand_still(pick(short=2.0, full=10.0))
            nats.start(*({0, 1, 2} - set(nats.alive)))
            came_back.append(await_effects(scenario, 40))
    scenario.drain(within=40)
    scenario.check()
    scenario.note = f"two went on after {max(went_on):.1f} s, three after {max(came_back):.1f} s"


def stand_still(seconds: float) -> None:
    """See that soon nothing is done any more for some seconds, once what was fetched is done, and that work heaps up."""
    last = [(time.monotonic(), count_effects())]

    def stands() -> bool:
        if (now := count_effects()) != last[0][1]:
            last[0] = time.monotonic(), now
        return time.monotonic() - last[0][0] > seconds

    wait_for(stands, seconds=seconds + 15, what="nothing is done without a majority")
    assert open_deliveries() > 0


@pytest.mark.fault("k")
def test_every_message_twice_has_each_effect_once(scenario: Scenario, nats: Cluster):
    """The stream brings every message twice, under two names, and a consumer is killed amid them.

    Bound: 60 s after the last commit: the other consumer has its partitions after 6 s, as in production, and works
    off what heaped up, with dispatches so small that there are many.
    """
    transactions, shared = pick(short=50, full=400), probes(20)

    def work(dice):
        for _ in range(transactions):
            write(scenario.ledger, happenings(dice, shared))

    start(scenario, nats, "TWICE", *CONSUMERS, stammers=True, most=10)
    with crew(120) as writers:
        for slug in ("acme", "globex", "acme"):
            writers.send(slug, work)
        await_effects(scenario, 40)
        scenario.platform.kill(CONSUMERS[0])
        scenario.kills = 1
    scenario.drain(within=60)
    scenario.check()
