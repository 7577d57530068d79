"""PostgreSQL schemas: the template at the newest migration, clones of it, and migrating those that lag."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_tenants.utils import quote_schema_name, schema_context, schema_exists

from apps.tenant.cloning import clone_schema

__all__ = [
    "TEMPLATE",
    "advisory_lock",
    "clone_template",
    "drop_schema",
    "fingerprint",
    "migrate_public",
    "migrate_schema",
    "transaction_lock",
]

TEMPLATE = settings.TENANT_BASE_SCHEMA
#: Key of the advisory lock under which schemas are made: "rustok" in ASCII.
_LOCK = 0x727573746F6B


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


def fingerprint() -> str:
    """Answer a hash over the names of all migrations that a tenant's schema has."""
    labels = {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}
    loader = MigrationLoader(None, ignore_no_migrations=True)
    names = sorted(f"{app}.{name}" for app, name in loader.disk_migrations if app in labels)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


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


def public_is_behind() -> bool:
    """Tell whether a shared table lacks a migration."""
    labels = {config.label for config in apps.get_app_configs() if config.name in settings.SHARED_APPS}
    with schema_context("public"):
        loader = MigrationLoader(connection, ignore_no_migrations=True)
        return any(key[0] in labels and key not in loader.applied_migrations for key in loader.disk_migrations)


def template_fingerprint() -> str:
    """Answer the fingerprint that the template was last brought to; empty for none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regnamespace(%s), 'pg_namespace')", [TEMPLATE])
        row = cursor.fetchone()
    return str(row[0] or "") if row else ""


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


def exists(schema: str) -> bool:
    """Tell whether there is such a schema."""
    found: bool = schema_exists(schema)
    return found
