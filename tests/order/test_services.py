"""Placing orders and moving them along."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.inventory.public import available
from apps.order import public as orders
from apps.order.models import Order, OrderLine, OrderTransition
from apps.order.services import TotalsDisagree
from apps.payment.models import Payment
from apps.payment.public import Outcome
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.errors import DomainError
from tests.order.factories import SYSTEM, draft, make_order

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def walk(order, step, **extra):
    return getattr(orders, f"{step}_order")(actor=SYSTEM, order_id=order.pk, now=timezone.now(), **extra)


def variant_of(order):
    return OrderLine.objects.get(order=order).variant_id


def test_numbers_follow_each_other_from_1001(acme):
    assert [make_order().number for _ in range(3)] == ["1001", "1002", "1003"]


def test_a_number_that_rolls_back_is_given_again(acme):
    with pytest.raises(RuntimeError), transaction.atomic():
        orders.place_order(actor=ANONYMOUS, draft=draft(), now=NOW)
        raise RuntimeError
    assert make_order().number == "1001"


def test_lines_that_do_not_add_up_are_a_defect(acme, events_of):
    with pytest.raises(TotalsDisagree), transaction.atomic():
        orders.place_order(actor=ANONYMOUS, draft=draft(total=1), now=NOW)
    assert not Order.objects.exists()
    assert not events_of("order.placed")


def test_an_order_goes_its_way_and_tells_each_step(acme, events_of):
    order = make_order("paid")
    walk(order, "ship", carrier="DHL", tracking_number="123", note="two parcels")
    walk(order, "deliver")
    steps = [(step.from_status, step.to_status) for step in OrderTransition.objects.filter(order=order)]
    assert steps == [
        ("", "pending"), ("pending", "confirmed"), ("confirmed", "paid"), ("paid", "shipped"), ("shipped", "delivered"),
    ]  # fmt: skip
    assert [e["to_status"] for e in events_of("order.status_changed")] == ["confirmed", "paid", "shipped", "delivered"]
    assert events_of("order.placed")[0]["lines"] == [{"variant_id": str(variant_of(order)), "quantity": 1}]
    assert events_of("order.completed") == [{"order_id": str(order.pk), "number": order.number}]
    document = orders.order_document(Order.objects.get(pk=order.pk))
    assert document["tracking"] == {"carrier": "DHL", "number": "123", "url": ""}
    assert (document["payment_status"], document["fulfillment_status"]) == ("captured", "fulfilled")
    assert document["timeline"][3]["note"] == "two parcels"


def test_shipping_takes_the_pieces_out_of_the_stock(acme):
    from apps.inventory.models import StockLevel

    order = make_order("paid")
    level = StockLevel.objects.get(variant_id=variant_of(order))
    assert (level.on_hand, level.reserved) == (10, 1)
    walk(order, "ship")
    level.refresh_from_db()
    assert (level.on_hand, level.reserved) == (9, 0)


@pytest.mark.parametrize("status", ["confirmed", "paid"])
def test_cancelling_gives_the_pieces_back(acme, status, events_of):
    order = make_order(status)
    variant_id = variant_of(order)
    assert available([variant_id]) == {variant_id: 9}
    walk(order, "cancel", reason="changed my mind")
    assert available([variant_id]) == {variant_id: 10}
    assert events_of("order.cancelled")[0]["reason"] == "changed my mind"
    payment = Payment.objects.get(reference=order.pk)
    assert payment.status == ("captured" if status == "paid" else "cancelled")
    note = OrderTransition.objects.filter(order=order).last().note
    assert ("refunded" in note) is (status == "paid")


def test_reserved_money_is_captured_or_let_go(acme):
    from apps.payment.models import SandboxCharge
    from apps.payment.public import ask_provider

    for step, order_status, charge in (("capture", "paid", "captured"), ("cancel", "cancelled", "voided")):
        order = make_order(provider="test", token="tok_authorize")
        payment = Payment.objects.get(reference=order.pk)
        orders.apply_outcome(
            actor=SYSTEM, order_id=order.pk, payment_id=payment.pk, outcome=ask_provider(payment), now=NOW
        )
        order.refresh_from_db()
        assert (order.status, order.payment_status) == ("confirmed", "authorized")
        assert walk(order, step).status == order_status
        assert SandboxCharge.objects.get(key=payment.pk).status == charge


def test_an_order_whose_payment_is_not_settled_cannot_be_cancelled(acme):
    order = make_order(provider="test", token="tok_ok")
    with pytest.raises(DomainError) as refusal:
        walk(order, "cancel")
    assert refusal.value.code == "payment_in_progress"
    assert Order.objects.get().status == "pending"


STEPS = {
    "pending": {"confirm", "cancel"}, "confirmed": {"pay", "cancel"}, "paid": {"ship", "cancel"},
    "shipped": {"deliver"}, "delivered": set(), "cancelled": set(),
}  # fmt: skip


@pytest.mark.parametrize("status", STEPS)
def test_an_illegal_step_is_refused_and_changes_nothing(acme, status, events_of):
    order = make_order(status if status in ("pending", "confirmed") else "paid")
    for step in {"shipped": ["ship"], "delivered": ["ship", "deliver"], "cancelled": ["cancel"]}.get(status, []):
        walk(order, step)
    events, steps = len(events_of("order.status_changed")), OrderTransition.objects.count()
    for step in {"confirm", "pay", "capture", "ship", "deliver", "cancel"} - STEPS[status] - {"capture"}:
        with pytest.raises(orders.IllegalTransition):
            walk(order, step)
    assert (len(events_of("order.status_changed")), OrderTransition.objects.count()) == (events, steps)
    assert Order.objects.get().status == status


@pytest.mark.parametrize(
    ("payment", "status", "paid"),
    [("captured", "paid", "captured"), ("authorized", "confirmed", "authorized"), ("pending", "confirmed", "pending"),
     ("failed", "cancelled", "failed")],
)  # fmt: skip
def test_an_outcome_moves_the_order_along_once(acme, payment, status, paid):
    order = make_order(provider="test", token="tok_ok")
    outcome = {"actor": SYSTEM, "order_id": order.pk, "payment_id": Payment.objects.get().pk, "now": NOW}
    for _ in range(2):
        moved = orders.apply_outcome(**outcome, outcome=Outcome(payment))
        assert (moved.status, moved.payment_status) == (status, paid)
    steps = OrderTransition.objects.count()
    orders.apply_outcome(**outcome, outcome=None)
    assert OrderTransition.objects.count() == steps


def test_money_that_comes_after_the_end_is_noticed(acme):
    order = make_order(provider="test", token="tok_authorize")
    payment = Payment.objects.get()
    outcome = {"actor": SYSTEM, "order_id": order.pk, "payment_id": payment.pk, "now": NOW}
    orders.apply_outcome(**outcome, outcome=Outcome("authorized"))
    walk(order, "cancel")
    late = orders.apply_outcome(**outcome, outcome=Outcome("captured"))
    assert (late.status, late.payment_status) == ("cancelled", "captured")


# --- the database's own word --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pending", "paid"),
        ("pending", "shipped"),
        ("confirmed", "delivered"),
        ("paid", "confirmed"),
        ("paid", "pending"),
    ],
)
def test_the_database_refuses_an_illegal_step(acme, before, after):
    order = make_order(before)
    fulfilled = "fulfilled" if after in ("shipped", "delivered") else "unfulfilled"
    money = "captured" if after in ("paid", "shipped", "delivered") else "pending"
    with pytest.raises(IntegrityError, match="cannot go from"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(status=after, payment_status=money, fulfillment_status=fulfilled)


def test_the_database_refuses_an_order_that_begins_halfway(acme):
    order = make_order("paid")
    copy = Order.objects.get(pk=order.pk)
    copy.pk, copy.number, copy.token = None, "9999", "another"
    with pytest.raises(IntegrityError, match="begins as pending"), transaction.atomic():
        copy.save(force_insert=True)


@pytest.mark.parametrize(
    "wrong",
    [{"total": 1}, {"subtotal": -1}, {"payment_status": "captured"}, {"fulfillment_status": "fulfilled"},
     {"discount_total": 99_999, "total": -98_000}, {"tax_total": 5}],
)  # fmt: skip
def test_the_database_refuses_an_order_that_does_not_fit_together(acme, wrong):
    order = make_order()
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**wrong)


@pytest.mark.parametrize("wrong", [{"total": 1}, {"quantity": 0}, {"quantity": 10_000}, {"discount": 2_000}])
def test_the_database_refuses_a_line_that_does_not_add_up(acme, wrong):
    order = make_order()
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.filter(order=order).update(**wrong)


def test_every_tenant_has_the_trigger_and_its_own_function(acme):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname, f.nspname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_proc p ON p.oid = t.tgfoid"
            " JOIN pg_namespace f ON f.oid = p.pronamespace WHERE t.tgname = 'order_legal_step'"
        )
        homes = dict(cursor.fetchall())
    assert homes.keys() >= {"_template", "acme", "globex", "platform"}
    assert all(table == function for table, function in homes.items())
