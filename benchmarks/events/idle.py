"""What a relay and a consumer cost while nothing happens."""

from __future__ import annotations

import time
from collections.abc import Sequence

from benchmarks.events.processes import environment, nanoseconds, running
from benchmarks.events.report import Figure

__all__ = ["measure"]


def measure(names: Sequence[str], transport: str, seconds: float) -> list[Figure]:
    """Let them rest, and answer the share of a core that each takes, and PostgreSQL for it."""
    with running(names, environment(transport)) as programs:
        time.sleep(5)  # what starting up leaves behind
        backends = {name: program.backends() for name, program in programs.items()}
        before = {name: (program.cpu(), _spent(backends[name])) for name, program in programs.items()}
        time.sleep(seconds)
        after = {name: (program.cpu(), _spent(backends[name])) for name, program in programs.items()}
    figures = []
    for name in names:
        own, postgres = (100 * (late - early) / seconds for early, late in zip(before[name], after[name], strict=True))
        note = f"PostgreSQL for it {postgres:.2f} %; over {seconds:.0f} s"
        figures.append(Figure(f"{name} at rest, of a core", own, "%", "≤ 1", note, {"postgres": postgres}))
    return figures


def _spent(backends: Sequence[int]) -> float:
    return sum(nanoseconds(pid) for pid in backends) / 1e9
