"""The audit log: every change is kept, and nobody changes what is kept."""

from __future__ import annotations

from collections.abc import Iterator

from apps.audit.triggers import accepted_changes, logs, missing_triggers
from rustok.doctor.findings import Finding, bad, check, ok
from rustok.kernel.tenancy import PUBLIC

__all__ = ["audit_log"]

#: Schemas that one line names.
NAMED = 5


@check("audit", slow=True)
def audit_log() -> Iterator[Finding]:
    """See that all audited tables have their trigger, and try whether a log lets itself be changed."""
    schemas = logs()
    missing = {schema: tables for schema in [PUBLIC, *schemas] if (tables := missing_triggers(schema))}
    for schema, tables in list(missing.items())[:NAMED]:
        yield bad(f"{schema}: changes are not kept of {', '.join(tables[:NAMED])}", "run `manage.py setup`")
    changed = {schema: changes for schema in schemas if (changes := accepted_changes(schema))}
    for schema, changes in list(changed.items())[:NAMED]:
        yield bad(f"{schema}: the audit log let {' and '.join(changes)} through", "run `manage.py setup`")
    if not missing and not changed:
        yield ok(f"{len(schemas)} audit logs keep every change, and refuse to be changed")
