"""Columns that one module adds to the pages of another: prices and stock beside the variants of a product.

The owner of a table knows nothing of the modules above it. They declare a `RowColumns` for its rows, and the owner's
page shows their fields, reads them for all rows at once, and hands what was typed back to them, in the transaction of
the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from django import forms

from rustok.kernel.access import Actor
from rustok.kernel.errors import DomainError, FieldError
from rustok.kernel.modules import is_enabled, owner_of

__all__ = [
    "ListColumn",
    "RowColumns",
    "RowError",
    "Typed",
    "add_list_column",
    "add_row_columns",
    "list_columns",
    "row_columns",
]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into the columns of one row; `changed` names those that differ from what stood there."""

    row_id: UUID
    values: Mapping[str, Any]
    changed: frozenset[str]


class RowError(Exception):
    """A refusal that belongs to one row and perhaps to one column of it."""

    def __init__(self, row_id: UUID, refusal: DomainError, column: str = "") -> None:
        super().__init__(str(refusal))
        self.row_id, self.refusal, self.column = row_id, refusal, column

    def placed(self, where: str) -> DomainError:
        """Answer the refusal, naming where on the page it belongs."""
        path = f"{where}.{self.column}" if self.column else where
        self.refusal.errors = (FieldError(path, self.refusal.code, self.refusal.detail),)
        return self.refusal


class RowColumns(Protocol):
    """Fields of a module beside another module's rows."""

    def fields(self) -> dict[str, forms.Field]:
        """Answer the fields by name."""

    def read(self, row_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
        """Answer what stands in the columns, for all rows at once."""

    def write(self, actor: Actor, rows: Sequence[Typed]) -> None:
        """Save what changed, through services.

        :raises RowError: if a service refuses
        """


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of another module in a list: `read` answers its text for the keys of one page."""

    name: str
    label: Any
    read: Any = field(compare=False)


_rows: dict[str, list[tuple[int, RowColumns]]] = {}
_lists: dict[str, list[ListColumn]] = {}


def add_row_columns(model: str, columns: RowColumns, *, order: int) -> None:
    """Show a module's fields beside the rows of a model ("product.Variant")."""
    found = _rows.setdefault(model.lower(), [])
    found[:] = sorted([*found, (order, columns)], key=lambda entry: entry[0])


def row_columns(model: str) -> list[RowColumns]:
    """List what modules that the tenant uses show beside the rows of a model, in order."""
    found = [columns for _order, columns in _rows.get(model.lower(), ())]
    return [columns for columns in found if is_enabled(owner_of(type(columns)))]


def add_list_column(model: str, column: ListColumn) -> None:
    """Show a module's column in the list of a model ("product.Product")."""
    _lists.setdefault(model.lower(), []).append(column)


def list_columns(model: str) -> list[ListColumn]:
    """List what modules that the tenant uses show in the list of a model."""
    return [column for column in _lists.get(model.lower(), ()) if is_enabled(owner_of(column.read))]
