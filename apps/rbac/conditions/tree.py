"""What a condition is once it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

__all__ = [
    "All", "Compare", "ConditionError", "Constant", "Either", "Items", "Name", "Node", "Not", "Operand", "Operator",
    "Written", "as_json", "asks_for_role", "names_object", "names_of_subject",
]  # fmt: skip

Operator = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in"]


class ConditionError(ValueError):
    """A condition that cannot be understood; `at` counts characters from 0."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message, self.at = message, at


@dataclass(frozen=True, slots=True)
class Name:
    """`object.vendor`, `subject.id`, `environment.hour`."""

    of: str
    name: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """A text, number, day, yes, no, or null (None)."""

    value: str | Decimal | bool | date | None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Items:
    """`["draft", "active"]`."""

    items: tuple[Name | Written, ...]
    at: int = 0


Operand = Name | Written | Items


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands and what is asked of them."""

    op: Operator
    left: Operand
    right: Operand
    at: int = 0


@dataclass(frozen=True, slots=True)
class Constant:
    """`true` and `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Node


@dataclass(frozen=True, slots=True)
class All:
    """Everything of it."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of it."""

    parts: tuple[Node, ...]


Node = Compare | Constant | Not | All | Either


def as_json(node: Node | Operand) -> Any:  # noqa: PLR0911 - one for each kind  # noqa: PLR0911 - one for each kind
    """Write a condition as lists, the operator first."""
    match node:
        case Constant(value):
            return [str(value).lower()]
        case Not(part):
            return ["not", as_json(part)]
        case All(parts):
            return ["and", *map(as_json, parts)]
        case Either(parts):
            return ["or", *map(as_json, parts)]
        case Compare(op, left, right):
            return [op, as_json(left), as_json(right)]
        case Name(of, name):
            return [of, name]
        case Items(items):
            return ["list", *map(as_json, items)]
        case Written(value):
            return ["value", value if value is None or isinstance(value, bool) else str(value)]


def names_object(node: Node | Operand) -> bool:
    """Tell whether a condition depends on the object."""
    match node:
        case Not(part):
            return names_object(part)
        case All(parts) | Either(parts):
            return any(map(names_object, parts))
        case Compare(_, left, right):
            return names_object(left) or names_object(right)
        case Items(items):
            return any(map(names_object, items))
        case Name(of):
            return of == "object"
    return False


def asks_for_role(node: Node, slug: str) -> bool:
    """Tell whether it matters to a condition that somebody has a role; which one a name stands for is not known."""
    match node:
        case Not(part):
            return asks_for_role(part, slug)
        case All(parts) | Either(parts):
            return any(asks_for_role(part, slug) for part in parts)
        case Compare(_, left, Name("subject", "roles")):
            return not isinstance(left, Written) or left.value == slug
    return False


def names_of_subject(node: Node | Operand) -> set[str]:
    """Answer what a condition asks of the person."""
    match node:
        case Not(part):
            return names_of_subject(part)
        case All(parts) | Either(parts) | Items(parts):
            return set().union(*map(names_of_subject, parts))
        case Compare(_, left, right):
            return names_of_subject(left) | names_of_subject(right)
        case Name("subject", name):
            return {name}
    return set()
