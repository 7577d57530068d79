"""Prices over REST and GraphQL."""

import pytest

from apps.pricing.models import Price
from rustok.kernel.edges.graphql import encode_node_id
from rustok.kernel.ids import new_id
from tests.pricing.factories import PriceFactory, VariantFactory

pytestmark = pytest.mark.django_db


def path(variant_id):
    return f"/api/v1/variants/{variant_id}/prices/"


def price(amount="19.99", currency="USD", before=None):
    compare_at = {"amount": before, "currency": currency} if before else None
    return {"price": {"amount": amount, "currency": currency}, "compare_at": compare_at}


def test_put_replaces_and_patch_adds(api, manager):
    variant, client = VariantFactory(), api(manager)
    body = {"prices": [price(before="25.00")]}
    answer = client.put(path(variant.pk), body)
    assert (answer.status_code, answer.json()) == (200, {"variant_id": str(variant.pk), **body})
    added = client.patch(path(variant.pk), {"prices": [price("18.50", "EUR")]}).json()
    assert added["prices"] == [price("18.50", "EUR"), price(before="25.00")]
    assert client.get(path(variant.pk)).json() == added
    assert client.put(path(variant.pk), {"prices": []}).json()["prices"] == []


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"prices": [price("-1")]}, "invalid"),
        ({"prices": [price("1.999")]}, "invalid"),
        ({"prices": [{"price": 19.99}]}, "invalid"),
        ({"prices": [price(before="19.99")]}, "invalid_price"),
        ({"prices": [price(currency="GBP")]}, "currency_not_offered"),
        ({"prices": [price(currency="XXXX")]}, "invalid"),
        ({"prices": "many"}, "invalid"),
        ({"prices": [price()] * 51}, "invalid"),
        ({"price": "1"}, "invalid"),
        ([], "invalid"),
    ],
)
def test_bad_prices_are_problems_and_write_nothing(api, manager, events_of, bad, code):
    variant = VariantFactory()
    answer = api(manager).put(path(variant.pk), bad)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Price.objects.exists()
    assert events_of("price.updated") == []


def test_who_may(api, customer, manager):
    variant = VariantFactory()
    for method in ("get", "put", "patch"):
        assert getattr(api(), method)(path(variant.pk), {"prices": [price()]}).status_code == 401
        assert getattr(api(customer), method)(path(variant.pk), {"prices": [price()]}).status_code == 403
    assert not Price.objects.exists()
    for method in ("get", "put", "patch"):
        body = {"prices": [price()]}
        assert getattr(api(manager), method)(path(new_id()), body).status_code == 404


SET = """mutation ($input: PriceSetInput!) {
  priceSet(input: $input) { prices { price { amount currency } compareAt { amount } } errors { field code message } }
}"""


def test_prices_are_set_over_graphql(api, manager, customer):
    variant = PriceFactory(currency="EUR").variant
    data = {
        "variantId": encode_node_id("Variant", variant.pk),
        "prices": [{"price": {"amount": "5.00", "currency": "USD"}, "compareAt": {"amount": "6", "currency": "USD"}}],
    }
    answer = api(manager).graphql(SET, input=data)["data"]["priceSet"]
    assert answer["errors"] == []
    assert answer["prices"] == [
        {"price": {"amount": "19.99", "currency": "EUR"}, "compareAt": None},
        {"price": {"amount": "5.00", "currency": "USD"}, "compareAt": {"amount": "6.00"}},
    ]
    refused = api(customer).graphql(SET, input=data)["data"]["priceSet"]
    assert (refused["prices"], refused["errors"][0]["code"]) == (None, "forbidden")
    wrong = api(manager).graphql(SET, input=data | {"variantId": "Q2F0ZWdvcnk6MQ=="})["data"]["priceSet"]
    assert wrong["errors"][0]["code"] == "invalid_id"
