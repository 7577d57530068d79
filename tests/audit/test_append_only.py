"""The database refuses to change the log, and every audited table of every schema is watched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.audit import services
from apps.audit.models import AuditEntry
from apps.audit.selectors import first_id
from apps.audit.triggers import missing_triggers
from rustok.kernel.audit import audited_models
from tests.product.factories import ProductFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("statement", [
    "UPDATE audit_auditentry SET actor_label = 'somebody else'",
    "DELETE FROM audit_auditentry",
    "TRUNCATE audit_auditentry",
    "INSERT INTO audit_auditentry SELECT * FROM audit_auditentry "
    "ON CONFLICT (id) DO UPDATE SET actor_label = 'somebody else'",
    "DO $$ BEGIN DELETE FROM audit_auditentry; END $$",
])  # fmt: skip
def test_the_log_refuses(acme: Any, statement: str) -> None:
    ProductFactory()
    before = list(AuditEntry.objects.values_list("id", "actor_label").order_by("id"))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(AuditEntry.objects.values_list("id", "actor_label").order_by("id")) == before


def test_the_orm_is_refused_too(acme: Any) -> None:
    ProductFactory()
    entry = AuditEntry.objects.latest("id")
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.delete()


def test_old_entries_go_and_young_ones_stay(acme: Any) -> None:
    ProductFactory()
    long_ago = timezone.now() - timedelta(days=800)
    AuditEntry.objects.create(id=first_id(long_ago), at=long_ago, action="old", actor_kind="system")
    young = AuditEntry.objects.exclude(action="old").count()
    assert services.prune(days=730) == 1
    assert not AuditEntry.objects.filter(action="old").exists()
    assert AuditEntry.objects.exclude(action="audit.pruned").count() == young


def test_not_even_pruning_takes_what_is_young(acme: Any) -> None:
    with pytest.raises(DatabaseError, match="at least 30 days"), transaction.atomic():
        services.prune(days=29)


def test_every_audited_table_of_every_schema_has_its_trigger(db: None) -> None:
    from apps.tenant.public import find

    schemas = [
        "public",
        settings.TENANT_BASE_SCHEMA,
        *(find(slug).schema_name for slug in ("acme", "globex", "platform")),
    ]  # type: ignore[union-attr]
    assert {schema: missing_triggers(schema) for schema in schemas} == {schema: [] for schema in schemas}


def test_a_trigger_that_is_gone_or_off_is_found(acme: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_capture ON product_product")
        cursor.execute("ALTER TABLE product_variant DISABLE TRIGGER audit_capture")
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_keep")
    assert missing_triggers("acme") == ["audit_auditentry", "product_product", "product_variant"]


def test_what_nobody_changes_by_hand_is_not_kept() -> None:
    kept = {model._meta.label_lower for model, _audited in audited_models()}
    assert {"product.product", "accounts.user", "rbac.role", "order.order", "tenant.tenant"} <= kept
    assert not kept & {"cart.cart", "cart.cartline", "accounts.session", "inventory.reservation", "audit.auditentry"}
    assert not [label for label in kept if label.startswith(("index.", "outbox."))]


def test_whatever_holds_a_secret_hides_it() -> None:
    """A column that is called like a secret is hidden, or somebody thought about it."""
    words = ("password", "secret", "token", "digest", "hash")
    shown = [
        f"{model._meta.label}.{field.column}"
        for model, audited in audited_models()
        for field in model._meta.concrete_fields
        if any(word in field.column for word in words) and field.name not in audited.hidden
    ]
    assert shown == []
