"""Measures work with something and without it by turns, so that both meet the same load of the machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from benchmarks.events.report import Figure
from benchmarks.platform import cpu_seconds

__all__ = ["Turns", "by_turns"]

#: Of each turn these are not counted: they warm up.
WARM = 2


@dataclass
class _Side:
    """What was measured with it, or without."""

    count: int = 0
    own: float = 0.0
    database: float = 0.0
    walls: list[float] = field(default_factory=list)

    @property
    def cost(self) -> float:
        """CPU of this process and of its PostgreSQL backend for one piece of work, in ms."""
        return (self.own + self.database) / self.count * 1000


@dataclass
class Turns:
    """Both sides of a comparison."""

    with_it: _Side = field(default_factory=_Side)
    without: _Side = field(default_factory=_Side)

    def figures(self, name: str, goal: str = "") -> list[Figure]:
        """Tell what it costs without, with, and what is added, as CPU and as a ratio."""
        plain, full = self.without.cost, self.with_it.cost
        note = f"{self.without.count} and {self.with_it.count} of them, by turns"
        return [
            Figure(f"{name}: without", round(plain, 3), "ms", "", note),
            Figure(f"{name}: with", round(full, 3), "ms", "", f"of it PostgreSQL {self._database:.2f} ms"),
            Figure(f"{name}: added", round(full - plain, 3), "ms", goal, f"{(full / plain - 1) * 100:+.0f} %"),
        ]

    @property
    def _database(self) -> float:
        return self.with_it.database / self.with_it.count * 1000


def by_turns(
    make: Callable[[int], Sequence[Callable[[], object]]], switch: Callable[[bool], None], *, turns: int
) -> Turns:
    """Run `turns` pairs of turns, each with the work that `make` answers for its number: with, without, without, with.

    CPU is that of this process and of its database connection; nothing else of the machine is in it.
    """
    both = Turns()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    try:
        for number in range(2 * turns):
            work = list(make(number))
            is_on = number % 4 in (0, 3)
            switch(is_on)
            _run(work, both.with_it if is_on else both.without, backend)
    finally:
        switch(True)
    return both


def _run(work: Sequence[Callable[[], object]], side: _Side, backend: int) -> None:
    for one in work[:WARM]:
        one()
    own, database = time.process_time(), cpu_seconds([backend])
    for one in work[WARM:]:
        begun = time.perf_counter()
        one()
        side.walls.append(time.perf_counter() - begun)
    side.own += time.process_time() - own
    side.database += cpu_seconds([backend]) - database
    side.count += len(work) - WARM
