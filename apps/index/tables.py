"""The SQL of writing rows: all of a batch in one statement, and the same expression to compare them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from apps.index.documents import WORDS
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
    "words": "text",
    "document": "jsonb",
}
#: Rows of one product differ in currency, but not in words: each text is parsed once.
_SEARCH = """
    SELECT w.text, setweight(to_tsvector(w.config::regconfig, w.words_a), 'A')
        || setweight(to_tsvector(w.config::regconfig, w.words_b), 'B')
        || setweight(to_tsvector(w.config::regconfig, w.words_c), 'C') AS search
    FROM jsonb_to_recordset(%(texts)s::jsonb) AS w(text int, config text, words_a text, words_b text, words_c text)
"""


class _Stored(NamedTuple):
    """What a row is told by to have changed."""

    id: UUID
    etag: str
    words: str


@dataclass(frozen=True)
class Table:
    """One of the two read tables."""

    name: str
    key: str
    #: What tells the rows of one key apart.
    within: tuple[str, ...]
    columns: dict[str, str]

    def only(self, keys: Sequence[UUID], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Answer those of the computed rows that are of some keys."""
        wanted = set(map(str, keys))
        return [row for row in rows if row[self.key] in wanted]

    def write(self, keys: Sequence[UUID], rows: Sequence[dict[str, Any]], *, force: bool = False) -> int:
        """Make the rows of `keys` be exactly `rows`; answer how many were written or deleted."""
        computed = {self._row_key(row): row for row in rows}
        with connection.cursor() as cursor:
            cursor.execute(self._read, {"keys": list(keys)})
            stored = {tuple(key): _Stored(*kept) for *kept, key in cursor.fetchall()}
            gone = [kept.id for key, kept in stored.items() if key not in computed]
            if gone:
                cursor.execute(f"DELETE FROM {self.name} WHERE id = ANY(%s)", [gone])  # noqa: S608
            news, changed = [], []
            for key, row in computed.items():
                kept = stored.get(key)
                if force or kept is None or kept.words != row["words"]:
                    news.append(row)
                elif kept.etag != row["etag"]:
                    changed.append(row | {"id": kept.id})
            if news:
                cursor.execute(self._upsert, _given(news))
            if changed:
                cursor.execute(self._update, {"rows": orjson.dumps(changed).decode()})
        return len(gone) + len(news) + len(changed)

    def differences(self, keys: Sequence[UUID], rows: Sequence[dict[str, Any]]) -> list[tuple[UUID, str, str]]:
        """List (key, row, problem) for rows that are missing, extra or different."""
        with connection.cursor() as cursor:
            cursor.execute(self._compare, _given(rows) | {"keys": list(keys)})
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

    def _row_key(self, row: dict[str, Any]) -> tuple[str, ...]:
        return tuple(row[name] for name in (self.key, *self.within))

    @property
    def _given(self) -> str:
        """The computed rows as a relation `r`."""
        types = {"id": "uuid", "text": "int", self.key: "uuid", **self.columns, **_SHARED}
        declared = ", ".join(f"{name} {kind}" for name, kind in types.items())
        return f"(SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS g({declared}) JOIN words USING (text)) AS r"  # noqa: S608

    @property
    def _stored(self) -> list[str]:
        return [self.key, *self.columns, *_SHARED]

    @property
    def _read(self) -> str:
        key = ", ".join(f"{name}::text" for name in (self.key, *self.within))
        return f"SELECT id, etag, words, ARRAY[{key}] FROM {self.name} WHERE {self.key} = ANY(%(keys)s)"  # noqa: S608

    @property
    def _update(self) -> str:
        """Write rows whose words are as they were, and leave `search` alone."""
        types = {"id": "uuid", **self.columns, **_SHARED}
        declared = ", ".join(f"{name} {kind}" for name, kind in types.items())
        assignments = ", ".join(f"{name} = r.{name}" for name in types if name not in ("id", *self.within))
        return f"""
            UPDATE {self.name} AS t SET updated_at = now(), {assignments}
            FROM jsonb_to_recordset(%(rows)s::jsonb) AS r({declared}) WHERE t.id = r.id
        """  # noqa: S608

    @property
    def _upsert(self) -> str:
        stored = self._stored
        changes = [name for name in stored if name not in (self.key, *self.within)]
        assignments = ", ".join(f"{name} = excluded.{name}" for name in [*changes, "search", "updated_at"])
        return f"""
            WITH words AS MATERIALIZED ({_SEARCH})
            INSERT INTO {self.name} AS t (id, created_at, updated_at, {", ".join(stored)}, search)
            SELECT r.id, now(), now(), {", ".join(f"r.{name}" for name in stored)}, r.search FROM {self._given}
            ON CONFLICT ({", ".join((self.key, *self.within))}) DO UPDATE SET {assignments}
        """  # noqa: S608

    @property
    def _compare(self) -> str:
        same = " AND ".join(f"t.{name} = r.{name}" for name in (self.key, *self.within))
        differ = " OR ".join(f"t.{name} IS DISTINCT FROM r.{name}" for name in self._stored)
        row = " || '/' || ".join(f"coalesce(t.{name}, r.{name})" for name in self.within)
        return f"""
            WITH words AS MATERIALIZED ({_SEARCH})
            SELECT coalesce(t.{self.key}, r.{self.key}), {row},
                CASE WHEN t.id IS NULL THEN 'missing' WHEN r.{self.key} IS NULL THEN 'extra' ELSE 'different' END
            FROM (SELECT * FROM {self.name} WHERE {self.key} = ANY(%(keys)s)) AS t
            FULL JOIN {self._given} ON {same}
            WHERE t.id IS NULL OR r.{self.key} IS NULL OR t.search IS DISTINCT FROM r.search OR {differ}
            ORDER BY 1, 2
        """  # noqa: S608


def _given(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Write rows, and apart from them the texts that search reads, as JSON."""
    texts: dict[tuple[str, ...], int] = {}
    given = []
    for row in rows:
        words = tuple(row[name] for name in WORDS)
        number = texts.setdefault(words, len(texts))
        given.append({**row, **dict.fromkeys(WORDS), "id": new_id(), "text": number})
    told = [{"text": number, **dict(zip(WORDS, words, strict=True))} for words, number in texts.items()]
    return {"rows": orjson.dumps(given).decode(), "texts": orjson.dumps(told).decode()}


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
