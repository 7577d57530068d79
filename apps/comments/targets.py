"""What takes comments: the modules above say when one of theirs does."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

__all__ = ["is_open", "register_target"]

#: Tells whether a thing of that id takes comments now.
IsOpen = Callable[[UUID], bool]

_targets: dict[str, IsOpen] = {}


def register_target(kind: str, function: IsOpen) -> None:
    """Let things of a kind be commented on."""
    _targets[kind] = function


def is_open(kind: str, target_id: UUID) -> bool:
    """Tell whether a thing takes comments now; one of an unknown kind never does."""
    return kind in _targets and _targets[kind](target_id)
