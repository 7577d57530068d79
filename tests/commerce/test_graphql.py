"""Buying, over GraphQL."""

import pytest

from apps.order.models import Order
from tests.cart.factories import make_cart, make_ready_cart, make_variant
from tests.shipping.factories import make_method

pytestmark = pytest.mark.django_db

COMPLETE = """mutation($input: CartCompleteInput!) { cartComplete(input: $input) {
    order { id number status paymentStatus total { amount currency } lines { title quantity } }
    errors { field code message } } }"""


def run(client, cart, token, key="key-1", **payment):
    payment = payment or {"provider": "test", "token": "tok_ok"}
    values = {"cartId": str(cart.pk), "token": token, "idempotencyKey": key, "payment": payment}
    answer = client.graphql(COMPLETE, input=values)
    assert "errors" not in answer, answer
    return answer["data"]["cartComplete"]


def test_a_guest_buys_once_with_one_key(api, acme):
    ready = make_ready_cart((make_variant(price=1999), 1), method=make_method(price=490))
    first = run(api(), *ready)
    assert first["errors"] == []
    assert (first["order"]["number"], first["order"]["status"]) == ("1001", "paid")
    assert first["order"]["total"] == {"amount": "24.89", "currency": "USD"}
    assert run(api(), *ready) == first
    assert run(api(), *ready, provider="manual")["errors"][0]["code"] == "idempotency_key_reused"
    assert run(api(), *ready, key="key-2")["errors"][0]["code"] == "cart_completed"
    assert Order.objects.count() == 1


def test_a_refusal_is_in_errors(api, acme):
    assert run(api(), *make_cart())["errors"][0]["code"] == "empty_cart"
    ready = make_ready_cart((make_variant(stock=1), 2), method=make_method())
    answer = run(api(), *ready)
    assert (answer["order"], answer["errors"][0]["field"], answer["errors"][0]["code"]) == (
        None,
        "lines.0",
        "out_of_stock",
    )
    assert run(api(), *ready, key="")["errors"][0]["code"] == "idempotency_key_required"
    assert run(api(), ready[0], "wrong")["errors"][0]["code"] == "not_found"
    assert not Order.objects.exists()
