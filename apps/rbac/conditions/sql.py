"""Compiling a condition to one `Q`, of the same meaning as in memory.

`not` is pushed down to the comparisons, so that "unknown" never has to be turned around: a comparison stands for true
only if its values are there, and its opposite says itself that they may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import DateTimeField, F, IntegerField, Model, Q
from django.db.models.functions import TruncDate
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

from apps.rbac.conditions.facts import Facts, fits
from apps.rbac.conditions.memory import asks_null, constant, holds
from apps.rbac.conditions.tree import All, Compare, Constant, Either, Name, Node, Not, Operand
from rustok.kernel.attributes import Attribute, attributes_of

__all__ = ["Part", "compile_q", "join"]

#: Rows by what they hold; or all of them (True), or none (False).
Part = Q | bool

#: The last day that has one after it: nothing happened then, or later.
_LAST_DAY = date.max - timedelta(days=1)
_LOOKUPS = {"==": "exact", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "in": "not in", "not in": "in"}
_EXPRESSIONS: dict[str, Any] = {
    "==": Exact, "<": LessThan, "<=": LessThanOrEqual, ">": GreaterThan, ">=": GreaterThanOrEqual,
}  # fmt: skip


def compile_q(node: Node, facts: Facts, model: type[Model]) -> Part:
    """Answer the rows of a model of which a condition is true; True for all of them, False for none."""
    return _compile(node, facts, model, negated=False)


def _compile(node: Node, facts: Facts, model: type[Model], *, negated: bool) -> Part:
    match node:
        case Constant(value):
            return value != negated
        case Not(part):
            return _compile(part, facts, model, negated=not negated)
        case All(parts) | Either(parts):
            compiled = [_compile(part, facts, model, negated=negated) for part in parts]
            return join(compiled, every=isinstance(node, All) != negated)
        case Compare():
            return _comparison(node, facts, model, negated)


def join(parts: Iterable[Part], *, every: bool) -> Part:
    """Join parts by `and` (every) or `or`; those that are the same for all rows are not asked of each."""
    found = list(parts)
    if (not every) in found:
        return not every
    kept = [part for part in found if isinstance(part, Q)]
    return reduce(and_ if every else or_, kept) if kept else every


def _comparison(node: Compare, facts: Facts, model: type[Model], negated: bool) -> Part:
    left, right = _column(node.left, model), _column(node.right, model)
    op: str = node.op
    if left is None and right is None:
        return holds(node, facts, None) != negated
    if asks_null(node.left, node.right):
        column = left or right
        assert column is not None
        return Q(**{f"{column.lookup}__isnull": (op == "==") != negated}) if op in ("==", "!=") else negated
    if left is not None and right is not None:
        return _columns(op, left, right, facts, model, negated)
    if left is None:
        assert right is not None
        if isinstance(node.left, Name) and node.left.of == "object":  # this model has no such attribute
            return negated
        left, op, other = right, _FLIPPED[op], node.left
    elif isinstance(node.right, Name) and node.right.of == "object":
        return negated
    else:
        other = node.right
    return _with_constant(op, left, constant(other, facts), facts, model, negated)


def _column(side: Operand, model: type[Model]) -> Attribute | None:
    if isinstance(side, Name) and side.of == "object":
        return attributes_of(model).get(side.name)
    return None


def _missing(*columns: Attribute) -> Q:
    return reduce(or_, (Q(**{f"{column.lookup}__isnull": True}) for column in columns))


def _present(*columns: Attribute) -> Q:
    return reduce(and_, (Q(**{f"{column.lookup}__isnull": False}) for column in columns))


# --- a column and a value -----------------------------------------------------------------------------------------


def _with_constant(op: str, column: Attribute, value: Any, facts: Facts, model: type[Model], negated: bool) -> Part:
    if not _comparable(op, column, value):
        return negated
    if op in ("in", "not in"):
        inside = join([_one("==", column, item, facts, model) for item in value], every=False)
        return _turned(inside, column, op == "not in", negated)
    if op in ("==", "!="):
        return _turned(_one("==", column, value, facts, model), column, op == "!=", negated)
    if not negated:
        return _one(op, column, value, facts, model)
    return join([_missing(column), _one(_OPPOSITE[op], column, value, facts, model)], every=False)


def _comparable(op: str, column: Attribute, value: Any) -> bool:
    """Tell whether the comparison can be true at all."""
    if op in ("in", "not in") or isinstance(value, tuple):
        return isinstance(value, tuple) and op in ("in", "not in")
    alike = fits(value, column.kind) is not None
    return alike and (op in ("==", "!=") or column.kind in ("number", "date"))


def _turned(part: Part, column: Attribute, opposite: bool, negated: bool) -> Part:
    """Answer a comparison, its opposite among the rows that have a value, or what `not` makes of either."""
    if opposite == negated:
        if not negated:
            return part
        return join([_missing(column), part], every=False)  # not (x != 1)
    others = ~part if isinstance(part, Q) else not part
    if opposite:
        return join([_present(column), others], every=True)  # x != 1
    return join([_missing(column), others], every=False)  # not (x == 1)


def _one(op: str, column: Attribute, value: Any, facts: Facts, model: type[Model]) -> Part:
    """Compare a column with a value of its kind; of a row without one, neither is true."""
    value = fits(value, column.kind)
    if value is None:
        return False
    field = column.field(model)
    if isinstance(field, DateTimeField):
        return _moment(op, column.lookup, value, facts)
    if isinstance(field, IntegerField) and value != value.to_integral_value():
        if op == "==":
            return False
        rounding, op = (ROUND_FLOOR, "<=") if op in ("<", "<=") else (ROUND_CEILING, ">=")
        value = value.to_integral_value(rounding)
    if isinstance(value, Decimal) and isinstance(field, IntegerField):
        value = int(value)
    return Q(**{f"{column.lookup}__{_LOOKUPS[op]}": value})


def _moment(op: str, lookup: str, day: Any, facts: Facts) -> Q:
    """Compare the day of a moment in the tenant's time zone, by where that day begins and ends."""
    day = min(day, _LAST_DAY)
    begins = datetime.combine(day, time.min, tzinfo=facts.zone)
    ends = datetime.combine(day + timedelta(days=1), time.min, tzinfo=facts.zone)
    match op:
        case "<":
            return Q(**{f"{lookup}__lt": begins})
        case "<=":
            return Q(**{f"{lookup}__lt": ends})
        case ">":
            return Q(**{f"{lookup}__gte": ends})
        case ">=":
            return Q(**{f"{lookup}__gte": begins})
    return Q(**{f"{lookup}__gte": begins, f"{lookup}__lt": ends})


# --- two columns ----------------------------------------------------------------------------------------------------


def _columns(op: str, left: Attribute, right: Attribute, facts: Facts, model: type[Model], negated: bool) -> Part:
    if left.kind != right.kind or op in ("in", "not in"):
        return negated
    if op not in ("==", "!=") and left.kind not in ("number", "date"):
        return negated
    asked = _OPPOSITE[op] if negated else op
    sides = _expression(left, facts, model), _expression(right, facts, model)
    same = Q(_EXPRESSIONS["==" if asked == "!=" else asked](*sides))
    part = ~same if asked == "!=" else same
    if negated:
        return _missing(left, right) | part
    return _present(left, right) & part


def _expression(column: Attribute, facts: Facts, model: type[Model]) -> Any:
    if isinstance(column.field(model), DateTimeField):
        return TruncDate(F(column.lookup), tzinfo=facts.zone)
    return F(column.lookup)
