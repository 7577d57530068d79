"""Copying a schema: tables, rows, constraints, indexes, functions and triggers, every one under its own name.

PostgreSQL writes definitions without a schema for whatever the search path shows. So they are read with the search path
on the source, and run with it on the copy: names stay the same, and a later migration finds them in every tenant.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction
from django_tenants.utils import quote_schema_name

__all__ = ["clone_schema"]

_TABLES = """
SELECT c.oid, quote_ident(c.relname) FROM pg_class c
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' ORDER BY c.relname
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
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        (before,) = cursor.fetchone()
        _look_at(cursor, source)
        statements = list(_statements(cursor, source))
        cursor.execute(f"CREATE SCHEMA {quote_schema_name(target)}")
        _look_at(cursor, target)
        cursor.execute(";\n".join(statements), None)
        cursor.execute("SELECT set_config('search_path', %s, true)", [before])


def _look_at(cursor: object, schema: str) -> None:
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT set_config('search_path', %s, true)", [f"{quote_schema_name(schema)}, public"]
    )


def _statements(cursor: object, source: str) -> Iterator[str]:
    """Write what makes the copy, in an order that works."""
    schema = quote_schema_name(source)

    def read(query: str, *params: str) -> list[tuple[str, ...]]:
        cursor.execute(query, list(params))  # type: ignore[attr-defined]
        rows: list[tuple[str, ...]] = cursor.fetchall()  # type: ignore[attr-defined]
        return rows

    tables = [name for _, name in read(_TABLES, schema)]
    for table in tables:
        kept = "INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY INCLUDING STORAGE INCLUDING COMMENTS"
        yield f"CREATE TABLE {table} (LIKE {schema}.{table} {kept})"
    for (definition,) in read(_FUNCTIONS, source, schema):
        yield definition
    for table in tables:
        yield f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {schema}.{table}"  # noqa: S608 (quoted by quote_ident)
    for table, name, definition in read(_CONSTRAINTS, schema):
        if "FOREIGN KEY" not in definition:
            yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
    for (definition,) in read(_INDEXES, schema):
        yield definition
    for table, name, definition in read(_CONSTRAINTS, schema):
        if "FOREIGN KEY" in definition:
            yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
    for (definition,) in read(_TRIGGERS, schema):
        yield definition
    for table, column, last in read(_COUNTERS, source, schema):
        yield f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), {last})"
