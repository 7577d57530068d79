"""Changes are written down, whoever makes them and however."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from apps.accounts.public import update_user
from apps.audit.models import AuditEntry
from apps.product import services
from apps.product.models import Product, ProductTranslation
from rustok.kernel.context import Work, bind
from rustok.kernel.ids import new_id
from tests.conftest import make_user
from tests.product.factories import NOW, ProductFactory

pytestmark = pytest.mark.django_db


def of(obj: Any, action: str = "row.update") -> list[AuditEntry]:
    """List the entries about an object."""
    return list(AuditEntry.objects.filter(object_id=str(obj.pk), action=action).order_by("id"))


def test_a_service_leaves_what_changed_and_who_did_it(manager: Any, actor: Any) -> None:
    product = ProductFactory()
    words = ProductTranslation.objects.get(product=product)
    with bind(
        Work("t" * 32, new_id(), actor_id=manager.pk, actor_label=manager.email, address="192.0.2.7", via="rest")
    ):
        services.update_product(
            actor=actor(manager), product_id=product.pk, now=NOW, translations={"en": {"title": "Kettle"}}
        )
    (entry,) = of(words)
    assert entry.before is not None
    assert entry.after is not None
    assert entry.before["title"].startswith("Product")
    assert entry.after["title"] == "Kettle"
    assert (entry.actor_kind, entry.actor_id, entry.actor_label) == ("user", manager.pk, manager.email)
    assert (entry.address, entry.via, entry.permission) == ("192.0.2.7", "rest", "products.update")
    assert (entry.object_type, entry.whole_id) == ("product.producttranslation", str(product.pk))


def test_a_new_row_leaves_all_that_it_holds_and_a_deleted_one_what_it_held(acme: Any) -> None:
    product = ProductFactory()
    (inserted,) = of(product, "row.insert")
    assert inserted.before is None
    assert inserted.after["handle"] == product.handle
    key = product.pk
    Product.objects.filter(pk=key).delete()
    deleted = AuditEntry.objects.get(object_id=str(key), action="row.delete")
    assert deleted.after is None
    assert deleted.before["handle"] == product.handle
    assert deleted.object_label == product.handle


def test_a_bulk_update_and_raw_sql_are_captured_as_well(acme: Any) -> None:
    first, second = ProductFactory(), ProductFactory()
    Product.objects.filter(pk__in=[first.pk, second.pk]).update(status="archived")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE product_product SET kind = 'digital' WHERE id = %s", [first.pk])
    assert [entry.after for entry in of(first)] == [{"status": "archived"}, {"kind": "digital"}]
    assert [entry.before for entry in of(second)] == [{"status": "draft"}]


def test_what_changes_nothing_leaves_nothing(acme: Any) -> None:
    product = ProductFactory()
    before = AuditEntry.objects.count()
    product.save()
    Product.objects.filter(pk=product.pk).update(version=99)
    assert AuditEntry.objects.count() == before


def test_what_is_taken_back_leaves_no_entry(acme: Any) -> None:
    product = ProductFactory()
    with pytest.raises(RuntimeError), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(status="archived")
        raise RuntimeError
    assert of(product) == []


def test_the_permission_of_a_step_that_was_taken_back_is_not_kept(acme: Any, system: Any) -> None:
    """A savepoint takes back what the database was told; what is written next tells it again."""
    product = ProductFactory()
    with bind(Work("a" * 32, new_id(), address="192.0.2.1", via="storefront")):
        with pytest.raises(RuntimeError), transaction.atomic():
            Product.objects.filter(pk=product.pk).update(status="archived")
            raise RuntimeError
        Product.objects.filter(pk=product.pk).update(status="archived")
    (entry,) = of(product)
    assert (entry.actor_kind, entry.address, entry.via) == ("anonymous", "192.0.2.1", "storefront")


def test_a_password_never_appears_only_that_it_changed(acme: Any) -> None:
    user = make_user("hidden@acme.test")
    user.set_password("a-whole-new-secret-4")
    user.save()
    (inserted,), (updated,) = of(user, "row.insert"), of(user)
    assert "password" not in inserted.after  # type: ignore[operator]
    assert updated.before == updated.after == {"password": "•••"}
    assert not AuditEntry.objects.filter(after__icontains="md5").exists()


def test_long_values_are_cut_with_length_and_hash(acme: Any) -> None:
    product = ProductFactory()
    ProductTranslation.objects.filter(product=product).update(description="word " * 5_000)
    entry = AuditEntry.objects.filter(whole_id=str(product.pk), action="row.update").get()
    text = entry.after["description"]  # type: ignore[index]
    assert len(text) < 300
    assert "25000 characters, sha256 " in text


def test_entries_of_one_transaction_stand_together(acme: Any) -> None:
    product = ProductFactory()
    assert len({entry.transaction for entry in AuditEntry.objects.filter(whole_id=str(product.pk))}) == 1


def test_the_platform_says_why_it_changes_something(acme: Any, system: Any) -> None:
    user = make_user("reason@acme.test")
    with transaction.atomic():
        update_user(actor=system, user_id=user.pk, now=NOW, email=user.email, name="Changed")
    (entry,) = of(user)
    assert (entry.actor_kind, entry.actor_label, entry.permission) == ("system", "tests", "users.update")


def test_the_log_of_another_tenant_is_untouched(acme: Any, globex: Any) -> None:
    from apps.tenant.public import use_tenant

    with use_tenant(globex):
        before = AuditEntry.objects.count()
    ProductFactory()
    with use_tenant(globex):
        assert AuditEntry.objects.count() == before


def test_changes_of_tenants_stand_in_the_platforms_log(db: None) -> None:
    from apps.tenant.public import find, use_tenant

    tenant = find("acme")
    type(tenant).objects.filter(pk=tenant.pk).update(name="Acme Indoor")  # type: ignore[union-attr,misc]
    with use_tenant(find("platform")):
        entry = AuditEntry.objects.filter(object_id=str(tenant.pk)).latest("id")  # type: ignore[union-attr]
    assert (entry.object_type, entry.before, entry.after) == (
        "tenant.tenant", {"name": "Acme Outdoor"}, {"name": "Acme Indoor"},
    )  # fmt: skip


def test_a_stamp_with_quotes_and_percents_is_only_words(acme: Any) -> None:
    product = ProductFactory()
    label = "o'hara%s\"; DROP TABLE x; --@acme.test"
    with bind(Work("b" * 32, new_id(), actor_id=new_id(), actor_label=label)):
        Product.objects.filter(pk=product.pk).update(status="archived")
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE product_product SET kind = 'digital' WHERE id = '{product.pk}'")
    assert [entry.actor_label for entry in of(product)] == [label, label]


def test_what_returns_rows_still_answers_them(acme: Any) -> None:
    """The stamp goes before the statement in one message; its own answer is skipped."""
    with bind(Work("c" * 32, new_id(), address="192.0.2.9")), connection.cursor() as cursor:
        cursor.execute("WITH one AS (SELECT 1 AS n) SELECT n FROM one")
        assert cursor.fetchall() == [(1,)]
        product = ProductFactory()
        cursor.execute("UPDATE product_product SET kind = 'digital' WHERE id = %s RETURNING handle", [product.pk])
        assert (cursor.rowcount, cursor.fetchall()) == (1, [(product.handle,)])
        cursor.executemany("UPDATE product_product SET kind = %s WHERE id = %s", [("physical", product.pk)])
    assert {entry.address for entry in of(product)} == {"192.0.2.9"}
