"""Tables where they belong: shared ones in `public`, tenants' in every tenant's schema, all at the newest migration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from django.apps import apps
from django.conf import settings

from apps.tenant.public import fingerprint
from apps.tenant.schemas import TEMPLATE, public_is_behind, template_fingerprint
from rustok.doctor.database import rows
from rustok.doctor.findings import Finding, bad, check, ok

#: Tables that both have: Django keeps its list of migrations beside the tables.
BOTH = {"django_migrations"}
#: Schemas that one line names.
NAMED = 5
MIGRATE = "run `manage.py setup`"

_MISPLACED = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND
    ((n.nspname = 'public' AND c.relname = ANY(%(tenants)s)) OR
     (n.nspname IN (SELECT schema_name FROM public.tenant_tenant UNION SELECT %(template)s)
      AND c.relname = ANY(%(shared)s)))
ORDER BY 1, 2
"""
_SERVED = "SELECT schema_name FROM public.tenant_tenant WHERE status IN ('active', 'suspended')"
# What stands in a schema, as one hash: tables with their columns, indexes, constraints, triggers that fire.
_SHAPES = """
WITH schemas AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname = %(template)s
        OR nspname IN (SELECT schema_name FROM public.tenant_tenant WHERE status IN ('active', 'suspended'))
), parts AS (
    SELECT c.relnamespace AS space, format('%%s.%%s %%s %%s', c.relname, a.attname, a.atttypid::regtype, a.attnotnull)
        AS part
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        AND c.relnamespace IN (SELECT oid FROM schemas)
    UNION ALL
    SELECT c.relnamespace, format('trigger %%s %%s %%s', c.relname, t.tgname, t.tgenabled)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND c.relnamespace IN (SELECT oid FROM schemas)
    UNION ALL
    SELECT k.connamespace, format('constraint %%s %%s', c.relname, k.conname)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype IN ('c', 'f', 'u', 'x') AND k.connamespace IN (SELECT oid FROM schemas)
)
SELECT nspname, md5(string_agg(part, chr(10) ORDER BY part COLLATE "C"))
FROM schemas LEFT JOIN parts ON space = oid GROUP BY nspname ORDER BY nspname
"""


def _tables(names: Iterable[str]) -> set[str]:
    wanted = set(names)
    return {
        model._meta.db_table
        for config in apps.get_app_configs()
        if config.name in wanted
        for model in config.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    rest = len(found) - NAMED
    return ", ".join(found[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


@check("apps")
def disjoint() -> Iterator[Finding]:
    """See that no app is shared and a tenant's at once: what a tenant lacks must fail, not fall through to `public`."""
    both: Set[str] = set(settings.SHARED_APPS) & set(settings.TENANT_APPS)
    if both:
        yield bad(f"{_some(both)}: shared and a tenant's at once", "put each into SHARED_APPS or TENANT_APPS alone")
    elif "django.contrib.contenttypes" not in settings.SHARED_APPS:
        yield bad("content types are not shared", "put django.contrib.contenttypes into SHARED_APPS alone")
    else:
        yield ok("no app is shared and a tenant's at once; content types are shared")


@check("tables")
def tables() -> Iterator[Finding]:
    """See that each table is where its app says."""
    shared, tenants = _tables(settings.SHARED_APPS), _tables(settings.TENANT_APPS)
    lists = {"shared": sorted(shared - BOTH), "tenants": sorted(tenants - BOTH), "template": TEMPLATE}
    with_names = rows(_MISPLACED, lists)
    if with_names:
        names = _some(f"{schema}.{table}" for schema, table in with_names)
        yield bad(f"tables where they do not belong: {names}", "move their rows, then drop them: queries may meet them")
    else:
        yield ok("shared tables are in public, tenants' tables in their schemas")


@check("migrations")
def migrations() -> Iterator[Finding]:
    """See that everything is at the newest migration."""
    newest, behind = fingerprint(), []
    if public_is_behind():
        behind.append("public")
    if template_fingerprint() != newest:
        behind.append("the template")
    found = rows(
        "SELECT slug FROM public.tenant_tenant WHERE migrated_to <> %s AND status IN ('active', 'suspended')"
        " ORDER BY slug",
        [newest],
    )
    behind += [slug for (slug,) in found]
    if behind:
        yield bad(f"{len(behind)} not at the newest migration: {', '.join(behind[:NAMED])}", MIGRATE)
    else:
        yield ok("public, the template and every tenant are at the newest migration")


@check("shapes", slow=True)
def shapes() -> Iterator[Finding]:
    """See that every tenant's schema is built like the template: columns, constraints and triggers."""
    found: dict[str, str] = dict(rows(_SHAPES, {"template": TEMPLATE}))
    wanted = found.pop(TEMPLATE, None)
    slugs = {schema for (schema,) in rows(_SERVED)}
    if wanted is None:
        yield bad("there is no template schema", MIGRATE)
    if missing := slugs - set(found):
        yield bad(f"tenants without a schema: {_some(missing)}", "restore them from a backup, or delete the tenants")
    if odd := {schema for schema, shape in found.items() if shape != wanted}:
        yield bad(f"built unlike the template: {_some(odd)}", "compare with `pg_dump --schema-only -n …`, then repair")
    if not missing and not odd and wanted:
        yield ok(f"{len(found)} tenants' schemas are built like the template")
