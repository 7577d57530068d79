"""The whole way: a change in a module, its event, the index, the answer."""

import pytest
from django.utils import timezone

from apps.index import services
from apps.inventory.public import adjust_stock, reserve, set_policy
from apps.pricing.public import ProductHasNoPrice, set_prices
from apps.product.public import create_product, publish_product, update_product
from rustok.kernel.ids import new_id
from rustok.kernel.money import Money

pytestmark = pytest.mark.django_db

PATH = "/api/v1/products/tent/"


@pytest.fixture
def tent(acme, system):
    """A draft with two variants and a German name."""
    return create_product(
        actor=system,
        now=timezone.now(),
        handle="tent",
        translations={"en": {"title": "Tent", "description": "<p>Keeps dry</p>"}, "de": {"title": "Zelt"}},
        options=[{"name": "Size", "values": ["S", "M"]}],
        variants=[{"sku": "TENT-S", "options": {"Size": "S"}}, {"sku": "TENT-M", "options": {"Size": "M"}}],
    )


def test_a_product_needs_a_price_to_go_on_sale(tent, system, events_of):
    with pytest.raises(ProductHasNoPrice):
        publish_product(actor=system, product_id=tent.id, now=timezone.now())
    assert events_of("product.published") == []


def test_prices_stock_and_words_reach_the_answer(tent, system, api, deliver_events):
    small, middle = tent.variants["TENT-S"], tent.variants["TENT-M"]
    set_prices(
        actor=system,
        prices=[
            (small, Money(9900, "USD"), Money(12900, "USD")),
            (middle, Money(14900, "USD"), None),
            (middle, Money(13900, "EUR"), None),
        ],
    )
    publish_product(actor=system, product_id=tent.id, now=timezone.now())
    deliver_events()
    body = api().get(PATH).json()
    assert (body["price_range"]["min"]["amount"], body["price_range"]["max"]["amount"]) == ("99.00", "149.00")
    assert (body["compare_at"]["amount"], body["on_sale"]) == ("129.00", True)
    assert (body["in_stock"], body["total_inventory"]) == (False, 0)
    assert {variant["inventory_quantity"] for variant in body["variants"]} == {0}
    euros = api().get(PATH, {"currency": "EUR"}).json()
    assert [variant["price"] for variant in euros["variants"]] == [None, {"amount": "139.00", "currency": "EUR"}]

    adjust_stock(actor=system, variant_id=middle, delta=3)
    set_policy(actor=system, variant_id=small, tracked=False)
    deliver_events()
    body = api().get(PATH).json()
    assert [(v["available"], v["inventory_quantity"]) for v in body["variants"]] == [(True, None), (True, 3)]
    assert (body["in_stock"], body["total_inventory"]) == (True, 3)

    reserve(actor=system, reference=new_id(), lines=[(middle, 3)])
    deliver_events()
    assert [v["available"] for v in api().get(PATH).json()["variants"]] == [True, False]

    update_product(actor=system, product_id=tent.id, now=timezone.now(), translations={"de": {"title": "Großes Zelt"}})
    deliver_events()
    assert api().get(PATH, {"locale": "de"}).json()["title"] == "Großes Zelt"
    assert api().get("/api/v1/products/", {"search": "zelte", "locale": "de"}).json()["results"]
    assert list(services.verify("products")) == []


def test_many_changes_end_as_the_tables_say(tent, system, api, deliver_events):
    variant = tent.variants["TENT-S"]
    set_prices(actor=system, prices=[(variant, Money(1, "USD"), None)])
    publish_product(actor=system, product_id=tent.id, now=timezone.now())
    for amount in range(2, 60):
        set_prices(actor=system, prices=[(variant, Money(amount, "USD"), None)])
    deliver_events()
    assert api().get(PATH).json()["price_range"]["max"]["amount"] == "0.59"
    assert list(services.verify("products")) == []


def test_the_list_over_graphql_is_what_rest_says(tent, system, api, deliver_events):
    set_prices(actor=system, prices=[(tent.variants["TENT-S"], Money(9900, "USD"), None)])
    publish_product(actor=system, product_id=tent.id, now=timezone.now())
    deliver_events()
    ask = '{ product(handle: "tent") { title variants { sku price { amount } options { name value } } seo { title } } }'
    shown, said = api().get(PATH).json(), api().graphql(ask)["data"]["product"]
    assert said["title"] == shown["title"]
    assert said["seo"] == {"title": "Tent"}
    assert [v["sku"] for v in said["variants"]] == [v["sku"] for v in shown["variants"]] == ["TENT-S", "TENT-M"]
    assert said["variants"][0]["options"] == [{"name": "Size", "value": "S"}]
