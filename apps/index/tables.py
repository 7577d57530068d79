"""The SQL of writing rows: all of a batch in one statement, and the same expression to compare them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from apps.index.parts import Kind
from rustok.kernel.ids import new_id

__all__ = ["Table", "of"]

_SHARED = {
    "locale": "text",
    "resolved_locale": "text",
    "title": "text",
    "tags": "text[]",
    "published_at": "timestamptz",
    "sort_date": "timestamptz",
    "etag": "text",
    "document": "jsonb",
}
_WORDS = {"config": "text", "words_a": "text", "words_b": "text", "words_c": "text"}
_SEARCH = """setweight(to_tsvector(r.config::regconfig, r.words_a), 'A')
    || setweight(to_tsvector(r.config::regconfig, r.words_b), 'B')
    || setweight(to_tsvector(r.config::regconfig, r.words_c), 'C')"""


@dataclass(frozen=True)
class Table:
    """One of the two read tables."""

    name: str
    key: str
    #: What tells the rows of one key apart.
    within: tuple[str, ...]
    columns: dict[str, str]

    def write(self, keys: Sequence[UUID], rows: Sequence[dict[str, Any]], *, force: bool = False) -> int:
        """Make the rows of `keys` be exactly `rows`; answer how many were written or deleted."""
        with connection.cursor() as cursor:
            cursor.execute(self._delete, {"keys": list(keys), "kept": [self._row_key(row) for row in rows]})
            changed = cursor.rowcount
            if rows:
                given = [{"id": new_id(), **row} for row in rows]
                cursor.execute(self._upsert, {"rows": orjson.dumps(given).decode(), "force": force})
                changed += cursor.rowcount
        return int(changed)

    def differences(self, keys: Sequence[UUID], rows: Sequence[dict[str, Any]]) -> list[tuple[UUID, str, str]]:
        """List (key, row, problem) for rows that are missing, extra or different."""
        with connection.cursor() as cursor:
            cursor.execute(self._compare, {"keys": list(keys), "rows": orjson.dumps(rows).decode()})
            return list(cursor.fetchall())

    def keys_after(self, reached: UUID | None, limit: int) -> list[UUID]:
        """List the next keys that have rows."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT DISTINCT {self.key} FROM {self.name} WHERE %(reached)s::uuid IS NULL "  # noqa: S608
                f"OR {self.key} > %(reached)s::uuid ORDER BY 1 LIMIT %(limit)s",
                {"reached": reached, "limit": limit},
            )
            return [row[0] for row in cursor.fetchall()]

    def _row_key(self, row: dict[str, Any]) -> str:
        return "|".join(row[name] for name in (self.key, *self.within))

    @property
    def _given(self) -> str:
        """The computed rows as a relation `r`."""
        types = {self.key: "uuid", **self.columns, **_SHARED, **_WORDS}
        declared = ", ".join(f"{name} {kind}" for name, kind in {"id": "uuid", **types}.items())
        return f"jsonb_to_recordset(%(rows)s::jsonb) AS r({declared})"

    @property
    def _stored(self) -> list[str]:
        return [self.key, *self.columns, *_SHARED]

    @property
    def _delete(self) -> str:
        key = " || '|' || ".join(f"{name}::text" for name in (self.key, *self.within))
        return f"DELETE FROM {self.name} WHERE {self.key} = ANY(%(keys)s) AND {key} <> ALL(%(kept)s::text[])"  # noqa: S608

    @property
    def _upsert(self) -> str:
        stored = self._stored
        changes = [name for name in stored if name not in (self.key, *self.within)]
        assignments = ", ".join(f"{name} = excluded.{name}" for name in [*changes, "search", "updated_at"])
        return f"""
            INSERT INTO {self.name} AS t (id, created_at, updated_at, {", ".join(stored)}, search)
            SELECT r.id, now(), now(), {", ".join(f"r.{name}" for name in stored)}, {_SEARCH} FROM {self._given}
            ON CONFLICT ({", ".join((self.key, *self.within))}) DO UPDATE SET {assignments}
            WHERE %(force)s OR t.etag <> excluded.etag
        """  # noqa: S608

    @property
    def _compare(self) -> str:
        same = " AND ".join(f"t.{name} = r.{name}" for name in (self.key, *self.within))
        differ = " OR ".join(f"t.{name} IS DISTINCT FROM r.{name}" for name in self._stored)
        row = " || '/' || ".join(f"coalesce(t.{name}, r.{name})" for name in self.within)
        return f"""
            SELECT coalesce(t.{self.key}, r.{self.key}), {row},
                CASE WHEN t.id IS NULL THEN 'missing' WHEN r.{self.key} IS NULL THEN 'extra' ELSE 'different' END
            FROM (SELECT * FROM {self.name} WHERE {self.key} = ANY(%(keys)s)) AS t
            FULL JOIN (SELECT r.*, {_SEARCH} AS search FROM {self._given}) AS r ON {same}
            WHERE t.id IS NULL OR r.{self.key} IS NULL OR t.search IS DISTINCT FROM r.search OR {differ}
            ORDER BY 1, 2
        """  # noqa: S608


_TABLES: dict[Kind, Table] = {
    "products": Table(
        name="index_indexproduct",
        key="product_id",
        within=("locale", "currency"),
        columns={
            "currency": "text",
            "version": "bigint",
            "handle": "text",
            "status": "text",
            "vendor": "text",
            "category_paths": "text[]",
            "collections": "text[]",
            "option_values": "text[]",
            "option_labels": "text[]",
            "in_stock": "boolean",
            "on_sale": "boolean",
            "price_min": "bigint",
            "price_max": "bigint",
            "sort_title": "text",
            "sort_price_low": "bigint",
            "sort_price_high": "bigint",
        },
    ),
    "content": Table(
        name="index_indexcontent",
        key="node_id",
        within=("locale",),
        columns={"kind": "text", "slug": "text", "path": "text", "excerpt": "text"},
    ),
}


def of(kind: Kind) -> Table:
    """Answer the table of a kind."""
    return _TABLES[kind]
