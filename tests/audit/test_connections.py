"""On real connections that really commit: nobody is taken for the one before, and nothing is left behind."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from apps.audit.models import AuditEntry
from apps.product.models import Product
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.audit import record
from rustok.kernel.context import Work, bind, new_trace_id
from rustok.kernel.ids import new_id
from tests.product.factories import ProductFactory


def acme() -> Any:
    """Answer the tenant."""
    from apps.tenant.public import find

    return find("acme")


def use_tenant(tenant: Any) -> Any:
    """Enter it."""
    from apps.tenant.public import use_tenant as enter

    return enter(tenant)


def work(actor: UUID | None, address: str = "192.0.2.1") -> Any:
    """Bind what a request of somebody binds."""
    return bind(Work(new_trace_id(), new_id(), actor_id=actor, address=address, via="rest"))


def who_changed(product: Any) -> list[tuple[str, UUID | None]]:
    """List who changed a product, in order."""
    rows = AuditEntry.objects.filter(object_id=str(product.pk), action="row.update").order_by("id")
    return list(rows.values_list("actor_kind", "actor_id"))


def test_a_connection_carries_nobody_over(committed_db: str) -> None:
    """One connection, one after the other: with and without a transaction, after a commit, a rollback, a cancel."""
    with use_tenant(acme()):
        product = ProductFactory()
        rows = Product.objects.filter(pk=product.pk)
        first, second, third = new_id(), new_id(), new_id()
        with work(first):
            rows.update(status="archived")
        with work(None):
            rows.update(status="draft")
        with work(second), transaction.atomic():
            rows.update(status="archived")
        rows.update(status="draft")
        try:
            with work(first), transaction.atomic(), connection.cursor() as cursor:
                rows.update(status="archived")
                cursor.execute("SET LOCAL statement_timeout = 20; SELECT pg_sleep(1)")
        except DatabaseError:
            pass
        with work(third):
            rows.update(kind="digital")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('rustok.work', true)")
            assert not cursor.fetchone()[0]
        kinds = [(kind, actor) for kind, actor in who_changed(product)]
    assert kinds == [
        ("user", first), ("anonymous", None), ("user", second), ("system", None), ("user", third),
    ]  # fmt: skip


def test_threads_at_once_are_never_taken_for_each_other(committed_db: str) -> None:
    with use_tenant(acme()):
        products = ProductFactory.create_batch(8)
    actors = [new_id() for _ in products]
    failures: list[BaseException] = []

    def change(product: Any, actor: UUID) -> None:
        try:
            with use_tenant(acme()):
                for turn in range(15):
                    with work(actor), transaction.atomic():
                        Product.objects.filter(pk=product.pk).update(status="archived" if turn % 2 else "draft")
                    Product.objects.filter(pk=product.pk).update(kind="digital" if turn % 2 else "physical")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=pair) for pair in zip(products, actors, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with use_tenant(acme()):
        for product, actor in zip(products, actors, strict=True):
            assert set(who_changed(product)) == {("user", actor), ("system", None)}


def test_a_refusal_that_rolls_back_leaves_its_entry(committed_db: str) -> None:
    with use_tenant(acme()):
        product = ProductFactory()
        try:
            with work(None, "192.0.2.77"), transaction.atomic():
                Product.objects.filter(pk=product.pk).update(status="archived")
                record("login.failed", actor=ANONYMOUS, label="somebody@acme.test")
                raise LookupError
        except LookupError:
            pass
        entry = AuditEntry.objects.get(action="login.failed")
        assert entry.address == "192.0.2.77"
        assert who_changed(product) == []


def test_a_refusal_on_a_connection_that_dies_is_written_on_the_next(committed_db: str) -> None:
    with use_tenant(acme()):
        try:
            with work(None), transaction.atomic():
                record("token.refused", actor=ANONYMOUS)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        except DatabaseError:
            pass
        assert AuditEntry.objects.filter(action="token.refused").count() == 1
