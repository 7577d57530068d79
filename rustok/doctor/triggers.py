"""The triggers that promises stand on: those that migrations make, and those that are installed after them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL, SeparateDatabaseAndState

from apps.tenant.schemas import TEMPLATE
from rustok.doctor.database import rows
from rustok.doctor.findings import Finding, bad, check, ok
from rustok.kernel.schemas import schema_steps
from rustok.kernel.tenancy import PUBLIC

__all__ = ["Trigger", "declared"]

#: Triggers that one line names.
NAMED = 5
_SAID = re.compile(
    r"(?P<verb>CREATE|DROP)\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?TRIGGER\s+(?:IF\s+EXISTS\s+)?(?P<name>\w+)\s"
    r"[^;]*?\bON\s+(?:ONLY\s+)?(?:public\.)?\"?(?P<table>\w+)",
    re.IGNORECASE,
)
_FOUND = """
SELECT n.nspname, c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', %s) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
"""


class Trigger(NamedTuple):
    """A trigger that a migration makes."""

    schema: str
    table: str
    name: str


def declared() -> set[Trigger]:
    """Read in the migrations which triggers there are once all have run, in `public` and in the template."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    found: set[Trigger] = set()
    homes = _homes()
    for key in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
        for text in _sql_of(loader.graph.nodes[key].operations):
            for said in _SAID.finditer(text):
                trigger = Trigger(homes.get(key[0], PUBLIC), said["table"], said["name"])
                (found.add if said["verb"].upper() == "CREATE" else found.discard)(trigger)
    return found


def _homes() -> dict[str, str]:
    shared = set(settings.SHARED_APPS)
    return {config.label: PUBLIC if config.name in shared else TEMPLATE for config in apps.get_app_configs()}


def _sql_of(operations: Iterable[Any]) -> Iterator[str]:
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from _sql_of(operation.database_operations)
        elif isinstance(operation, RunSQL):
            statements = [operation.sql] if isinstance(operation.sql, str) else operation.sql
            yield from (one if isinstance(one, str) else one[0] for one in statements)


@check("triggers")
def triggers() -> Iterator[Finding]:
    """See that the triggers are there, and on, that the platform's promises stand on; `shapes` compares the tenants."""
    wanted = declared()
    missing = sorted(wanted - {Trigger(*row) for row in rows(_FOUND, [TEMPLATE])})
    if missing:
        names = ", ".join(".".join(one) for one in missing[:NAMED])
        yield bad(
            f"triggers missing or off: {names}", "ALTER TABLE … ENABLE TRIGGER …, or create it as its migration does"
        )
    steps = [(step, schema) for step in schema_steps() for schema in (PUBLIC, TEMPLATE) if not step.is_done(schema)]
    if steps:
        names = ", ".join(f"{type(step).__name__} in {schema}" for step, schema in steps)
        yield bad(f"not as the code declares it: {names}", "run `manage.py setup`")
    if not missing and not steps:
        yield ok(f"{len(wanted)} triggers of migrations are on, and {len(schema_steps())} steps after them are done")
