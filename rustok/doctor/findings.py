"""A check, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings

__all__ = ["CHECKS", "Check", "Finding", "Level", "bad", "check", "examine", "graver", "ok", "warn"]


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that holds or does not, and what to do if not."""

    level: Level
    text: str
    advice: str = ""
    check: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Answer the form that `--json` prints."""
        return asdict(self)


def ok(text: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, text)


def warn(text: str, advice: str) -> Finding:
    """It works, though not for ever or not for strangers."""
    return Finding(Level.WARN, text, advice)


def bad(text: str, advice: str) -> Finding:
    """It must not stay like this."""
    return Finding(Level.BAD, text, advice)


def graver(text: str, advice: str) -> Finding:
    """Report what is bad where strangers come, and only worth knowing where one tries things out."""
    return (warn if settings.DEBUG or settings.DEMO else bad)(text, advice)


Look = Callable[[], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """A function that looks at one thing."""

    name: str
    look: Look
    #: Whether it takes longer than a moment; `--fast` leaves it out.
    is_slow: bool


CHECKS: dict[str, Check] = {}


def check(name: str, *, slow: bool = False) -> Callable[[Look], Look]:
    """Register a check under a name."""

    def register(look: Look) -> Look:
        CHECKS[name] = Check(name, look, slow)
        return look

    return register


def examine(*, fast: bool = False, only: str = "") -> Iterator[Finding]:
    """Run the checks; one that cannot look has found something bad as well."""
    for one in CHECKS.values():
        if (fast and one.is_slow) or (only and only != one.name):
            continue
        try:
            found = list(one.look())
        except Exception as error:  # whatever it is, the other checks go on
            reason = f"{type(error).__name__}: {error}".strip().splitlines()[0][:200]
            found = [bad(f"could not look: {reason}", "put right what is said here, then ask again")]
        for finding in found:
            yield Finding(finding.level, finding.text, finding.advice, one.name)
