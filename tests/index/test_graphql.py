"""The catalogue over GraphQL."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db

EVERYTHING = """
    id handle title subtitle description status vendor tags category { id path name } collections { handle title }
    options { name values } images { url alt } priceRange { min { amount currency } max { amount } }
    compareAt { amount } onSale inStock totalInventory resolvedLocale
    variants { id sku title options { name value } price { amount currency } compareAt { amount } available }
"""
LIST = f"""query ($first: Int, $after: String, $filter: ProductFilter, $sort: String, $search: String,
    $locale: String, $currency: String) {{
  products(first: $first, after: $after, filter: $filter, sort: $sort, search: $search, locale: $locale,
    currency: $currency) {{
    totalCount pageInfo {{ hasNextPage endCursor }} edges {{ cursor node {{ {EVERYTHING} }} }} nodes {{ handle }}
  }}
}}"""


def test_products_are_a_relay_connection(api, catalogue):
    for n in range(3):
        catalogue.add(f"tent-{n}", price=1000 + n, sizes=("M",), category="camping/tents", collections=("summer",))
    first = api().graphql(LIST, first=2, sort="price")["data"]["products"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert [node["handle"] for node in first["nodes"]] == ["tent-0", "tent-1"]
    node = first["edges"][0]["node"]
    assert node["priceRange"] == {"min": {"amount": "10.00", "currency": "USD"}, "max": {"amount": "10.00"}}
    assert (node["category"]["path"], node["collections"][0]["handle"]) == ("camping/tents", "summer")
    assert node["variants"][0]["price"] == {"amount": "10.00", "currency": "USD"}
    second = api().graphql(LIST, first=2, sort="price", after=first["pageInfo"]["endCursor"])["data"]["products"]
    assert [node["handle"] for node in second["nodes"]] == ["tent-2"]
    assert second["pageInfo"]["hasNextPage"] is False


def test_filters_search_locale_and_currency(api, catalogue):
    catalogue.add("tent", german="Zelt", euros=1500, sizes=("M",), tags=("light",))
    catalogue.add("stove", vendor="Glut")
    where = {"options": [{"name": "Größe", "values": ["m"]}], "tag": ["light"], "priceMax": "15.00", "inStock": True}
    found = api().graphql(LIST, filter=where, locale="de", currency="EUR")["data"]["products"]["edges"]
    assert [edge["node"]["title"] for edge in found] == ["Zelt"]
    assert api().graphql(LIST, search="sto")["data"]["products"]["nodes"] == [{"handle": "stove"}]


def test_one_product_by_id_or_handle(api, catalogue):
    key = catalogue.add("tent")
    ask = "query ($id: ID, $handle: String) { product(id: $id, handle: $handle) { id handle } }"
    by_handle = api().graphql(ask, handle="tent")["data"]["product"]
    assert api().graphql(ask, id=by_handle["id"])["data"]["product"] == by_handle
    assert api().graphql(ask, id=str(key))["data"]["product"] == by_handle
    assert api().graphql(ask, handle="nothing")["data"]["product"] is None
    assert api().graphql(ask)["errors"][0]["extensions"]["code"] == "which_product"
    wrong = "Q2F0ZWdvcnk6MQ=="
    assert api().graphql(ask, id=wrong)["errors"][0]["extensions"]["code"] == "invalid_id"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"locale": "xx"}, "unknown_locale"),
        ({"currency": "GBP"}, "unknown_currency"),
        ({"first": 0}, "invalid_page_size"),
        ({"first": 101}, "invalid_page_size"),
        ({"after": "x"}, "invalid_cursor"),
        ({"sort": "best"}, "invalid_sort"),
        ({"filter": {"priceMin": "x"}}, "invalid_amount"),
    ],
)
def test_bad_questions_have_a_code(api, catalogue, given, code):
    assert api().graphql(LIST, **given)["errors"][0]["extensions"]["code"] == code


def test_search_finds_products_and_content(api, catalogue):
    catalogue.add("tent")
    catalogue.add_node("tents", en={"title": "About tents", "excerpt": "Short"})
    ask = '{ search(q: "tent") { products { nodes { handle } } content { kind title slug excerpt } } }'
    assert api().graphql(ask)["data"]["search"] == {
        "products": {"nodes": [{"handle": "tent"}]},
        "content": [{"kind": "post", "title": "About tents", "slug": "tents", "excerpt": "Short"}],
    }


def test_a_list_is_one_query_however_long(api, catalogue):
    for n in range(8):
        catalogue.add(f"tent-{n}")
    client = api()
    client.graphql(LIST)
    for size in (1, 8):
        with CaptureQueriesContext(connection) as queries:
            assert len(client.graphql(LIST, first=size)["data"]["products"]["edges"]) == size
        assert len([q for q in queries if "SET search_path" not in q["sql"]]) == 1


def test_what_is_not_on_sale_is_not_shown(api, catalogue, manager):
    catalogue.add("draft", status="draft")
    assert api(manager).graphql(LIST)["data"]["products"]["nodes"] == []
    assert api().graphql('{ product(handle: "draft") { id } }')["data"]["product"] is None
    assert api().graphql(LIST, filter={"status": ["draft"]})["errors"][0]["extensions"]["code"] == "unauthenticated"
