"""Rows that are there for one of several reasons, read so that a page of them stays cheap.

PostgreSQL answers `a OR b` by looking at row after row, and first reads all that stands behind an `IN` in it. But the
first 20 rows of `a OR b` are among the first 20 of `a` and the first 20 of `b`, each of which an index has in order. So
a page is read as those; whatever is no page (a count, an update, a part of another query) is read as the plain `OR`.

Among keys that were given, and in their own order, PostgreSQL is made to go from key to row: it does not know whose
keys are how far from the page's first row, and would read all rows in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, Expression, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.sql.query import Query
from django.db.models.sql.where import AND

__all__ = ["MAX_BRANCHES", "KeysIn", "OneOf"]

#: Reasons that are read on their own; each costs planning time, so any further ones are one together.
MAX_BRANCHES = 16


class KeysIn(Q):
    """True of the rows whose own key is among some."""

    #: The query for the keys, without an order; None once it is joined with other conditions.
    keys: ClassVar[QuerySet[Any] | None] = None

    def __init__(self, keys: QuerySet[Any]) -> None:
        super().__init__(pk__in=keys)
        self.keys = keys  # type: ignore[misc]


class OneOf(Expression):
    """True of a row if at least one of some conditions is."""

    conditional = True
    output_field: Any = BooleanField()

    def __init__(self, conditions: Sequence[Q]) -> None:
        super().__init__()
        alone, rest = conditions[: MAX_BRANCHES - 1], conditions[MAX_BRANCHES - 1 :]
        self.branches = [*alone, reduce(or_, rest)] if rest else [*alone]
        self.whole: Any = reduce(or_, conditions)
        #: What stays the same in copies.
        self.identity = (type(self), id(self.branches))  # type: ignore[misc]

    def get_source_expressions(self) -> list[Any]:
        """Answer the plain form, which follows its query as all conditions do."""
        return [self.whole]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Take the plain form as a query has it."""
        [self.whole] = exprs

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Self:
        """Become part of a query; only once."""
        return super().resolve_expression(*args, **kwargs) if isinstance(self.whole, Q) else self

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """Write the branches of a page, or the plain form."""
        query = compiler.query
        if not (_is_page(query) and _is_condition_of(query.where, self)):
            sql, params = compiler.compile(self.whole)
            return f"({sql})", params
        return self._as_branches(query, compiler)

    def _as_branches(self, query: Query, compiler: Any) -> tuple[str, Any]:
        """Write that the key is one of those that the branches have on the page, or before it.

        :raises EmptyResultSet: if none can have any
        """
        parts: list[str] = []
        params: list[Any] = []
        for branch in self.branches:
            try:
                sql, values = _first_keys(query, self, branch, compiler.connection)
            except EmptyResultSet:
                continue
            parts.append(f"({sql})")
            params.extend(values)
        if not parts:
            raise EmptyResultSet
        key, _ = compiler.compile(query.model._meta.pk.get_col(query.get_initial_alias()))  # type: ignore[union-attr]
        return f"{key} IN ({' UNION ALL '.join(parts)})", params


def _is_page(query: Query) -> bool:
    """Tell whether a query answers the first rows in an order, and each row by itself."""
    whole = query.distinct or query.combinator or query.group_by is not None or query.extra or query.select_for_update
    if query.high_mark is None or whole or "?" in query.order_by or getattr(query, "is_branch", False):
        return False
    parts: Any = [query.where, *query.annotations.values()]
    return not any(part.contains_over_clause for part in parts)


def _is_condition_of(node: Any, wanted: OneOf) -> bool:
    """Tell whether all rows have to meet a condition."""
    if getattr(node, "lhs", None) == wanted:
        return True
    is_and = getattr(node, "connector", None) == AND and not node.negated
    return is_and and any(_is_condition_of(child, wanted) for child in node.children)


def _first_keys(query: Query, condition: OneOf, branch: Q, connection: Any) -> tuple[str, Any]:
    """Write the query for the keys of the rows up to the page's end that one branch has."""
    found: Any = query.chain()
    found.is_branch = True
    _drop(found.where, condition)
    found.clear_select_clause()
    found.add_fields(["pk"])
    found.clear_limits()
    keys = branch.keys if isinstance(branch, KeysIn) else None
    way = _way_by_key(query)
    if keys is not None and way:
        return _from_key_to_row(found, keys, f"{way} LIMIT {query.high_mark:d}", connection)
    found.add_q(branch)
    found.set_limits(high=query.high_mark)
    return found.get_compiler(connection=connection).as_sql()  # type: ignore[no-any-return]


def _way_by_key(query: Query) -> str:
    """Answer how a list that is ordered by its rows' own key is; empty if it is ordered by something else."""
    order = query.order_by or (query.default_ordering and query.get_meta().ordering) or ()
    pk = query.get_meta().pk
    first = order[0] if order else ""
    if query.extra_order_by or not isinstance(first, str) or first.lstrip("-") not in ("pk", pk.name if pk else "pk"):
        return ""
    return "DESC" if first.startswith("-") == query.standard_ordering else "ASC"


def _from_key_to_row(rows: Any, keys: QuerySet[Any], way_and_limit: str, connection: Any) -> tuple[str, Any]:
    """Write a query that goes through keys in their order and keeps those whose row is wanted.

    `OFFSET 0` keeps PostgreSQL from making a join of it.
    """
    rows.add_q(Q(pk=RawSQL("given.key", [])))
    rows.clear_ordering(force=True)
    row, row_values = rows.get_compiler(connection=connection).as_sql()
    key, key_values = keys.query.get_compiler(connection=connection).as_sql()
    text = "SELECT given.key FROM ({}) AS given(key) WHERE EXISTS ({} OFFSET 0) ORDER BY given.key {}"
    sql = text.format(key, row, way_and_limit)
    return sql, (*key_values, *row_values)


def _drop(node: Any, condition: OneOf) -> None:
    node.children = [child for child in node.children if getattr(child, "lhs", None) != condition]
    for child in node.children:
        if hasattr(child, "children"):
            _drop(child, condition)
