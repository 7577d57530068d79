"""PostgreSQL schemas: the template at the newest migration, clones of it, and migrating those that lag."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_tenants.utils import quote_schema_name, schema_context, schema_exists

from apps.tenant.cloning import clone_schema
from rustok.kernel.schemas import schema_steps
from rustok.kernel.tenancy import current_schema

__all__ = [
    "TEMPLATE",
    "advisory_lock",
    "applied_migrations",
    "bring_up_to_date",
    "clone_template",
    "drop_schema",
    "drop_some_tables",
    "exists",
    "fingerprint",
    "migrate_public",
    "migrate_schema",
    "tables_of",
    "transaction_lock",
]

TEMPLATE = settings.TENANT_BASE_SCHEMA
#: Key of the advisory lock under which schemas are made: "rustok" in ASCII.
_LOCK = 0x727573746F6B

_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""


@contextmanager
def advisory_lock() -> Iterator[None]:
    """Let one process at a time change schemas."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def transaction_lock() -> None:
    """Take the same lock until the running transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@contextmanager
def schema_lock(schema: str) -> Iterator[None]:
    """Let one process at a time migrate one schema."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [_LOCK >> 24, schema])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [_LOCK >> 24, schema])


@cache
def tenant_migrations() -> tuple[str, ...]:
    """List the migrations that a tenant's schema is to have, as "app.name"."""
    labels = {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return tuple(sorted(f"{app}.{name}" for app, name in loader.disk_migrations if app in labels))


def fingerprint() -> str:
    """Answer a hash over the names of all migrations that a tenant's schema has, and over the steps after them."""
    steps = (step.fingerprint() for step in schema_steps())
    return hashlib.sha256("\n".join([*tenant_migrations(), *steps]).encode()).hexdigest()


def applied_migrations(schema: str) -> set[str]:
    """List what a schema has of the migrations that it is to have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"{quote_schema_name(schema)}.django_migrations"])
        if cursor.fetchone()[0] is None:
            return set()
        cursor.execute(f"SELECT app || '.' || name FROM {quote_schema_name(schema)}.django_migrations")  # noqa: S608
        return {name for (name,) in cursor.fetchall()} & set(tenant_migrations())


def bring_up_to_date(schema: str) -> None:
    """Bring a schema that exists to the newest migration; one that has them all costs two queries.

    :raises LookupError: if there is no such schema
    """
    with schema_lock(schema):
        if not exists(schema):
            raise LookupError(f"there is no schema {schema}")
        if applied_migrations(schema) != set(tenant_migrations()) or not _steps_are_done(schema):
            migrate_schema(schema)


def migrate_public() -> None:
    """Bring the shared tables to the newest migration."""
    with schema_context("public"):
        _migrate()


def migrate_schema(schema: str) -> None:
    """Bring one schema to the newest migration, creating it if it does not exist."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {quote_schema_name(schema)}")
    with schema_context(schema):
        _migrate()


def _migrate() -> None:
    call_command(MigrateCommand(), interactive=False, verbosity=0, skip_checks=True)
    for step in schema_steps():
        step.apply(current_schema())


def _steps_are_done(schema: str) -> bool:
    return all(step.is_done(schema) for step in schema_steps())


def public_is_behind() -> bool:
    """Tell whether a shared table lacks a migration."""
    labels = {config.label for config in apps.get_app_configs() if config.name in settings.SHARED_APPS}
    with schema_context("public"):
        loader = MigrationLoader(connection, ignore_no_migrations=True)
        return not _steps_are_done("public") or any(
            key[0] in labels and key not in loader.applied_migrations for key in loader.disk_migrations
        )


def template_fingerprint() -> str:
    """Answer the fingerprint that the template was last brought to; empty for none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regnamespace(%s), 'pg_namespace')", [TEMPLATE])
        row = cursor.fetchone()
    return str(row[0] or "") if row else ""


def template_is_behind() -> bool:
    """Tell whether the template lacks a migration, or something that steps put there after them."""
    return template_fingerprint() != fingerprint() or not _steps_are_done(TEMPLATE)


def note_template(newest: str) -> None:
    """Remember the template's fingerprint beside it, as the schema's comment."""
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON SCHEMA {quote_schema_name(TEMPLATE)} IS '{newest}'")


def clone_template(schema: str) -> None:
    """Make a schema as a copy of the template: its tables, rows, constraints and triggers."""
    clone_schema(TEMPLATE, schema)


def drop_schema(schema: str) -> None:
    """Drop a schema and all that is in it."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {quote_schema_name(schema)} CASCADE")


def tables_of(schema: str) -> list[str]:
    """List the tables of a schema by name."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [schema])
        return [name for (name,) in cursor.fetchall()]


def drop_some_tables(schema: str, most: int) -> int:
    """Drop some tables of a schema; answer how many are left.

    A transaction that drops all at once needs a lock for each table, index and sequence: more than the server has.
    """
    tables = tables_of(schema)
    if tables:
        names = ", ".join(f"{quote_schema_name(schema)}.{quote_schema_name(table)}" for table in tables[:most])
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {names} CASCADE")
    return max(0, len(tables) - most)


def exists(schema: str) -> bool:
    """Tell whether there is such a schema."""
    found: bool = schema_exists(schema)
    return found
