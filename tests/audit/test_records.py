"""What leaves no row is written all the same: once, whatever becomes of the transaction, and never as a flood."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from apps.audit import recorder
from apps.audit.models import AuditEntry
from apps.product.models import Product
from rustok.kernel.access import ANONYMOUS, Actor
from rustok.kernel.audit import record
from rustok.kernel.context import Work, bind, new_trace_id
from rustok.kernel.ids import new_id
from tests.product.factories import ProductFactory

pytestmark = pytest.mark.django_db


def request_from(address: str) -> Any:
    """Bind what a request binds."""
    return bind(Work(new_trace_id(), new_id(), address=address, via="rest"))


def test_an_entry_stays_when_its_transaction_is_taken_back(acme: Any) -> None:
    product = ProductFactory()
    with request_from("192.0.2.30"), pytest.raises(RuntimeError), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(status="archived")
        record("login.failed", actor=ANONYMOUS, label="nobody@acme.test", reason="wrong_password")
        raise RuntimeError
    entry = AuditEntry.objects.get(action="login.failed", address="192.0.2.30")  # those of other tests stay, too
    assert (entry.actor_kind, entry.via) == ("anonymous", "rest")
    assert (entry.object_label, entry.after) == ("nobody@acme.test", {"reason": "wrong_password"})
    assert not AuditEntry.objects.filter(action="row.update").exists()


def test_an_entry_is_about_an_object(acme: Any, system: Any) -> None:
    product = ProductFactory()
    record("products.looked_at", actor=system, obj=product, count=3)
    entry = AuditEntry.objects.get(action="products.looked_at")
    assert (entry.object_type, entry.object_id) == ("product.product", str(product.pk))
    assert (entry.actor_kind, entry.actor_label, entry.after) == ("system", "tests", {"count": 3})


def test_in_public_there_is_no_log_to_write(db: None) -> None:
    record("login.failed", actor=ANONYMOUS)


def test_one_origin_fills_no_log(acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder.time, "time", lambda: 60_000_000.0)
    with request_from("192.0.2.31"):
        for _ in range(100):
            record("login.flooded", actor=ANONYMOUS)
    rows = list(AuditEntry.objects.filter(action="login.flooded").order_by("id"))
    assert len(rows) == recorder.PER_ORIGIN + 2
    assert [row.after for row in rows[-2:]] == [{"more": 19}, {"more": 39}]
    monkeypatch.setattr(recorder.time, "time", lambda: 60_000_060.0)
    with request_from("192.0.2.31"):
        record("login.flooded", actor=ANONYMOUS)
    assert AuditEntry.objects.filter(action="login.flooded").latest("id").after == {"more": 20}


def test_many_origins_fill_no_log_either(acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder.time, "time", lambda: 61_000_000.0)
    flood = recorder.Flood()
    passed = sum(flood.admit("acme", "login.failed", f"198.51.{n // 250}.{n % 250}") is not None for n in range(5_000))
    assert passed <= recorder.PER_TENANT + 5
    assert len(flood._counts) <= recorder.MAX_ORIGINS + 2
    assert flood.admit("globex", "login.failed", "198.51.0.1") == 0


def test_a_whole_network_is_one_origin(acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder.time, "time", lambda: 62_000_000.0)
    flood = recorder.Flood()
    passed = sum(flood.admit("acme", "login.failed", f"2001:db8:1:2::{n:x}") is not None for n in range(100))
    assert passed == recorder.PER_ORIGIN + 2


def test_values_are_bounded(acme: Any) -> None:
    record("tests.long", actor=Actor.system("x" * 1_000), label="y" * 1_000, words="z\0" * 1_000)
    entry = AuditEntry.objects.get(action="tests.long")
    assert entry.after == {"words": "z" * recorder.LONGEST}
    assert (len(entry.actor_label), len(entry.object_label)) == (254, 200)


def test_acts_on_dead_letters_are_kept(acme: Any, deliver_events: Any) -> None:
    from apps.outbox.events import DeadLetterDiscarded
    from rustok.kernel.events import publish

    letter = ProductFactory()
    with bind(Work(new_trace_id(), new_id(), actor_id=(operator := new_id()))), transaction.atomic():
        publish(DeadLetterDiscarded(
            letter_id=letter.pk, event_id=new_id(), handler="index.reindex_products", tenant_id=acme.pk, reason="Gone",
        ), aggregate=letter)  # fmt: skip
    deliver_events()
    entry = AuditEntry.objects.get(action="dead_letter.discarded")
    assert (entry.actor_id, entry.object_label) == (operator, "index.reindex_products")
    assert entry.after is not None
    assert entry.after["reason"] == "Gone"
