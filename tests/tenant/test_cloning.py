"""A tenant's schema is the template's, to the last name."""

import re

import pytest
from django.db import connection

from apps.rbac.models import Role
from apps.tenant.public import use_tenant
from apps.tenant.schemas import TEMPLATE

COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, replace(coalesce(column_default, ''), %s, ''), is_identity
FROM information_schema.columns WHERE table_schema = %s ORDER BY 1, ordinal_position
"""
CONSTRAINTS = """
SELECT c.relname, k.conname, k.contype, pg_get_constraintdef(k.oid, true) FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid WHERE c.relnamespace = quote_ident(%s)::regnamespace ORDER BY 1, 2
"""
INDEXES = """
SELECT tablename, indexname, replace(indexdef, quote_ident(%s) || '.', '') FROM pg_indexes WHERE schemaname = %s ORDER BY 1, 2
"""
TRIGGERS = """
SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid, true), n.nspname = %s FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE NOT t.tgisinternal AND c.relnamespace = quote_ident(%s)::regnamespace ORDER BY 1, 2
"""


#: PostgreSQL writes the casts of `IN (...)` in another way when it reads its own text again.
CASTS = re.compile(r"::(?:character varying|text|smallint|integer|bigint)|\[\]|[()]")


def look(schema: str, query: str, *params: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('search_path', quote_ident(%s) || ', public', true)", [schema])
        cursor.execute(query, params)
        rows = cursor.fetchall()
    return [tuple(CASTS.sub("", cell) if isinstance(cell, str) else cell for cell in row) for row in rows]


@pytest.mark.parametrize(
    "query", [COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS], ids=["columns", "constraints", "indexes", "triggers"]
)
def test_definitions_and_names_are_the_same(acme, query):
    def read(schema: str) -> list[tuple]:
        return look(schema, query, *([schema] * query.count("%s")))

    assert read("acme") == read(TEMPLATE)
    assert read("acme")


def test_a_new_tenant_can_write_where_the_database_counts(acme, system):
    from apps.tenant.public import create_tenant

    tenant = create_tenant(actor=system, slug="nile", name="Nile", domains=["nile.example"])
    with use_tenant(tenant):
        assert Role.objects.count() == 4
        from django.contrib.auth.models import Group, Permission

        assert Group.objects.create(name="one").pk
        assert Permission.objects.create(
            name="x", codename="x", content_type_id=Permission.objects.first().content_type_id
        )
