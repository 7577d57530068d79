"""The catalogue over GraphQL."""

import pytest

from apps.product.models import Product
from tests.product.factories import CollectionFactory, ProductFactory

pytestmark = pytest.mark.django_db

CREATE = """
mutation ($input: ProductCreateInput!) { productCreate(input: $input) {
  errors { field code message }
  product { id handle title status tags options { name values } variants { sku title options { name value } } }
} }"""
UPDATE = """
mutation ($input: ProductUpdateInput!) { productUpdate(input: $input) {
  errors { field code } product { id title vendor status } } }"""
PUBLISH = """
mutation ($id: ID!) { productPublish(input: {id: $id}) { errors { code } product { status } } }"""
UNPUBLISH = """
mutation ($id: ID!) { productUnpublish(input: {id: $id}) { errors { code } product { status } } }"""
DELETE = "mutation ($id: ID!) { productDelete(input: {id: $id}) { errors { code } deletedId } }"
TENT = {
    "handle": "tent",
    "translations": [{"locale": "en", "title": "Tent"}, {"locale": "de", "title": "Zelt"}],
    "tags": ["Wool"],
    "options": [
        {
            "name": "Size",
            "values": ["S", "M"],
            "translations": [{"locale": "de", "name": "Größe", "values": [{"name": "S", "value": "klein"}]}],
        }
    ],
    "variants": [{"sku": "T1", "options": [{"name": "Size", "value": "S"}]}],
}


@pytest.fixture(autouse=True)
def _no_checks(monkeypatch):
    from apps.product.services import publishing

    monkeypatch.setattr(publishing, "_checks", {})


def test_a_product_goes_through_its_life(api, manager):
    client = api(manager)
    made = client.graphql(CREATE, input=TENT | {"locale": "de"})["data"]["productCreate"]
    assert made["errors"] == []
    product = made["product"]
    assert (product["title"], product["status"]) == ("Zelt", "draft")
    assert product["options"] == [{"name": "Größe", "values": ["klein", "M"]}]
    assert product["variants"][0]["options"] == [{"name": "Größe", "value": "klein"}]
    key = product["id"]
    change = {"id": key, "vendor": "Acme", "translations": [{"locale": "de", "remove": True}]}
    changed = client.graphql(UPDATE, input=change)["data"]["productUpdate"]
    assert (changed["errors"], changed["product"]["vendor"], changed["product"]["title"]) == ([], "Acme", "Tent")
    assert client.graphql(PUBLISH, id=key)["data"]["productPublish"]["product"]["status"] == "active"
    assert client.graphql(UNPUBLISH, id=key)["data"]["productUnpublish"]["product"]["status"] == "draft"
    assert client.graphql(DELETE, id=key)["data"]["productDelete"] == {"errors": [], "deletedId": key}
    assert not Product.objects.exists()


def test_a_lost_race_is_an_error_of_the_payload(api, manager):
    product = ProductFactory()
    change = {"id": str(product.pk), "vendor": "Acme", "expectedVersion": 1}
    client = api(manager)
    assert client.graphql(UPDATE, input=change)["data"]["productUpdate"]["errors"] == []
    lost = client.graphql(UPDATE, input=change | {"vendor": "Other"})["data"]["productUpdate"]
    assert lost == {"errors": [{"field": "", "code": "precondition_failed"}], "product": None}
    assert Product.objects.get().vendor == "Acme"


def test_bad_input_names_the_field_and_writes_nothing(api, manager, events_of):
    bad = TENT | {"variants": [{"sku": "T1", "options": [{"name": "Size", "value": "XXL"}]}]}
    answer = api(manager).graphql(CREATE, input=bad)["data"]["productCreate"]
    assert answer["product"] is None
    assert (answer["errors"][0]["field"], answer["errors"][0]["code"]) == ("options", "invalid_options")
    long = api(manager).graphql(CREATE, input=TENT | {"vendor": "x" * 121})["data"]["productCreate"]
    assert (long["errors"][0]["field"], long["errors"][0]["code"]) == ("vendor", "max_length")
    assert not Product.objects.exists()
    assert events_of("product.created") == []


@pytest.mark.parametrize(("who", "code"), [("anonymous", "unauthenticated"), ("customer", "forbidden")])
def test_strangers_change_nothing(api, customer, who, code, events_of):
    product = ProductFactory(handle="mug")
    client = api() if who == "anonymous" else api(customer)
    key = str(product.pk)
    answers = [
        client.graphql(CREATE, input=TENT)["data"]["productCreate"],
        client.graphql(UPDATE, input={"id": key, "vendor": "Mine"})["data"]["productUpdate"],
        client.graphql(PUBLISH, id=key)["data"]["productPublish"],
        client.graphql(DELETE, id=key)["data"]["productDelete"],
    ]
    assert [answer["errors"][0]["code"] for answer in answers] == [code] * 4
    assert list(Product.objects.values_list("handle", "vendor", "status")) == [("mug", "", "draft")]
    assert len(events_of("product.created")) == 1
    assert events_of("product.updated") == events_of("product.published") == events_of("product.deleted") == []


def test_collections_are_a_connection(api):
    CollectionFactory(handle="summer", translations={"en": {"title": "Summer"}, "de": {"title": "Sommer"}})
    CollectionFactory(handle="winter")
    query = """query { collections(first: 1, locale: "de") {
        totalCount pageInfo { hasNextPage } nodes { id handle title productCount resolvedLocale } } }"""
    page = api().graphql(query)["data"]["collections"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (2, True)
    assert page["nodes"][0]["title"] == "Sommer"
