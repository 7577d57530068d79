"""One fault: what was done, how long it took until nothing was left to do, and whether all of it is right."""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import Error, connection

from tests.faults.ledger import Ledger, Pair, check, open_deliveries
from tests.faults.machinery import Platform
from tests.faults.servers import Servers

__all__ = ["IS_SHORT", "Row", "Scenario", "pick"]

T = TypeVar("T")
IS_SHORT = os.environ.get("FAULTS") == "short"


def pick(*, short: T, full: T) -> T:
    """Choose by the form of the run."""
    return short if IS_SHORT else full


@dataclass(frozen=True)
class Row:
    """A line of the table at the end."""

    letter: str
    what: str
    events: int
    kills: int
    lag: float
    bound: float
    took: float


@dataclass
class Scenario:
    """What a test works with, and what it comes to know."""

    letter: str
    platform: Platform
    servers: Servers
    ledger: Ledger = field(default_factory=Ledger)
    dice: random.Random = field(default_factory=lambda: random.Random(3))
    kills: int = 0
    events: int = 0
    lag: float = 0.0
    bound: float = 0.0
    note: str = ""
    begun: float = field(default_factory=time.monotonic)

    def drain(self, *, within: float) -> float:
        """Wait until nothing is open; the time from now on is the lag that a fault left behind.

        :param within: seconds, the bound
        """
        begun = time.monotonic()
        self.bound = within
        while (left := self._left()) != 0:
            assert time.monotonic() - begun < within, f"after {within} s there are still {left} open; {_sample()}"
            assert self.platform.dead() == [], "ended while it was needed"
            time.sleep(0.05)
        self.lag = max(self.lag, time.monotonic() - begun)
        return self.lag

    def _left(self) -> int:
        try:
            return open_deliveries()
        except Error:
            connection.close()
            return -1

    def check(self, poison: set[Pair] = frozenset()) -> None:  # type: ignore[assignment]
        """Hold effects against facts."""
        self.events = check(self.ledger, poison)

    def row(self, what: str) -> Row:
        """Answer the line for the table."""
        took = time.monotonic() - self.begun
        what = f"{what}; {self.note}" if self.note else what
        return Row(self.letter, what, self.events, self.kills, self.lag, self.bound, took)


def _sample() -> list[tuple]:
    """Show some of what is left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.handler, d.state, d.attempts, d.error_class, d.next_at - clock_timestamp(), o.id, "
            "o.lease_until - clock_timestamp() FROM public.outbox_delivery d "
            "LEFT JOIN public.outbox_dispatch o ON o.id = d.dispatch_id ORDER BY d.id LIMIT 5"
        )
        return cursor.fetchall()
