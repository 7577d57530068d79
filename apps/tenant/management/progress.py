"""How a command shows a job while it works: one line that is written over, or plain lines where nobody watches."""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

from apps.tenant.models import Job

__all__ = ["Progress"]

#: Columns of the bar, and seconds between two plain lines.
WIDTH, PAUSE = 30, 5.0


class Progress:
    """Tells of a job on stderr, so that what a command answers on stdout stays clean."""

    def __init__(self, *, is_quiet: bool = False, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_quiet = is_quiet
        self._line = ""
        self._step = ""
        self._told_at = 0.0

    def __call__(self, job: Job) -> None:
        """Show how far a job is."""
        self._tell_outcome(job)
        if job.is_over:
            self.end()
            return
        self.show(job.step, job.done, job.total)

    def show(self, step: str, done: int, total: int) -> None:
        """Show a step and how much of it is done."""
        if self._is_quiet:
            return
        if self._stream.isatty():
            filled = WIDTH * min(done, total) // total if total else 0
            line = f"{step:<12} [{'█' * filled}{' ' * (WIDTH - filled)}] {_amount(done, total)}"
            self._stream.write("\r" + line.ljust(len(self._line)))
            self._line = line
        elif step != self._step or time.monotonic() - self._told_at > PAUSE:
            self._stream.write(f"{step} {_amount(done, total)}\n")
            self._told_at = time.monotonic()
        self._step = step
        self._stream.flush()

    def end(self) -> None:
        """Leave the line behind."""
        if self._line:
            self._stream.write("\r" + " " * len(self._line) + "\r")
            self._stream.flush()
            self._line = ""

    def _tell_outcome(self, job: Any) -> None:
        """Name each tenant that a migration is through with."""
        outcome = getattr(job, "last_outcome", None)
        if outcome is None or self._is_quiet:
            return
        job.last_outcome = None
        self.end()
        said = f"failed: {outcome.error}" if outcome.error else "migrated"
        self._stream.write(f"  {outcome.slug:<24} {said} ({outcome.seconds:.2f} s)\n")


def _amount(done: int, total: int) -> str:
    if total >= 1_000_000:
        return f"{done / 1e6:.1f} of {total / 1e6:.1f} MB"
    return f"{done} of {total}" if total else ""
