"""Threads that publish and write down what became of it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from uuid import UUID, uuid4

from django.db import Error, connection, transaction

from apps.tenant.public import find, use_tenant
from rustok.kernel.events import Event
from tests.faults.ledger import Ledger
from tests.faults.probes.events import ProbeHappened, ProbeHappenedV1, ProbeHappenedV2
from tests.faults.probes.models import say

__all__ = ["Crew", "crew", "ended", "happenings", "probes", "use", "write", "write_on"]


class _Undo(Exception):
    """Roll it back."""


def probes(count: int) -> list[UUID]:
    """Name some aggregates."""
    return [uuid4() for _ in range(count)]


def happenings(chance: random.Random, among: Sequence[UUID], most: int = 3) -> list[tuple[Event, UUID]]:
    """Make up what one transaction says, in any version."""
    made: list[tuple[Event, UUID]] = []
    for _ in range(chance.randint(1, most)):
        number = chance.randint(0, 1 << 30)
        fact = chance.choice(
            [ProbeHappened(number=number, name="new"), ProbeHappenedV2(number=number, word="old"),
             ProbeHappenedV1(number=number)]
        )  # fmt: skip
        made.append((fact, chance.choice(among)))
    return made


def write(
    ledger: Ledger, facts: Sequence[tuple[Event, UUID]], *, pause: float = 0, is_undone: bool = False
) -> list[UUID]:
    """Publish in a transaction that takes a while, and roll it back if told to; note which."""
    ids: list[UUID] = []
    try:
        with transaction.atomic():
            ids = say(facts)
            time.sleep(pause)
            if is_undone:
                raise _Undo
    except _Undo:
        ledger.rolled_back.update(ids)
        return []
    ledger.committed.update(ids)
    return ids


def write_on(
    ledger: Ledger, until: Callable[[], bool], chance: random.Random, among: Sequence[UUID], pause: float = 0.01
) -> int:
    """Publish until told to end, whatever happens to the database; answer how many transactions failed."""
    failed = 0
    while not until():
        ids: list[UUID] = []
        try:
            with transaction.atomic():
                ids = say(happenings(chance, among))
        except Error:
            ledger.unknown.update(ids)
            failed += 1
            connection.close()
            time.sleep(0.1)
        else:
            ledger.committed.update(ids)
        time.sleep(chance.uniform(0, 2 * pause))
    return failed


class Crew:
    """Threads of writers, each in a tenant and with a connection and a dice of its own."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []

    def send(self, slug: str, work: Callable[[random.Random], object]) -> None:
        """Let one more begin."""
        dice = random.Random(len(self._threads))
        thread = threading.Thread(target=self._work, args=(slug, work, dice), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self, slug: str, work: Callable[[random.Random], object], dice: random.Random) -> None:
        try:
            with use_tenant(find(slug)):
                work(dice)
        except BaseException as error:
            self._errors.append(error)
        finally:
            connection.close()

    def home(self, seconds: float) -> None:
        """Wait for all of them; whoever failed fails the test."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
            assert not thread.is_alive(), f"a writer is not done after {seconds} s"
        if self._errors:
            raise self._errors[0]


@contextmanager
def crew(seconds: float = 60):
    """Let writers work for the length of a block, and wait for them at its end."""
    writers = Crew()
    yield writers
    writers.home(seconds)


@contextmanager
def ended(over: threading.Event):
    """Tell writers at the end of the block that it is over, also if it failed: they would go on in the next test."""
    try:
        yield
    finally:
        over.set()


def use(slug: str):
    """Work in a tenant inside the block."""
    return use_tenant(find(slug))
