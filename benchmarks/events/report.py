"""One table, and the same as JSON."""

from __future__ import annotations

import json
import platform as machine
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["RESULTS", "Figure", "show", "write"]

RESULTS = Path(__file__).resolve().parent.parent / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    unit: str
    #: What it should be: "≤ 0.4", "≥ 1000"; empty for floors, peers and what only explains.
    goal: str = ""
    note: str = ""
    #: What was measured beside it; only in the JSON.
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Say whether the goal is reached."""
        if not self.goal:
            return ""
        sign, limit = self.goal.split()
        reached = self.value >= float(limit) if sign == "≥" else self.value <= float(limit)
        return "reached" if reached else "missed"


def show(figures: Sequence[Figure], title: str = "events") -> None:
    """Print the table."""
    width = max(len(figure.name) for figure in figures) + 2
    print(f"\n{title:<{width}}{'figure':>10} {'':<10}{'goal':>8}  {'':<9}")
    for one in figures:
        number = f"{one.value:,.0f}" if one.value >= 100 else f"{one.value:.3g}"
        line = f"{one.name:<{width}}{number:>10} {one.unit:<10}{one.goal:>8}  {one.verdict:<9}{one.note}"
        print(line.rstrip())


def write(figures: Sequence[Figure], command: Sequence[str], name: str = "events") -> None:
    """Keep the figures beside the command that made them."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    document = {
        "at": now.isoformat(), "command": " ".join(["make bench", *command]), "python": machine.python_version(),
        "figures": [asdict(figure) | {"verdict": figure.verdict} for figure in figures],
    }  # fmt: skip
    path = RESULTS / f"{now:%Y%m%d-%H%M%S}-{name}.json"
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.write(f"written to benchmarks/results/{path.name}\n")
