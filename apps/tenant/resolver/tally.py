"""What the resolver counts: words of a fixed list, never a tenant or a host. The wiring says where counts go."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["WORDS", "add", "count_with"]

#: What can be counted.
WORDS = (
    "memory", "negative", "valkey", "database", "digest", "refused", "busy",
    "unreadable", "late", "breaker_opened", "breaker_closed",
)  # fmt: skip

Count = Callable[[str, float], None]


def _nowhere(word: str, by: float) -> None:
    """Count nothing."""


_count: list[Count] = [_nowhere]


def count_with(function: Count) -> None:
    """Have a function add to the count of a word."""
    _count[:] = [function]


def add(word: str, by: float = 1) -> None:
    """Count something."""
    _count[0](word, by)
