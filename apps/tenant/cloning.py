"""Copying a schema: tables, rows, constraints, indexes, functions and triggers, every one under its own name.

PostgreSQL writes definitions without a schema for whatever the search path shows. So they are read with the search path
on the source, and run with it on the copy: names stay the same, and a later migration finds them in every tenant.

What a copy costs is catalogue work: a table that is made with its keys and checks costs half of one that gets them
later. So a clone is one script, sent as one message, and written anew only when the source's catalogue has changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

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
#: Indexes that do not belong to a constraint; table by table, because each lets the server forget what it knew of it.
_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid, 0, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r'
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname, i.indexrelid
"""
_CONSTRAINTS = """
SELECT quote_ident(c.relname), k.contype = 'f',
    format('CONSTRAINT %%I %%s', k.conname, pg_get_constraintdef(k.oid, true))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = %s::regnamespace AND k.contype IN ('p', 'u', 'x', 'c', 'f')
ORDER BY c.relname, k.conname
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


#: Changes with everything in a schema that a script tells of.
_STAMP = """
SELECT sum(hashtextextended(part, 0))::text FROM (
    SELECT c.oid || ' ' || c.xmin FROM pg_class c WHERE c.relnamespace = %(schema)s::regnamespace
    UNION ALL SELECT k.oid || ' ' || k.xmin FROM pg_constraint k WHERE k.connamespace = %(schema)s::regnamespace
    UNION ALL SELECT p.oid || ' ' || p.xmin FROM pg_proc p WHERE p.pronamespace = %(schema)s::regnamespace
    UNION ALL SELECT t.oid || ' ' || t.xmin FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = %(schema)s::regnamespace AND NOT t.tgisinternal
) AS parts (part)
"""


class Script(NamedTuple):
    """What makes a copy of a schema, and the state of the catalogue that it was written from."""

    stamp: str
    text: str


_scripts: dict[str, Script] = {}


@transaction.atomic
def clone_schema(source: str, target: str) -> None:
    """Create `target` as a copy of `source`; `target` must not exist."""
    copy, before = quote_schema_name(target), "current_setting('rustok.path_before')"
    script = _script(source)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE SCHEMA {copy}; SELECT set_config('rustok.path_before', current_setting('search_path'), true);"
            f" SET LOCAL search_path = {copy}, public; SET LOCAL check_function_bodies = off;"
            f"{script};\nRESET check_function_bodies; SELECT set_config('search_path', {before}, true)",
            None,
        )


def _script(source: str) -> str:
    """Answer the statements that fill a copy, remembered as long as the source's catalogue stays as it was."""
    with connection.cursor() as cursor:
        cursor.execute(_STAMP, {"schema": quote_schema_name(source)})
        stamp, known = cursor.fetchone()[0], _scripts.get(source)
    if known is None or known.stamp != stamp:
        known = _scripts[source] = Script(stamp, ";\n".join(_definition(source)))
    return known.text


@transaction.atomic
def make_tables(source: str, target: str) -> None:
    """Create `target` with the tables of `source`: no rows, constraints, indexes, functions or triggers yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {quote_schema_name(target)}")
    _in_the_copy(source, target, lambda cursor: list(_tables(cursor, source, {})))


@transaction.atomic
def dress_tables(source: str, target: str) -> None:
    """Give tables that `make_tables` made what `source` has around its own; the rows are checked by it."""
    _in_the_copy(source, target, lambda cursor: [*_dressing(cursor, source), *_counters(cursor, source)])


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


def _definition(source: str) -> list[str]:
    """Read what makes a copy: everything, in an order that works."""
    with _looking_at(source) as cursor:
        keys, links = _constraints(cursor, source)
        return [
            *_functions(cursor, source), *_tables(cursor, source, keys), *_rows(cursor, source),
            *_indexes(cursor, source), *_added(links), *_triggers(cursor, source), *_counters(cursor, source),
        ]  # fmt: skip


def _dressing(cursor: Any, source: str) -> Iterator[str]:
    """Write what goes around tables that are there; foreign keys last, for they need the keys that they point at."""
    keys, links = _constraints(cursor, source)
    yield from _functions(cursor, source)
    yield from _added(keys)
    yield from _indexes(cursor, source)
    yield from _added(links)
    yield from _triggers(cursor, source)


def _in_the_copy(source: str, target: str, write: Callable[[Any], list[str]]) -> None:
    """Read definitions with the search path on the source, and run them with it on the copy."""
    with _looking_at(source) as cursor:
        statements = write(cursor)
        _look_at(cursor, target)
        cursor.execute(";\n".join(statements), None)


@contextmanager
def _looking_at(schema: str) -> Iterator[Any]:
    """Have the search path on a schema meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        (before,) = cursor.fetchone()
        _look_at(cursor, schema)
        yield cursor
        cursor.execute("SELECT set_config('search_path', %s, true)", [before])


def _look_at(cursor: Any, schema: str) -> None:
    cursor.execute("SELECT set_config('search_path', %s, true)", [f"{quote_schema_name(schema)}, public"])


def _read(cursor: Any, query: str, *params: str) -> list[tuple[Any, ...]]:
    cursor.execute(query, list(params))
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _tables(cursor: Any, source: str, constraints: dict[str, list[str]]) -> Iterator[str]:
    """Write what makes the tables, with constraints of their own."""
    schema = quote_schema_name(source)
    kept = "INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY INCLUDING STORAGE INCLUDING COMMENTS"
    for _, table in _read(cursor, _TABLES, schema):
        yield f"CREATE TABLE {table} ({', '.join([f'LIKE {schema}.{table} {kept}', *constraints.get(table, ())])})"


def _rows(cursor: Any, source: str) -> Iterator[str]:
    """Write what copies the rows."""
    schema = quote_schema_name(source)
    for _, table in _read(cursor, _TABLES, schema):
        yield f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {schema}.{table}"  # noqa: S608 (quoted by quote_ident)


def _constraints(cursor: Any, source: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Read the constraints of each table: keys and checks, and those that point at other tables."""
    keys, links = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for table, is_link, definition in _read(cursor, _CONSTRAINTS, quote_schema_name(source)):
        (links if is_link else keys)[table].append(definition)
    return keys, links


def _added(constraints: dict[str, list[str]]) -> Iterator[str]:
    """Write what adds constraints, one statement a table."""
    for table, definitions in constraints.items():
        yield f"ALTER TABLE {table} {', '.join(f'ADD {definition}' for definition in definitions)}"


def _functions(cursor: Any, source: str) -> list[str]:
    return [definition for (definition,) in _read(cursor, _FUNCTIONS, source, quote_schema_name(source))]


def _indexes(cursor: Any, source: str) -> list[str]:
    return [definition for (definition,) in _read(cursor, _INDEXES, quote_schema_name(source))]


def _triggers(cursor: Any, source: str) -> list[str]:
    return [definition for (definition,) in _read(cursor, _TRIGGERS, quote_schema_name(source))]


def _counters(cursor: Any, source: str) -> Iterator[str]:
    """Write what lets identity columns count on from where the source's are."""
    schema = quote_schema_name(source)
    for table, column, _ in counters_of(cursor, source):
        there = f"pg_get_serial_sequence('{schema}.{table}', '{column}')::regclass"
        yield f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), pg_sequence_last_value({there}))"
