"""Keyset pagination: a page costs the same wherever it stands, and never more than 100 rows."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.db.models import F, Model, Q, QuerySet

from rustok.kernel.errors import Invalid

__all__ = ["DEFAULT_SIZE", "MAX_SIZE", "Page", "PageRequest", "decode_cursor", "encode_cursor", "paginate"]

DEFAULT_SIZE = 20
MAX_SIZE = 100

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class BadCursor(Invalid):
    """This cursor does not belong to this list."""

    code = "invalid_cursor"


class BadPageSize(Invalid):
    """A page holds 1 to 100 rows."""

    code = "invalid_page_size"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page: at most `size` rows after (or before) the row that the cursor names."""

    size: int = DEFAULT_SIZE
    cursor: str | None = None
    count: bool = False

    @classmethod
    def from_query(cls, params: Mapping[str, str]) -> PageRequest:
        """Read `page_size`, `cursor` and `include=count` of a query string.

        :raises BadPageSize: if the size is no number from 1 to 100
        """
        raw = params.get("page_size", str(DEFAULT_SIZE))
        if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:6]) <= MAX_SIZE:
            raise BadPageSize(f"page_size is a number from 1 to {MAX_SIZE}", field="page_size")
        include = params.get("include", "").split(",")
        return cls(size=int(raw), cursor=params.get("cursor") or None, count="count" in include)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows, and the cursors to the pages beside."""

    results: list[T]
    next: str | None = None
    previous: str | None = None
    count: int | None = None
    #: One cursor per row, for Relay edges.
    cursors: list[str] = field(default_factory=list)
    facets: dict[str, Any] = field(default_factory=dict)


def encode_cursor(direction: str, values: Sequence[Any]) -> str:
    """Write a position as opaque text."""
    raw = orjson.dumps([direction, *values], default=str)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> tuple[str, list[Any]]:
    """Read a position of `length` values.

    :raises BadCursor: if the text is not one of ours
    """
    try:
        padded = cursor[:2000] + "=" * (-len(cursor) % 4)
        direction, *values = orjson.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, TypeError):
        raise BadCursor(field="cursor") from None
    if direction not in ("n", "p") or len(values) != length or any(isinstance(v, list | dict) for v in values):
        raise BadCursor(field="cursor")
    return direction, values


def paginate(queryset: QuerySet[M], order: Sequence[str], request: PageRequest) -> Page[M]:
    """Cut one page out of a queryset, ordered by fields that end in a unique one ("-placed_at", "-id")."""
    names = [name.lstrip("-") for name in order]
    backwards = False
    rows = queryset
    if request.cursor:
        direction, values = decode_cursor(request.cursor, len(order))
        backwards = direction == "p"
        rows = rows.filter(_beyond(queryset, order, values, backwards))
    ordered = rows.order_by(*(_flip(name) if backwards else _nulls(name) for name in order))
    found = list(ordered[: request.size + 1])
    more = len(found) > request.size
    found = found[: request.size]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, more) if backwards else (more, bool(request.cursor))

    def at(row: M) -> list[Any]:
        return [_plain(getattr(row, name)) for name in names]

    return Page(
        results=found,
        next=encode_cursor("n", at(found[-1])) if found and has_next else None,
        previous=encode_cursor("p", at(found[0])) if found and has_previous else None,
        count=queryset.count() if request.count else None,
        cursors=[encode_cursor("n", at(row)) for row in found],
    )


def _nulls(name: str) -> Any:
    return F(name[1:]).desc() if name.startswith("-") else F(name).asc()


def _flip(name: str) -> Any:
    return F(name[1:]).asc() if name.startswith("-") else F(name).desc()


def _beyond(queryset: QuerySet[Any], order: Sequence[str], values: Sequence[Any], backwards: bool) -> Q:
    """Say "after this row" for a mixed ordering: a > x or (a = x and (b < y or ...))."""
    condition = Q()
    for name, value in reversed(list(zip(order, values, strict=True))):
        column = name.lstrip("-")
        try:
            typed = queryset.model._meta.get_field(column).to_python(value)
        except (ValidationError, ValueError, TypeError):  # all that a field's `to_python` raises
            raise BadCursor(field="cursor") from None
        descending = name.startswith("-") != backwards
        further = Q(**{f"{column}__{'lt' if descending else 'gt'}": typed})
        condition = further | (Q(**{column: typed}) & condition) if condition else further
    return condition


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID | datetime | Decimal) else value
