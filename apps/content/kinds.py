"""How other modules specialise nodes: each says what belongs to a new node of its kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.content.models import Kind, Node
from rustok.kernel.access import Actor

__all__ = ["Extend", "extend", "register_kind"]

#: Gives a new node what its kind needs, in the transaction that creates it; refuses if that cannot be.
Extend = Callable[[Actor, Node], Any]

_extensions: dict[str, Extend] = {}


def register_kind(kind: str, function: Extend) -> None:
    """Say what belongs to a node that was created without the module that owns its kind."""
    _extensions[Kind(kind)] = function


def extend(actor: Actor, node: Node) -> None:
    """Complete a node made over the general edge (`nodes/`, `nodeCreate`)."""
    if node.kind in _extensions:
        _extensions[node.kind](actor, node)
