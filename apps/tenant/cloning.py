"""Copying a schema: tables, rows, constraints, indexes, functions and triggers, every one under its own name.

PostgreSQL writes definitions without a schema for whatever the search path shows. So they are read with the search path
on the source, and run with it on the copy: names stay the same, and a later migration finds them in every tenant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction
from django_tenants.utils import quote_schema_name

__all__ = ["clone_schema", "columns_of", "counters_of", "dress_tables", "make_tables"]

_TABLES = """
SELECT c.oid, quote_ident(c.relname) FROM pg_class c
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' ORDER BY c.relname
"""
_COLUMNS = """
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY c.relname, a.attnum
"""
_FUNCTIONS = """
SELECT replace(pg_get_functiondef(p.oid), quote_ident(%s) || '.', '') FROM pg_proc p
WHERE p.pronamespace = %s::regnamespace AND p.prokind IN ('f', 'p') ORDER BY p.proname
"""
#: Indexes that do not belong to a constraint.
_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid, 0, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r'
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY i.indexrelid
"""
#: Foreign keys last: they need the keys that they point at.
_CONSTRAINTS = """
SELECT quote_ident(c.relname), quote_ident(k.conname), pg_get_constraintdef(k.oid, true)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = %s::regnamespace AND k.contype IN ('p', 'u', 'x', 'c', 'f')
ORDER BY k.contype = 'f', c.relname, k.conname
"""
_TRIGGERS = """
SELECT pg_get_triggerdef(t.oid, true) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = %s::regnamespace AND NOT t.tgisinternal ORDER BY t.tgname
"""
#: Identity columns and how far their sequences have counted.
_COUNTERS = """
SELECT quote_ident(c.relname), a.attname, s.last_value
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
JOIN pg_sequences s ON s.schemaname = %s AND format('%%I.%%I', s.schemaname, s.sequencename)
    = pg_get_serial_sequence(format('%%I.%%I', s.schemaname, c.relname), a.attname)
WHERE c.relnamespace = %s::regnamespace AND s.last_value IS NOT NULL
"""


@transaction.atomic
def clone_schema(source: str, target: str) -> None:
    """Create `target` as a copy of `source`; `target` must not exist."""
    make_tables(source, target)
    _in_the_copy(source, target, lambda cursor: [*_rows(cursor, source), *_dressing(cursor, source)])


@transaction.atomic
def make_tables(source: str, target: str) -> None:
    """Create `target` with the tables of `source`: no rows, constraints, indexes, functions or triggers yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {quote_schema_name(target)}")
    _in_the_copy(source, target, lambda cursor: list(_bare(cursor, source)))


@transaction.atomic
def dress_tables(source: str, target: str) -> None:
    """Give tables that `make_tables` made what `source` has around its own; the rows are checked by it."""
    _in_the_copy(source, target, lambda cursor: list(_dressing(cursor, source)))


def columns_of(schema: str) -> dict[str, list[str]]:
    """List the columns that can be written of each table, unquoted, by name of the table."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [schema])
        for table, column in cursor.fetchall():
            found.setdefault(table, []).append(column)
    return found


def counters_of(cursor: Any, schema: str) -> list[tuple[str, str, int]]:
    """List table (quoted), column and last value of each identity column that has counted."""
    cursor.execute(_COUNTERS, [schema, quote_schema_name(schema)])
    return [(table, column, last) for table, column, last in cursor.fetchall()]


def _in_the_copy(source: str, target: str, write: Callable[[Any], list[str]]) -> None:
    """Read definitions with the search path on the source, and run them with it on the copy."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        (before,) = cursor.fetchone()
        _look_at(cursor, source)
        statements = write(cursor)
        _look_at(cursor, target)
        cursor.execute(";\n".join(statements), None)
        cursor.execute("SELECT set_config('search_path', %s, true)", [before])


def _look_at(cursor: Any, schema: str) -> None:
    cursor.execute("SELECT set_config('search_path', %s, true)", [f"{quote_schema_name(schema)}, public"])


def _read(cursor: Any, query: str, *params: str) -> list[tuple[str, ...]]:
    cursor.execute(query, list(params))
    rows: list[tuple[str, ...]] = cursor.fetchall()
    return rows


def _bare(cursor: Any, source: str) -> Iterator[str]:
    """Write what makes the tables."""
    schema = quote_schema_name(source)
    kept = "INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY INCLUDING STORAGE INCLUDING COMMENTS"
    for _, table in _read(cursor, _TABLES, schema):
        yield f"CREATE TABLE {table} (LIKE {schema}.{table} {kept})"


def _rows(cursor: Any, source: str) -> Iterator[str]:
    """Write what copies the rows."""
    schema = quote_schema_name(source)
    for _, table in _read(cursor, _TABLES, schema):
        yield f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {schema}.{table}"  # noqa: S608 (quoted by quote_ident)


def _dressing(cursor: Any, source: str) -> Iterator[str]:
    """Write what goes around the tables, in an order that works."""
    schema = quote_schema_name(source)
    for (definition,) in _read(cursor, _FUNCTIONS, source, schema):
        yield definition
    constraints = _read(cursor, _CONSTRAINTS, schema)
    for table, name, definition in constraints:
        if "FOREIGN KEY" not in definition:
            yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
    for (definition,) in _read(cursor, _INDEXES, schema):
        yield definition
    for table, name, definition in constraints:
        if "FOREIGN KEY" in definition:
            yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
    for (definition,) in _read(cursor, _TRIGGERS, schema):
        yield definition
    for table, column, last in counters_of(cursor, source):
        yield f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), {last})"
