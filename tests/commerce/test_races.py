"""Many at once, over real connections: nothing is sold twice, charged twice or lost."""

import os
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.utils import timezone

from apps.cart.models import Cart, CartLine
from apps.commerce import services
from apps.commerce.public import settle_payments
from apps.inventory.models import StockLevel
from apps.order import public as orders
from apps.order.models import Order
from apps.outbox.models import OutboxEvent
from apps.payment import providers
from apps.payment.models import Payment, SandboxCharge
from apps.tenant.public import find, use_tenant
from tests.cart.factories import make_cart, make_ready_cart, make_variant
from tests.commerce.factories import complete
from tests.conftest import ApiClient
from tests.order.factories import SYSTEM, make_order
from tests.shipping.factories import make_method

OK = {"payment": {"provider": "test", "token": "tok_ok"}}
WORKERS = 16


@pytest.fixture
def shop(committed_db):
    """Work in acme, where every transaction commits."""
    with use_tenant(find("acme")):
        yield


def at_once(*calls):
    """Run calls in threads that start together; answer what each answered."""
    barrier = Barrier(min(len(calls), WORKERS))

    def run(place, call):
        try:
            if place < barrier.parties:
                barrier.wait(timeout=30)
            return call(ApiClient("acme.localhost"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(len(calls)), calls))


def buying(cart, token, key="key-1", body=OK):
    path = f"/api/v1/carts/{cart.pk}/complete/"
    return lambda client: client.post(path, body, HTTP_X_CART_TOKEN=token, HTTP_IDEMPOTENCY_KEY=key)


def statuses(answers):
    return Counter((a.status_code, a.json().get("code")) for a in answers)


def events(event_type):
    return OutboxEvent.objects.filter(event_type=event_type).count()


def test_fifty_buyers_for_five_pieces_make_five_orders(shop):
    tent, method = make_variant("tent", stock=5), make_method()
    carts = [make_ready_cart((tent, 1), method=method) for _ in range(50)]
    answers = at_once(*(buying(*cart) for cart in carts))
    assert statuses(answers) == {(201, None): 5, (409, "out_of_stock"): 45}
    assert sorted(Order.objects.values_list("number", flat=True)) == ["1001", "1002", "1003", "1004", "1005"]
    level = StockLevel.objects.get(variant_id=tent)
    assert (level.on_hand, level.reserved) == (5, 5)
    assert SandboxCharge.objects.count() == Payment.objects.count() == events("order.placed") == 5
    assert Cart.objects.filter(status="open").count() == 45


def test_one_of_two_buyers_gets_the_last_piece(shop):
    tent, method = make_variant("tent", stock=1), make_method()
    carts = [make_ready_cart((tent, 1), method=method) for _ in range(2)]
    assert statuses(at_once(*(buying(*cart) for cart in carts))) == {(201, None): 1, (409, "out_of_stock"): 1}


def test_buyers_of_the_same_things_in_another_order_do_not_block_each_other(shop):
    tent, stove, method = make_variant("tent", stock=50), make_variant("stove", stock=50), make_method()
    pairs = [((tent, 1), (stove, 1)), ((stove, 1), (tent, 1))] * 8
    carts = [make_ready_cart(*pair, method=method) for pair in pairs]
    assert statuses(at_once(*(buying(*cart) for cart in carts))) == {(201, None): 16}
    assert len(set(Order.objects.values_list("number", flat=True))) == 16


@pytest.mark.parametrize("provider", ["test", "manual"])
def test_one_key_sent_many_times_at_once_is_one_order_and_one_answer(shop, provider):
    body = {"payment": {"provider": provider, "token": "tok_ok"}}
    ready = make_ready_cart((make_variant("tent", stock=9), 1), method=make_method())
    answers = at_once(*[buying(*ready, body=body)] * 8)
    assert statuses(answers) == {(201, None): 8}
    assert len({answer.content for answer in answers}) == 1
    assert Order.objects.count() == events("order.placed") == 1
    assert SandboxCharge.objects.count() == (provider == "test")


def test_a_lost_answer_asked_for_at_once_charges_once(shop):
    body = {"payment": {"provider": "test", "token": "tok_timeout"}}
    ready = make_ready_cart((make_variant("tent", stock=9), 1), method=make_method())
    answers = at_once(*[buying(*ready, body=body)] * 6)
    assert statuses(answers) == {(201, None): 6}
    assert len({answer.content for answer in answers}) == 1
    assert SandboxCharge.objects.count() == 1


def test_two_keys_at_once_are_one_order(shop):
    ready = make_ready_cart((make_variant("tent", stock=9), 1), method=make_method())
    answers = at_once(buying(*ready, key="a"), buying(*ready, key="b"))
    assert statuses(answers) == {(201, None): 1, (409, "cart_completed"): 1}
    assert Order.objects.count() == SandboxCharge.objects.count() == events("order.placed") == 1


def test_a_declined_key_repeated_at_once_gives_stock_back_once(shop):
    body = {"payment": {"provider": "test", "token": "tok_declined"}}
    tent = make_variant("tent", stock=2)
    ready = make_ready_cart((tent, 1), method=make_method())
    assert statuses(at_once(*[buying(*ready, body=body)] * 6)) == {(409, "payment_declined"): 6}
    level = StockLevel.objects.get(variant_id=tent)
    assert (level.on_hand, level.reserved, events("order.cancelled")) == (2, 0, 1)


def test_parallel_edits_of_a_cart_lose_nothing(shop):
    tent, others = make_variant("tent"), [make_variant(f"v-{number}") for number in range(8)]
    cart, token = make_cart()
    path = f"/api/v1/carts/{cart.pk}/lines/"

    def add(variant_id):
        return lambda client: client.post(path, {"variant_id": str(variant_id)}, HTTP_X_CART_TOKEN=token)

    answers = at_once(*(add(one) for one in [*others, *[tent] * 16]))
    assert statuses(answers) == {(201, None): 24}
    assert dict(CartLine.objects.values_list("variant_id", "quantity")) == {tent: 16} | dict.fromkeys(others, 1)
    assert Cart.objects.get().version == 25


def test_editing_a_cart_while_it_is_completed_changes_no_order(shop):
    tent = make_variant("tent", price=1000, stock=90)
    ready = make_ready_cart((tent, 1), method=make_method(price=0))
    path, headers = f"/api/v1/carts/{ready[0].pk}/lines/", {"HTTP_X_CART_TOKEN": ready[1]}
    edits = [lambda client: client.post(path, {"variant_id": str(tent)}, **headers)] * 6
    answers = at_once(*edits[:3], buying(*ready), *edits[3:])
    order = Order.objects.get()
    bought = order.lines.get().quantity
    assert order.total == bought * 1000 == SandboxCharge.objects.get().amount
    assert CartLine.objects.get().quantity == bought
    assert statuses(answers)[201, None] == bought
    assert all(answer.status_code in (201, 409) for answer in answers)


def test_shipping_and_cancelling_at_once_do_one_of_both(shop):
    order = make_order("paid")

    def step(name):
        def run(client):
            with use_tenant(find("acme")):
                try:
                    getattr(orders, f"{name}_order")(actor=SYSTEM, order_id=order.pk, now=timezone.now())
                except orders.IllegalTransition:
                    return "refused"
                return name

        return run

    done = at_once(step("ship"), step("cancel"))
    order.refresh_from_db()
    level = StockLevel.objects.get()
    assert sorted(done) in (["refused", "ship"], ["cancel", "refused"])
    assert (level.on_hand, level.reserved) == ((9, 0) if order.status == "shipped" else (10, 0))


def test_the_provider_is_asked_while_nothing_is_locked(shop, monkeypatch):
    seen = {}

    class Watching(type(providers.PROVIDERS["test"])):
        def charge(self, charge):
            connection = connections["default"]
            seen["in_transaction"] = connection.in_atomic_block
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid() AND mode = 'RowShareLock'"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
                seen["locks"] = cursor.fetchone()[0]
            return super().charge(charge)

    monkeypatch.setitem(providers.PROVIDERS, "test", Watching())
    ready = make_ready_cart((make_variant("tent"), 1), method=make_method())
    assert statuses(at_once(buying(*ready))) == {(201, None): 1}
    assert seen == {"in_transaction": False, "locks": 0}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_completion_that_is_killed_is_finished_by_the_clock(shop, moment):
    tent = make_variant("tent", stock=5)
    ready = make_ready_cart((tent, 1), method=make_method())
    assert _killed(ready, moment) == signal.SIGKILL
    assert Order.objects.get().status == "pending"
    assert Payment.objects.get().answered_at is None
    assert settle_payments(now=timezone.now() + timedelta(minutes=5)) == 1
    assert Order.objects.get().status == "paid"
    assert SandboxCharge.objects.count() == 1
    assert StockLevel.objects.get(variant_id=tent).reserved == 1
    assert statuses(at_once(buying(*ready), buying(*ready, key="key-2"))) == {
        (201, None): 1,
        (409, "cart_completed"): 1,
    }


def _killed(ready, moment):
    """Complete a cart in a process of its own that is killed between the transactions; answer the signal."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    for connection in connections.all(initialized_only=True):
        connection.connection = connection.search_path_set_schemas = None  # the parent's socket is not ours to close
    target, name = (services.payments, "ask_provider") if moment == "before" else (services, "_finish")
    setattr(target, name, lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL))
    try:
        complete(*ready, key="key-1")
    finally:
        os._exit(1)
