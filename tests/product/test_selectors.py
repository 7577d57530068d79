"""What other modules and the index read, at a constant price."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.product import public, services
from apps.product.documents import product_parts
from apps.product.models import Product
from tests.product.factories import NOW, SYSTEM, CollectionFactory, ProductFactory, asset
from tests.taxonomy.factories import CategoryFactory

pytestmark = pytest.mark.django_db
COLOURS = {
    "name": "Colour",
    "values": ["Red", "Blue"],
    "translations": {"de": {"name": "Farbe", "values": {"Red": "Rot"}}},
}


def make(**given):
    """Make a product that has something of everything."""
    category = CategoryFactory()
    red = asset("red", en="Red", de="Rot")
    product = ProductFactory(
        translations={"en": {"title": "Tee"}, "de": {"title": "Hemd"}},
        options=[COLOURS],
        variants=[{"options": {"Colour": "Red"}, "image_id": red}, {"options": {"Colour": "Blue"}}],
        category_id=category.pk,
        tags=["Wool"],
        on_sale=True,
        **given,
    )
    CollectionFactory(products=[product.pk])
    return product


def test_variants_are_told_in_the_locale_asked_for(acme):
    product = make()
    ids = list(product.variants.order_by("position").values_list("pk", flat=True))
    german = public.variants_by_ids([*ids, uuid4()], "de")
    assert set(german) == set(ids)
    red, blue = german[ids[0]], german[ids[1]]
    assert (red.title, red.variant_title, red.options) == ("Hemd", "Rot", {"Farbe": "Rot"})
    assert (blue.variant_title, blue.options) == ("Blue", {"Farbe": "Blue"})
    assert red.image_url == blue.image_url
    assert red.image_url.endswith(".webp")
    assert (red.product_handle, red.requires_shipping, red.purchasable) == (product.handle, True, True)
    assert public.variants_by_ids(ids, "en")[ids[0]].options == {"Colour": "Red"}


@pytest.mark.parametrize(
    ("given", "purchasable"),
    [
        ({"status": "active"}, True),
        ({"status": "draft"}, False),
        ({"status": "archived"}, False),
        ({"status": "active", "variants": [{"is_active": False}]}, False),
        ({"status": "active", "kind": "digital"}, True),
        ({"status": "active", "kind": "external"}, False),
        ({"status": "active", "kind": "grouped"}, False),
    ],
)
def test_only_what_is_on_sale_here_can_be_bought(acme, given, purchasable):
    variant = ProductFactory(**given).variants.get()
    assert public.variants_by_ids([variant.pk], "en")[variant.pk].purchasable is purchasable


def test_reading_variants_costs_the_same_for_one_and_for_many(acme):
    ids = [pk for _ in range(4) for pk in make().variants.values_list("pk", flat=True)]
    counts = []
    for some in (ids[:1], ids):
        with CaptureQueriesContext(connection) as queries:
            public.variants_by_ids(some, "de")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3
    with CaptureQueriesContext(connection) as queries:
        public.variants_by_ids(ids, "en")
    assert len(queries) <= 3


def test_documents_cost_the_same_for_one_and_for_many(acme):
    ids = [make().pk for _ in range(4)]
    counts = []
    for some in (ids[:1], ids):
        with CaptureQueriesContext(connection) as queries:
            parts = product_parts(some, ["en", "de"], ["USD", "EUR"])
        assert set(parts) == set(some)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 21


def test_a_document_says_everything_in_each_locale(acme):
    product = make()
    part = product_parts([product.pk, uuid4()], ["en", "de"], ["USD"])[product.pk]
    german = part["locales"]["de"]
    assert (german["title"], german["options"]) == ("Hemd", [{"name": "Farbe", "values": ["Rot", "Blue"]}])
    assert german["variants"][0]["options"] == {"Farbe": "Rot"}
    assert german["images"][0]["alt"] == "Rot"
    assert german["seo"] == {"title": "Hemd", "description": ""}
    assert part["document"]["tags"] == ["wool"]
    assert part["locales"]["en"]["category"]["path"].startswith("category-")
    assert part["columns"]["version"] == 1
    assert part["document"]["published_at"] == "2026-02-01T00:00:00Z"


def test_what_is_not_on_offer_is_not_in_the_document(acme):
    product = make()
    services.update_variant(actor=SYSTEM, variant_id=product.variants.first().pk, is_active=False)
    part = product_parts([product.pk], ["en"], ["USD"])[product.pk]
    assert len(part["locales"]["en"]["variants"]) == 1


def test_things_are_found_by_their_names(acme):
    product = ProductFactory(handle="tee", variants=[{"sku": "TEE"}])
    ref = public.find_by_handle("tee")
    assert (ref.id, list(ref.variants)) == (product.pk, ["TEE"])
    assert public.find_by_sku("TEE").product_id == product.pk
    assert public.find_by_handle("none") is public.find_by_sku("none") is None
    assert set(public.find_by_skus(["TEE", "none"])) == {"TEE"}


def test_collections_are_told_in_the_locale_asked_for(acme):
    make()
    collection = CollectionFactory(handle="summer", translations={"en": {"title": "Summer"}, "de": {"title": "Sommer"}})
    again = public.ensure_collection(actor=SYSTEM, handle="summer", translations={"en": {"title": "Other"}})
    assert again == collection.pk
    product = Product.objects.get()
    public.add_to_collection(actor=SYSTEM, collection_id=collection.pk, products=[product.pk, product.pk])
    found = public.collection_by_handle("summer", "de")
    assert (found["title"], found["product_count"], found["version"]) == ("Sommer", 1, 2)
    assert public.collection_by_handle("winter", "de") is None


def test_a_large_change_of_a_collection_is_told_in_several_events(acme, events_of, monkeypatch):
    from apps.product.services import collections

    monkeypatch.setattr(collections, "MOST_PRODUCTS", 2)
    CollectionFactory(products=[ProductFactory().pk for _ in range(5)])
    told = events_of("collection.products_changed")
    assert [len(event["product_ids"]) for event in told] == [2, 2, 1]


def test_publishing_makes_the_row_of_the_index(acme, deliver_events):
    from apps.index.public import get_product

    product = make(handle="tee")
    deliver_events()
    assert get_product("tee", "de", "EUR")["title"] == "Hemd"
    services.update_product(actor=SYSTEM, product_id=product.pk, now=NOW, translations={"de": {"title": "Leibchen"}})
    deliver_events()
    assert get_product("tee", "de", "EUR")["title"] == "Leibchen"
    services.delete_product(actor=SYSTEM, product_id=product.pk)
    deliver_events()
    assert get_product("tee", "de", "EUR") is None
