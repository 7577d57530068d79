"""Buying, over REST."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.cart.models import Cart
from apps.commerce.models import IdempotencyKey
from apps.inventory.public import available
from apps.order.models import Order
from apps.payment.models import Payment, SandboxCharge
from apps.pricing.public import NewPrice, set_prices
from apps.tax.public import set_tax_rate, set_tax_settings
from rustok.kernel.money import Money
from tests.cart.factories import ADDRESS, SYSTEM, make_cart, make_ready_cart, make_variant
from tests.commerce.factories import complete
from tests.shipping.factories import make_method

pytestmark = pytest.mark.django_db
OK = {"payment": {"provider": "test", "token": "tok_ok"}}
DECLINED = {"payment": {"provider": "test", "token": "tok_declined"}}
TIMEOUT = {"payment": {"provider": "test", "token": "tok_timeout"}}
MANUAL = {"payment": {"provider": "manual"}}


@pytest.fixture
def tent(acme):
    return make_variant("tent", price=1999, stock=5)


@pytest.fixture
def method(acme):
    return make_method("standard", price=490)


@pytest.fixture
def ready(tent, method):
    return make_ready_cart((tent, 2), method=method)


@pytest.fixture
def buy(api):
    """Complete a cart as a guest."""

    def run(cart, token, body=OK, key="key-1", client=None):
        headers = {"HTTP_X_CART_TOKEN": token} | ({} if key is None else {"HTTP_IDEMPOTENCY_KEY": key})
        return (client or api()).post(f"/api/v1/carts/{cart.pk}/complete/", body, **headers)

    return run


def refused(answer, status, code):
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    body = answer.json()
    assert code in {body["code"], *(error["code"] for error in body["errors"])}, body


def nothing_was_bought(events_of):
    assert not Order.objects.exists()
    assert not Payment.objects.exists()
    assert not SandboxCharge.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert not events_of("order.placed")


def test_a_guest_buys(buy, ready, tent, events_of):
    answer = buy(*ready)
    assert answer.status_code == 201, answer.content
    order = answer.json()
    assert (order["number"], order["status"], order["payment_status"]) == ("1001", "paid", "captured")
    assert (order["subtotal"]["amount"], order["shipping_total"]["amount"], order["total"]["amount"]) == (
        "39.98", "4.90", "44.88",
    )  # fmt: skip
    assert order["lines"][0] | {"title": "Tent", "sku": "tent", "quantity": 2} == order["lines"][0]
    assert order["addresses"]["shipping"] == order["addresses"]["billing"] == ADDRESS
    assert [step["status"] for step in order["timeline"]] == ["pending", "confirmed", "paid"]
    assert available([tent]) == {tent: 3}
    charge = SandboxCharge.objects.get()
    assert (charge.amount, charge.currency) == (4488, "USD")
    assert events_of("order.placed")[0]["total"] == 4488
    assert Cart.objects.get().status == "completed"


def test_a_customers_order_is_the_customers(buy, api, customer, ready):
    client = api(customer)
    number = buy(*ready, client=client).json()["number"]
    assert client.get(f"/api/v1/orders/{number}/").status_code == 200


def test_money_by_hand_waits_in_a_confirmed_order(buy, ready):
    order = buy(*ready, MANUAL).json()
    assert (order["status"], order["payment_status"]) == ("confirmed", "pending")
    assert not SandboxCharge.objects.exists()


def test_an_order_keeps_what_was_agreed(buy, api, manager, ready, tent):
    number = buy(*ready).json()["number"]
    set_prices(actor=SYSTEM, prices=[NewPrice(tent, Money(1, "USD"))])
    order = api(manager).get(f"/api/v1/orders/{number}/").json()
    assert order["lines"][0]["unit_price"]["amount"] == "19.99"


@pytest.mark.parametrize(
    ("included", "tax", "total"), [(False, "8.53", "53.41"), (True, "7.16", "44.88")]
)  # fmt: skip
def test_tax_is_exact_line_by_line(buy, ready, included, tax, total):
    set_tax_rate(actor=SYSTEM, country="US", rate_bp=1900, name="tax")
    set_tax_settings(actor=SYSTEM, prices_include_tax=included)
    order = buy(*ready).json()
    assert (order["tax_total"]["amount"], order["tax_included"], order["total"]["amount"]) == (tax, included, total)
    assert SandboxCharge.objects.get().amount == int(total.replace(".", ""))


def test_what_is_not_sent_needs_no_address(buy, acme):
    book = make_variant("book", shipped=False)
    cart, token = make_ready_cart((book, 1), method=None)
    Cart.objects.update(shipping_address=None)
    assert buy(cart, token).status_code == 201


def test_what_costs_nothing_is_paid_at_once(buy, acme):
    gift = make_variant("gift", price=0, shipped=False)
    order = buy(*make_ready_cart((gift, 1), method=None)).json()
    assert (order["status"], order["total"]["amount"]) == ("paid", "0.00")
    assert not SandboxCharge.objects.exists()


# --- keys ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "", "x" * 256, "tab\tkey"])
def test_a_key_is_required(buy, ready, key, events_of):
    refused(buy(*ready, key=key), 400, "idempotency_key_required")
    nothing_was_bought(events_of)


def test_the_same_key_answers_the_same(buy, ready, tent, events_of):
    first, second = buy(*ready), buy(*ready)
    assert (second.status_code, second.content) == (201, first.content)
    assert Order.objects.count() == SandboxCharge.objects.count() == len(events_of("order.placed")) == 1
    assert available([tent]) == {tent: 3}


def test_the_same_key_with_another_body_is_refused(buy, ready):
    buy(*ready)
    refused(buy(*ready, MANUAL), 422, "idempotency_key_reused")
    assert Order.objects.count() == 1


def test_another_key_for_a_completed_cart_is_refused(buy, ready):
    buy(*ready)
    refused(buy(*ready, key="key-2"), 409, "cart_completed")
    assert Order.objects.count() == 1


def test_keys_are_each_carts_own(buy, ready, tent, method):
    other = make_ready_cart((tent, 1), method=method)
    assert buy(*ready).json()["number"] != buy(*other).json()["number"]


def test_a_completed_cart_is_not_edited(buy, api, ready, tent):
    buy(*ready)
    cart, token = ready
    path = f"/api/v1/carts/{cart.pk}/"
    refused(api().patch(path, {"email": "b@example.com"}, HTTP_X_CART_TOKEN=token), 409, "cart_completed")
    refused(api().post(f"{path}lines/", {"variant_id": str(tent)}, HTTP_X_CART_TOKEN=token), 409, "cart_completed")


# --- what cannot be bought ----------------------------------------------------------------------------------------


def test_a_declined_payment_leaves_everything_as_it_was(buy, ready, tent, events_of):
    refused(buy(*ready, DECLINED), 409, "payment_declined")
    order = Order.objects.get()
    assert (order.status, order.payment_status, Cart.objects.get().status) == ("cancelled", "failed", "open")
    assert available([tent]) == {tent: 5}
    assert events_of("order.cancelled")[0]["number"] == "1001"
    refused(buy(*ready, DECLINED), 409, "payment_declined")
    assert Order.objects.count() == 1
    again = buy(*ready, OK, key="key-2")
    assert (again.status_code, again.json()["number"]) == (201, "1002")


def test_an_order_whose_payment_gave_no_answer_waits(buy, ready, tent):
    order = buy(*ready, TIMEOUT)
    assert (order.status_code, order.json()["status"], order.json()["payment_status"]) == (201, "pending", "pending")
    assert SandboxCharge.objects.get().status == "captured"
    assert available([tent]) == {tent: 3}
    assert buy(*ready, TIMEOUT).content == order.content


def test_more_than_there_is_cannot_be_bought(buy, tent, method, events_of):
    stove = make_variant("stove", stock=1)
    cart = make_ready_cart((tent, 5), (stove, 2), method=method)
    answer = buy(*cart)
    refused(answer, 409, "out_of_stock")
    assert [error["field"] for error in answer.json()["errors"]] == ["lines.1"]
    nothing_was_bought(events_of)
    assert available([tent, stove]) == {tent: 5, stove: 1}
    assert Cart.objects.get().status == "open"


@pytest.mark.parametrize(
    ("missing", "status", "code"),
    [("email", 400, "email_required"), ("shipping_address", 400, "shipping_address_required"),
     ("shipping_method_id", 400, "shipping_method_required")],
)  # fmt: skip
def test_what_is_missing_is_named(buy, ready, missing, status, code, events_of):
    Cart.objects.update(**{missing: "" if missing == "email" else None})
    answer = buy(*ready)
    refused(answer, status, code)
    assert answer.json()["errors"][0]["field"] == missing
    nothing_was_bought(events_of)


def test_an_empty_cart_is_not_bought(buy, acme, events_of):
    refused(buy(*make_cart()), 409, "empty_cart")
    nothing_was_bought(events_of)


def test_a_method_that_is_no_longer_offered_is_refused(buy, ready, events_of):
    make_method("standard", is_active=False)
    refused(buy(*ready), 409, "shipping_method_not_offered")
    nothing_was_bought(events_of)


def test_what_is_no_longer_for_sale_is_refused_line_by_line(buy, tent, method, events_of):
    from apps.pricing.models import Price
    from apps.product.models import Product

    cart = make_ready_cart((make_variant("stove"), 1), (tent, 1), method=method)
    Price.objects.filter(variant_id=tent).delete()
    answer = buy(*cart)
    refused(answer, 409, "no_price")
    assert answer.json()["errors"] == [{"field": "lines.1", "code": "no_price", "message": "tent"}]
    Product.objects.update(status="archived")
    refused(buy(*cart), 409, "line_unavailable")
    nothing_was_bought(events_of)


def test_a_cart_worth_more_than_can_be_charged_is_refused(buy, acme, events_of):
    gold = make_variant("gold", price=10**12, stock=9_999, shipped=False)
    refused(buy(*make_ready_cart((gold, 9_999), method=None)), 409, "total_too_large")
    nothing_was_bought(events_of)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"), ({"payment": "test"}, "invalid"), ({"payment": {"provider": "stripe"}}, "unknown_payment_provider"),
        ({"payment": {"provider": "test", "token": "tok_x"}}, "unknown_payment_token"),
        ({"payment": {"provider": "test", "token": "tok_ok", "amount": 1}}, "invalid"), (OK | {"total": "0.01"}, "unknown_field"),
    ],
)  # fmt: skip
def test_a_body_that_is_not_a_payment_is_refused(buy, ready, body, code, events_of):
    refused(buy(*ready, body), 400, code)
    nothing_was_bought(events_of)


def test_somebody_elses_cart_is_not_bought(buy, api, ready, customer, events_of):
    cart, token = ready
    refused(buy(cart, "wrong"), 404, "not_found")
    refused(buy(cart, "", client=api(customer)), 404, "not_found")
    refused(buy(cart, token, client=api(host="globex.localhost")), 404, "not_found")
    nothing_was_bought(events_of)


def test_a_completion_costs_a_bounded_number_of_queries(ready):
    with CaptureQueriesContext(connection) as seen:
        complete(*ready)
    asked = [query["sql"] for query in seen if "SAVEPOINT" not in query["sql"] and "sandboxcharge" not in query["sql"]]
    assert len(asked) <= QUERIES, "\n".join(asked)


#: Statements of a completion that is charged at once: reading and checking 9, stock 10, writing 8, the result 10.
QUERIES = 40
