"""Carts over REST."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.cart.models import Cart, CartLine
from apps.pricing.public import NewPrice, set_prices
from rustok.kernel.ids import new_id
from rustok.kernel.money import Money
from tests.cart.factories import ADDRESS, SYSTEM, make_cart, make_variant
from tests.shipping.factories import make_method

pytestmark = pytest.mark.django_db
CARTS = "/api/v1/carts/"


@pytest.fixture
def tent(acme):
    return make_variant("tent", price=1999)


@pytest.fixture
def cart(api):
    """A guest's cart, and a client that knows its token."""
    client = api()
    document = client.post(CARTS, {"currency": "USD"}).json()
    client.defaults["HTTP_X_CART_TOKEN"] = document["token"]
    client.cart, client.path = document, f"{CARTS}{document['id']}/"
    return client


def add(client, variant_id, quantity=1, **headers):
    return client.post(f"{client.path}lines/", {"variant_id": str(variant_id), "quantity": quantity}, **headers)


def refused(answer, status, code):
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    body = answer.json()
    assert code in {body["code"], *(error["code"] for error in body["errors"])}, body


def test_a_guest_gets_a_secret_that_is_stored_as_a_hash_only(cart):
    assert len(cart.cart["token"]) >= 32
    row = Cart.objects.get()
    assert row.token_hash != cart.cart["token"]
    assert row.opens_with(cart.cart["token"])
    assert cart.get(cart.path).json()["id"] == cart.cart["id"]


@pytest.mark.parametrize("token", ["", "wrong", "ё", "x" * 5_000])
def test_without_the_secret_there_is_no_cart(cart, token):
    refused(cart.get(cart.path, HTTP_X_CART_TOKEN=token), 404, "not_found")
    refused(cart.patch(cart.path, {"email": "eve@example.com"}, HTTP_X_CART_TOKEN=token), 404, "not_found")
    assert Cart.objects.get().email == ""


def test_a_customers_cart_needs_no_secret_and_is_nobody_elses(api, customer, manager):
    mine = api(customer)
    document = mine.post(CARTS, {}).json()
    path = f"{CARTS}{document['id']}/"
    assert (mine.get(path).status_code, document["email"]) == (200, customer.email)
    refused(api(manager).get(path), 404, "not_found")
    refused(api().get(path), 404, "not_found")


def test_a_cart_of_another_tenant_does_not_exist(cart, api):
    elsewhere = api(host="globex.localhost")
    refused(elsewhere.get(cart.path, HTTP_X_CART_TOKEN=cart.cart["token"]), 404, "not_found")


def test_lines_cost_what_they_cost_today(cart, tent):
    document = add(cart, tent, 3).json()
    line = document["lines"][0]
    assert (line["title"], line["quantity"], line["sku"]) == ("Tent", 3, "tent")
    assert line["unit_price"] == {"amount": "19.99", "currency": "USD"}
    assert line["total"] == document["subtotal"] == document["total"] == {"amount": "59.97", "currency": "USD"}
    set_prices(actor=SYSTEM, prices=[NewPrice(tent, Money(1000, "USD"))])
    assert cart.get(cart.path).json()["total"]["amount"] == "30.00"


def test_titles_follow_the_reader(cart, tent):
    add(cart, tent)
    answer = cart.get(f"{cart.path}?locale=de")
    assert (answer.json()["lines"][0]["title"], answer["Content-Language"]) == ("Tent (de)", "de")


def test_adding_the_same_variant_adds_to_its_line(cart, tent):
    add(cart, tent, 2)
    assert [line["quantity"] for line in add(cart, tent, 3).json()["lines"]] == [5]
    body = {"lines": [{"variant_id": str(tent), "quantity": 1}, {"variant_id": str(tent), "quantity": 4}]}
    assert cart.post(f"{cart.path}lines/", body).json()["lines"][0]["quantity"] == 10


def test_a_line_is_changed_and_taken_out(cart, tent):
    line = add(cart, tent, 2).json()["lines"][0]["id"]
    assert cart.patch(f"{cart.path}lines/{line}/", {"quantity": 7}).json()["lines"][0]["quantity"] == 7
    assert cart.delete(f"{cart.path}lines/{line}/").json()["lines"] == []
    refused(cart.delete(f"{cart.path}lines/{line}/"), 404, "not_found")


def test_a_line_of_another_cart_is_out_of_reach(cart, tent):
    other, _token = make_cart((tent, 1))
    line = CartLine.objects.get(cart=other)
    refused(cart.patch(f"{cart.path}lines/{line.pk}/", {"quantity": 7}), 404, "not_found")
    refused(cart.delete(f"{cart.path}lines/{line.pk}/"), 404, "not_found")
    assert CartLine.objects.get().quantity == 1


@pytest.mark.parametrize("quantity", [-1, 0, 1.5, 10**9, 10_000, "two", None, True, [1], 10**40])
def test_an_impossible_quantity_is_refused(cart, tent, quantity):
    before = cart.get(cart.path).json()
    answer = add(cart, tent, quantity)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "quantity"
    assert cart.get(cart.path).json() == before


def test_a_line_never_exceeds_its_bound_by_adding(cart, tent):
    add(cart, tent, 9_999)
    refused(add(cart, tent, 1), 400, "quantity_too_large")
    assert CartLine.objects.get().quantity == 9_999


def test_a_cart_holds_a_hundred_lines(cart, acme):
    ids = [make_variant(f"v-{number}") for number in range(101)]
    body = {"lines": [{"variant_id": str(one)} for one in ids[:100]]}
    assert len(cart.post(f"{cart.path}lines/", body).json()["lines"]) == 100
    refused(add(cart, ids[100]), 409, "cart_full")
    body["lines"].append({"variant_id": str(ids[100])})
    refused(cart.post(f"{cart.path}lines/", body), 400, "max_length")


def test_what_is_not_for_sale_is_refused(cart, acme, globex):
    from apps.tenant.public import use_tenant

    with use_tenant(globex):
        foreign = make_variant("book", currency="EUR")
    for variant_id in (new_id(), foreign, make_variant("draft", status="draft")):
        refused(add(cart, variant_id), 400, "variant_unavailable")
    assert not CartLine.objects.exists()


def test_a_variant_without_a_price_in_the_currency_is_refused(cart, api, tent):
    refused(add(cart, make_variant("stove", currency="EUR")), 409, "no_price")
    refused(api().post(CARTS, {"currency": "EUR", "lines": [{"variant_id": str(tent)}]}), 409, "no_price")
    assert Cart.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"currency": "GBP"}, "unknown_currency"), ({"currency": "dollars"}, "unknown_currency"),
        ({"currency": "XXQ"}, "unknown_currency"), ({"locale": "fr"}, "unknown_locale"),
        ({"locale": "not a locale"}, "unknown_locale"), ({"email": "nobody"}, "invalid"), ({"color": "red"}, "unknown_field"),
        ({"lines": [{"variant_id": "1"}]}, "invalid"), ([1], "invalid"),
    ],
)  # fmt: skip
def test_a_cart_that_cannot_be_is_not_opened(api, acme, body, code, events_of):
    refused(api().post(CARTS, body), 400, code)
    assert not Cart.objects.exists()


def test_an_unknown_locale_is_refused(cart):
    refused(cart.get(f"{cart.path}?locale=xx-unknown"), 400, "unknown_locale")


def test_broken_and_oversized_bodies_are_refused(cart):
    broken = cart.generic("POST", f"{cart.path}lines/", b'{"variant_id":', content_type="application/json")
    refused(broken, 400, "malformed")
    large = cart.generic("POST", f"{cart.path}lines/", b" " * 5_000_000, content_type="application/json")
    refused(large, 413, "payload_too_large")


def test_addresses_are_checked_field_by_field(cart):
    wrong = ADDRESS | {"country": "XX", "city": "", "line1": "x" * 201, "planet": "Mars"}
    answer = cart.patch(cart.path, {"shipping_address": wrong})
    assert answer.status_code == 400
    assert "shipping_address.planet" in {error["field"] for error in answer.json()["errors"]}
    del wrong["planet"]
    fields = {error["field"] for error in cart.patch(cart.path, {"shipping_address": wrong}).json()["errors"]}
    assert fields == {"shipping_address.country", "shipping_address.city", "shipping_address.line1"}
    assert Cart.objects.get().shipping_address is None


def test_addresses_are_kept_and_taken_back(cart):
    kept = cart.patch(cart.path, {"email": "ann@example.com", "shipping_address": ADDRESS | {"country": "us"}}).json()
    assert (kept["email"], kept["shipping_address"]) == ("ann@example.com", ADDRESS)
    assert cart.patch(cart.path, {"shipping_address": None}).json()["shipping_address"] is None


def test_shipping_is_offered_chosen_and_counted(cart, tent):
    standard = make_method("standard", price=490, free_from=5000)
    make_method("abroad", price=990, countries=["DE"])
    assert cart.get(f"{cart.path}shipping-methods/").json()["results"] == []
    add(cart, tent)
    cart.patch(cart.path, {"shipping_address": ADDRESS})
    offered = cart.get(f"{cart.path}shipping-methods/").json()["results"]
    assert [(m["id"], m["price"]["amount"]) for m in offered] == [(str(standard), "4.90")]
    document = cart.patch(cart.path, {"shipping_method_id": str(standard)}).json()
    assert (document["shipping_total"]["amount"], document["total"]["amount"]) == ("4.90", "24.89")
    assert document["shipping_method"] == {"id": str(standard), "name": "Standard"}
    assert add(cart, tent, 2).json()["shipping_total"]["amount"] == "0.00"


def test_a_method_that_does_not_go_there_is_refused_and_later_forgotten(cart, tent):
    method = make_method("standard", countries=["US"])
    add(cart, tent)
    cart.patch(cart.path, {"shipping_address": ADDRESS, "shipping_method_id": str(method)})
    moved = cart.patch(cart.path, {"shipping_address": ADDRESS | {"country": "DE"}}).json()
    assert moved["shipping_method_id"] is None
    refused(cart.patch(cart.path, {"shipping_method_id": str(method)}), 409, "shipping_method_not_offered")
    refused(cart.patch(cart.path, {"shipping_method_id": str(new_id())}), 409, "shipping_method_not_offered")


def test_what_is_not_sent_needs_no_shipping(cart, acme):
    method = make_method("standard")
    add(cart, make_variant("e-book", shipped=False))
    document = cart.patch(cart.path, {"shipping_method_id": str(method)}).json()
    assert (document["needs_shipping"], document["shipping_total"]["amount"]) == (False, "0.00")


def test_a_lost_race_is_told_by_the_entity_tag(cart, tent):
    first = add(cart, tent)
    tag = first["ETag"]
    assert cart.get(cart.path, HTTP_IF_NONE_MATCH=tag).status_code == 304
    assert add(cart, tent, HTTP_IF_MATCH=tag).status_code == 201
    line = first.json()["lines"][0]["id"]
    for answer in (
        add(cart, tent, HTTP_IF_MATCH=tag),
        cart.patch(cart.path, {"email": "ann@example.com"}, HTTP_IF_MATCH=tag),
        cart.patch(f"{cart.path}lines/{line}/", {"quantity": 1}, HTTP_IF_MATCH=tag),
        cart.delete(f"{cart.path}lines/{line}/", HTTP_IF_MATCH=tag),
    ):
        refused(answer, 412, "precondition_failed")
    assert CartLine.objects.get().quantity == 2


def test_a_new_price_is_a_new_entity_tag(cart, tent):
    tag = add(cart, tent)["ETag"]
    set_prices(actor=SYSTEM, prices=[NewPrice(tent, Money(1, "USD"))])
    assert cart.get(cart.path, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_a_line_whose_price_went_away_says_so_and_costs_nothing(cart, tent):
    from apps.pricing.models import Price

    add(cart, tent)
    Price.objects.all().delete()
    document = cart.get(cart.path).json()
    assert (document["lines"][0]["problem"], document["lines"][0]["unit_price"]) == ("no_price", None)
    assert document["total"]["amount"] == "0.00"


def test_a_cart_costs_the_same_queries_whatever_it_holds(cart, tent, django_assert_max_num_queries):
    add(cart, tent)
    with CaptureQueriesContext(connection) as one:
        cart.get(cart.path)
    budget = len(one)
    for number in range(15):
        add(cart, make_variant(f"v-{number}"))
    with django_assert_max_num_queries(budget):
        assert len(cart.get(cart.path).json()["lines"]) == 16
    assert budget <= 8
