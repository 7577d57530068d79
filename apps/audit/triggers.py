"""What the database itself does for the log: it writes down changes, and refuses to change what is written.

Every schema has its own copy of the functions, so that a clone of the template is complete and no plan is made anew
for another tenant. They are installed after a schema's migrations, whenever a declaration or a function has changed.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from apps.audit.functions import CAPTURE, ERASE, KEEP, PRUNE
from apps.audit.models import AuditEntry
from rustok.kernel.audit import Audited, audited_models

__all__ = ["AuditTriggers", "accepted_changes", "logs", "missing_triggers"]

PUBLIC = "public"
#: Name of the trigger on a table whose changes are kept.
CAPTURES = "audit_capture"
_LOG = AuditEntry._meta.db_table

_FIND = """
SELECT c.relname, encode(t.tgargs, 'escape') FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_proc p ON p.oid = t.tgfoid AND p.pronamespace = c.relnamespace
WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND t.tgname = %s AND t.tgenabled = 'O'
"""
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(%s)) AND relkind = 'r'"
_GUARDS = """
SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND c.relname = %s
  AND t.tgname IN ('audit_keep', 'audit_keep_all') AND t.tgenabled = 'O'
"""


_LOGS = """
SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = %s AND c.relkind = 'r' ORDER BY 1
"""
_TRY = """
INSERT INTO {table} (id, at, action, permission, actor_kind, actor_label, address, via, trace_id, object_type,
    object_id, object_label, whole_type, whole_id)
VALUES (uuidv7(), now(), 'audit.tried', '', 'system', '', '', '', '', '', '', '', '', '') RETURNING id
"""


class Watched(NamedTuple):
    """A table whose changes are kept, and what its trigger is told."""

    table: str
    arguments: tuple[str, ...]


class AuditTriggers:
    """The step after a schema's migrations."""

    def fingerprint(self) -> str:
        """Answer a hash over the functions and the declarations."""
        return _fingerprint()

    @transaction.atomic
    def apply(self, schema: str) -> None:
        """Install functions and triggers, and drop the triggers of tables that are no longer watched."""
        wanted = _watched(schema)
        statements = [CAPTURE.replace("%template%", settings.TENANT_BASE_SCHEMA)]
        if schema != PUBLIC:
            statements += [KEEP, PRUNE, ERASE]
        found = _found(schema)
        gone = found.keys() - {one.table for one in wanted}
        statements += [f'DROP TRIGGER {CAPTURES} ON "{table}"' for table in gone]
        statements += [_trigger(one) for one in wanted if found.get(one.table) != one.arguments]
        with connection.cursor() as cursor:
            cursor.execute(";\n".join(statements), None)

    def is_done(self, schema: str) -> bool:
        """Tell whether all triggers are there, as declared."""
        return not missing_triggers(schema)


@cache
def _fingerprint() -> str:
    said = "\n".join([CAPTURE, KEEP, PRUNE, ERASE, *map(repr, [*_watched(PUBLIC), *_watched("")])])
    return hashlib.sha256(said.encode()).hexdigest()


def missing_triggers(schema: str) -> list[str]:
    """Name the tables of a schema that lack their trigger, or whose trigger is off or told something else."""
    found = _found(schema)
    missing = [one.table for one in _watched(schema) if found.get(one.table) != one.arguments]
    with connection.cursor() as cursor:
        cursor.execute(_GUARDS, [schema, _LOG])
        guarded = cursor.fetchone()[0] == 2
    return missing if guarded or schema == PUBLIC else [_LOG, *missing]


def logs() -> list[str]:
    """Name the schemas that have a log: the template's and every tenant's, in whatever state the tenant is."""
    with connection.cursor() as cursor:
        cursor.execute(_LOGS, [_LOG])
        return [schema for (schema,) in cursor.fetchall()]


def accepted_changes(schema: str) -> list[str]:
    """Try to change and to delete an entry of a schema's log; name what was not refused. Nothing of it stays."""
    accepted: list[str] = []
    with transaction.atomic(), connection.cursor() as cursor:
        table = f"{connection.ops.quote_name(schema)}.{_LOG}"
        cursor.execute(_TRY.format(table=table))
        key = cursor.fetchone()[0]
        for change in ("UPDATE {table} SET action = 'tried' WHERE id = %s", "DELETE FROM {table} WHERE id = %s"):
            try:
                with transaction.atomic():
                    cursor.execute(change.format(table=table), [key])
                    accepted.append(change.partition(" ")[0])
            except DatabaseError as refusal:
                if "append-only" not in str(refusal):
                    raise
        transaction.set_rollback(True)
    return accepted


def _found(schema: str) -> dict[str, tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [schema, CAPTURES])
        return {table: tuple(told.split("\\000")[:-1]) for table, told in cursor.fetchall()}


def _watched(schema: str) -> list[Watched]:
    """List what is to be watched in `public`, or in a tenant's schema."""
    shared = {name.rpartition(".")[2] for name in settings.SHARED_APPS}
    return [
        Watched(model._meta.db_table, _arguments(model, audited))
        for model, audited in audited_models()
        if (model._meta.app_label in shared) == (schema == PUBLIC)
    ]


def _arguments(model: type, audited: Audited) -> tuple[str, ...]:
    meta = model._meta  # type: ignore[attr-defined]
    whole = meta.get_field(audited.part_of) if audited.part_of else None
    return (
        meta.label_lower,
        str(meta.pk.column),
        whole.related_model._meta.label_lower if whole is not None else "",
        str(whole.column) if whole is not None else "",
        audited.label_of(model),
        _array(audited.columns(model, audited.hidden)),
        _array(audited.ignored_columns(model)),
        audited.inserts,
    )


def _array(names: list[str]) -> str:
    return "{" + ",".join(names) + "}"


def _trigger(one: Watched) -> str:
    arguments = ", ".join(f"'{argument}'" for argument in one.arguments)
    return (
        f'CREATE OR REPLACE TRIGGER {CAPTURES} AFTER INSERT OR UPDATE OR DELETE ON "{one.table}" '
        f"FOR EACH ROW EXECUTE FUNCTION {CAPTURES}({arguments})"
    )
