"""At least once on the wire: everything arrives twice, and happens once."""

from __future__ import annotations

import pytest

from tests.faults.probes.events import ProbeDared
from tests.faults.scenario import Scenario, pick
from tests.faults.writers import crew, happenings, probes, use, write


@pytest.mark.fault("k")
def test_every_dispatch_sent_twice_has_each_effect_once(scenario: Scenario):
    """Celery gets every task twice, and two workers' processes race for them.

    Bound: 20 s after the last commit (full: 60 s).
    """
    transactions, shared = pick(short=30, full=500), probes(20)

    def work(dice):
        for _ in range(transactions):
            write(scenario.ledger, happenings(dice, shared), pause=dice.uniform(0, 0.05))

    scenario.platform.start("worker")
    scenario.platform.relay(stammers=True, most=10)
    with crew(120) as writers:
        for slug in ("acme", "globex", "acme"):
            writers.send(slug, work)
    with use("acme"):  # the second comes while the first is still being worked on
        for probe in probes(4):
            write(scenario.ledger, [(ProbeDared(deed="sleep", seconds=0.2), probe)])
    scenario.drain(within=pick(short=20, full=60))
    scenario.check()
