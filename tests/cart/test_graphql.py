"""Carts over GraphQL."""

import pytest

from apps.cart.models import Cart, CartLine
from rustok.kernel.edges.graphql import encode_node_id
from rustok.kernel.ids import new_id
from tests.cart.factories import make_cart, make_variant
from tests.shipping.factories import make_method

pytestmark = pytest.mark.django_db

CART = """id token version currency subtotal { amount currency } total { amount } taxIncluded email
    lines { id variantId title quantity unitPrice { amount } total { amount } options { name value } }
    shippingMethod { id name } shippingMethods { id name price { amount } } shippingAddress { city country }"""
READ = f"query($id: ID!, $token: String) {{ cart(id: $id, token: $token) {{ {CART} }} }}"
ADDRESS = {"lastName": "Lee", "line1": "1 Main St", "city": "Portland", "country": "US"}


def run(client, name, **values):
    kind = f"{name[0].upper()}{name[1:]}Input!"
    document = f"mutation($input: {kind}) {{ {name}(input: $input) {{ cart {{ {CART} }} errors {{ field code }} }} }}"
    answer = client.graphql(document, input=values)
    assert "errors" not in answer, answer
    return answer["data"][name]


def test_a_cart_is_filled_changed_and_emptied(api, acme):
    client, tent, stove = api(), make_variant("tent", price=1999), make_variant("stove", price=501)
    method = make_method("standard", price=490)
    cart = run(client, "cartCreate", currency="USD", lines=[{"variantId": str(tent)}])["cart"]
    which = {"cartId": cart["id"], "token": cart["token"]}
    cart = run(client, "cartLinesAdd", **which, lines=[{"variantId": str(stove), "quantity": 2}])["cart"]
    assert [(line["title"], line["quantity"]) for line in cart["lines"]] == [("Tent", 1), ("Stove", 2)]
    assert cart["subtotal"] == {"amount": "30.01", "currency": "USD"}
    assert [m["name"] for m in cart["shippingMethods"]] == ["Standard"]
    first, second = (line["id"] for line in cart["lines"])
    cart = run(client, "cartLinesUpdate", **which, lines=[{"lineId": first, "quantity": 3}])["cart"]
    cart = run(client, "cartLinesRemove", **which, lineIds=[second])["cart"]
    assert [line["total"]["amount"] for line in cart["lines"]] == ["59.97"]
    cart = run(
        client, "cartUpdate", **which, email="a@example.com", shippingAddress=ADDRESS, shippingMethodId=str(method)
    )["cart"]
    assert (cart["email"], cart["shippingAddress"]["country"], cart["total"]["amount"]) == (
        "a@example.com",
        "US",
        "64.87",
    )
    assert client.graphql(READ, id=cart["id"], token=cart["token"])["data"]["cart"]["version"] == cart["version"]


def test_a_variant_may_be_named_by_its_node_id(api, acme):
    node_id = encode_node_id("Variant", make_variant("tent"))
    cart = run(api(), "cartCreate", currency="USD", lines=[{"variantId": node_id}])["cart"]
    assert [line["title"] for line in cart["lines"]] == ["Tent"]
    other = run(api(), "cartCreate", currency="USD", lines=[{"variantId": encode_node_id("Product", new_id())}])
    assert (other["cart"], other["errors"][0]["code"]) == (None, "invalid_id")


def test_a_cart_is_null_for_whoever_lacks_its_token(api, acme):
    cart, token = make_cart()
    assert api().graphql(READ, id=str(cart.pk), token="wrong")["data"] == {"cart": None}
    assert api().graphql(READ, id="nonsense", token=token)["data"] == {"cart": None}
    assert api().graphql(READ, id=str(cart.pk), token=token)["data"]["cart"]["id"] == str(cart.pk)


def test_a_refusal_is_in_errors_and_nothing_is_written(api, acme):
    cart, token = make_cart()
    which = {"cartId": str(cart.pk), "token": token}
    answer = run(api(), "cartLinesAdd", **which, lines=[{"variantId": str(new_id())}])
    assert (answer["cart"], answer["errors"]) == (None, [{"field": "variant_id", "code": "variant_unavailable"}])
    answer = run(api(), "cartLinesAdd", **which, lines=[{"variantId": str(make_variant()), "quantity": 0}])
    assert answer["errors"][0]["code"] == "min_value"
    answer = run(api(), "cartUpdate", **(which | {"token": "wrong"}), email="eve@example.com")
    assert answer["errors"][0]["code"] == "not_found"
    answer = run(api(), "cartUpdate", **which, version=7, email="eve@example.com")
    assert answer["errors"][0]["code"] == "precondition_failed"
    assert not CartLine.objects.exists()
    assert Cart.objects.get().email == ""
