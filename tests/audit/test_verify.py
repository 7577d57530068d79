"""`manage.py audit verify` and the doctor find a log that lets itself be changed, and tables that nobody watches."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.audit.models import AuditEntry
from apps.audit.triggers import accepted_changes, logs
from rustok.doctor import Level, examine

pytestmark = pytest.mark.django_db


def verify(**options):
    said = io.StringIO()
    try:
        call_command("audit", "verify", stdout=said, stderr=said, **options)
    except CommandError as error:
        said.write(f"refused: {error}")
    return said.getvalue()


def levels():
    return [(one.level, one.text) for one in examine(only="audit")]


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_every_log_is_tried_and_nothing_of_the_try_stays(acme):
    before = AuditEntry.objects.count()
    assert {"_template", "acme", "globex", "platform"} <= set(logs())
    assert {schema: accepted_changes(schema) for schema in logs()} == {schema: [] for schema in logs()}
    assert AuditEntry.objects.count() == before
    assert "append-only" in verify()
    assert [level for level, _text in levels()] == [Level.OK]


def test_a_guard_that_lets_changes_through_is_found(acme):
    run("CREATE OR REPLACE FUNCTION acme.audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$")  # fmt: skip
    assert accepted_changes("acme") == ["UPDATE", "DELETE"]
    assert "acme: the log let UPDATE and DELETE through" in verify()
    assert (Level.BAD, "acme: the audit log let UPDATE and DELETE through") in levels()


def test_a_table_whose_trigger_is_off_is_found(acme):
    run("ALTER TABLE globex.product_product DISABLE TRIGGER audit_capture")
    assert "globex: no audit trigger on product_product" in verify()
    assert (Level.BAD, "globex: changes are not kept of product_product") in levels()


def test_one_tenant_alone_can_be_asked(acme):
    run("ALTER TABLE globex.product_product DISABLE TRIGGER audit_capture")
    assert "refused" not in verify(tenant="acme")
    assert "refused" in verify(tenant="globex")
