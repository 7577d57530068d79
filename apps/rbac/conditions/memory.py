"""Running a condition on an object that is in memory."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from apps.rbac.conditions.facts import Facts, fits, in_network, kind_of
from apps.rbac.conditions.tree import All, Compare, Constant, Either, Items, Name, Node, Not, Operand, Written
from rustok.kernel.attributes import attributes_of

__all__ = ["compare", "constant", "holds"]

_MEMBERSHIP = ("in", "not in")
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def holds(node: Node, facts: Facts, obj: Model | None) -> bool:
    """Tell whether a condition is true of an object; without one, all its attributes are missing."""
    match node:
        case Constant(value):
            return value
        case Not(part):
            return not holds(part, facts, obj)
        case All(parts):
            return all(holds(part, facts, obj) for part in parts)
        case Either(parts):
            return any(holds(part, facts, obj) for part in parts)
        case Compare(op, left, right):
            if isinstance(left, Name) and left.name == "address" and left.of == "environment":
                return _from(op, facts, constant(right, facts), asks_null(left, right))
            return compare(op, _value(left, facts, obj), _value(right, facts, obj), asks_null(left, right))


def asks_null(left: Operand, right: Operand) -> bool:
    """Tell whether `null` itself is written."""
    return any(isinstance(side, Written) and side.value is None for side in (left, right))


def compare(op: str, left: Any, right: Any, null: bool) -> bool:
    """Compare two values; false if one is missing or they are of different kinds, unless `null` was asked for."""
    if null:
        missing = left is None and right is None
        return missing == (op == "==") and op in ("==", "!=")
    if left is None or right is None or isinstance(left, tuple) or isinstance(right, tuple) != (op in _MEMBERSHIP):
        return False
    if op in _MEMBERSHIP:
        return any(compare("==", item, left, False) for item in right) == (op == "in")
    left, right = _alike(left, right)
    if left is None or op in ("==", "!="):
        return left is not None and (left == right) == (op == "==")
    return kind_of(left) in ("number", "date") and _ORDERS[op](left, right)


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Answer both in one kind; None twice if that cannot be."""
    if "id" in (kind_of(left), kind_of(right)):
        left, right = fits(left, "id"), fits(right, "id")
    alike = left is not None and right is not None and kind_of(left) == kind_of(right)
    return (left, right) if alike else (None, None)


def constant(side: Operand, facts: Facts) -> Any:
    """Answer what an operand that names no object stands for."""
    match side:
        case Written(value):
            return value
        case Items(items):
            return tuple(constant(item, facts) for item in items)
        case Name(of, name):
            return facts.value(of, name)


def _value(side: Operand, facts: Facts, obj: Model | None) -> Any:
    if not isinstance(side, Name) or side.of != "object":
        return constant(side, facts)
    attribute = attributes_of(type(obj)).get(side.name) if obj is not None else None
    if attribute is None or obj is None:
        return None
    return _plain(attribute.read(obj), attribute.kind, facts)


def _plain(value: Any, kind: str, facts: Facts) -> Any:
    """Answer a column's value in the kind that is declared for it."""
    if value is None:
        return None
    if kind == "number":
        return Decimal(value)
    if kind == "date" and isinstance(value, datetime):
        return value.astimezone(facts.zone).date()
    return str(value) if kind == "text" else value


def _from(op: str, facts: Facts, wanted: Any, null: bool) -> bool:
    """Compare the address of who asks with networks."""
    if null:
        return bool(facts.address) == (op == "!=")
    if not facts.address or wanted is None:
        return False
    inside = any(in_network(facts.address, str(one)) for one in (wanted if isinstance(wanted, tuple) else (wanted,)))
    return inside == (op in ("==", "in"))
