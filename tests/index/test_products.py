"""Lists and details from the index."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.index import parts, services
from apps.index.models import IndexProduct
from apps.index.public import ProductQuery, compose_product, get_product, list_products, product_etags
from apps.index.queries import Condition
from rustok.kernel.errors import Invalid
from rustok.kernel.pages import PageRequest

pytestmark = pytest.mark.django_db


def ask(**given):
    return list_products(ProductQuery(**{"locale": "en", "currency": "USD", **given}))


def handles(**given):
    return [one["handle"] for one in ask(**given).results]


def test_a_document_is_the_answer(acme, catalogue):
    key = catalogue.add("tent", price=1999, compare_at=2999, quantity=3, sizes=("S", "M"), category="camping/tents")
    document = get_product("tent", "en", "USD")
    assert document == get_product(key, "en", "USD") == get_product(str(key), "en", "USD")
    assert document["price_range"] == {
        "min": {"amount": "19.99", "currency": "USD"},
        "max": {"amount": "19.99", "currency": "USD"},
    }
    assert (document["compare_at"], document["on_sale"]) == ({"amount": "29.99", "currency": "USD"}, True)
    assert (document["in_stock"], document["total_inventory"]) == (True, 3)
    variant = document["variants"][0]
    assert (variant["price"]["amount"], variant["available"], variant["inventory_quantity"]) == ("19.99", True, 3)
    assert document["resolved_locale"] == "en"


def test_every_locale_and_currency_has_a_row(acme, catalogue):
    catalogue.add("tent", price=1999, euros=1899, german="Zelt")
    assert get_product("tent", "de", "EUR")["title"] == "Zelt"
    assert get_product("tent", "de", "EUR")["price_range"]["min"] == {"amount": "18.99", "currency": "EUR"}
    assert set(IndexProduct.objects.values_list("locale", "currency")) == {
        ("en", "USD"), ("en", "EUR"), ("de", "USD"), ("de", "EUR"),
    }  # fmt: skip


def test_a_missing_translation_falls_back_and_says_so(acme, catalogue):
    catalogue.add("tent")
    document = get_product("tent", "de", "EUR")
    assert (document["title"], document["resolved_locale"]) == ("Tent", "en")
    assert get_product("tent", "fr-CA", "EUR")["resolved_locale"] == "en"


def test_what_is_not_on_sale_is_not_shown(acme, catalogue):
    catalogue.add("draft", status="draft")
    catalogue.add("old", status="archived")
    assert handles() == []
    assert get_product("draft", "en", "USD") is None
    assert handles(status=["draft"]) == []
    assert sorted(handles(status=["draft", "archived"], shown=Condition("true"))) == ["draft", "old"]


def test_a_product_without_a_price_comes_last_in_both_directions(acme, catalogue):
    catalogue.add("none", price=None)
    catalogue.add("cheap", price=100)
    catalogue.add("dear", price=900)
    assert handles(sort="price") == ["cheap", "dear", "none"]
    assert handles(sort="-price") == ["dear", "cheap", "none"]
    assert get_product("none", "en", "USD")["price_range"] is None


def test_titles_are_ordered_without_case_and_accents(acme, catalogue):
    for number, title in enumerate(["zelt", "Äxte", "Axt", "beil"]):
        catalogue.add(f"product-{number}", title=title)
    assert [one["title"] for one in ask(sort="title").results] == ["Axt", "Äxte", "beil", "zelt"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"category": "camping"}, {"tent", "stove"}),
        ({"category": "camping/tents"}, {"tent"}),
        ({"category": "camp"}, set()),
        ({"collection": "summer"}, {"tent", "shirt"}),
        ({"tag": "light"}, {"tent"}),
        ({"tag": ["light", "warm"]}, {"tent", "shirt"}),
        ({"vendor": "Nordwind"}, {"tent", "shirt"}),
        ({"price_min": "50"}, {"tent"}),
        ({"price_min": "20.00", "price_max": "49.99"}, {"stove"}),
        ({"in_stock": True}, {"tent", "shirt"}),
        ({"in_stock": False}, {"stove"}),
        ({"on_sale": True}, {"shirt"}),
        ({"options": {"size": "m"}}, {"shirt"}),
        ({"options": {"SIZE": ["M", "xl"]}}, {"shirt", "tent"}),
        ({"options": {"größe": "m"}}, {"shirt"}),
        ({"handle": ["tent", "nothing"]}, {"tent"}),
        ({"category": "camping", "in_stock": True}, {"tent"}),
    ],
)
def test_filters(acme, catalogue, filters, expected):
    catalogue.add("tent", price=9900, category="camping/tents", collections=("summer",), tags=("light",), sizes=("XL",))
    catalogue.add("stove", price=4500, category="camping/stoves", vendor="Glut", quantity=0)
    catalogue.add(
        "shirt", price=1500, compare_at=2000, category="clothing", collections=("summer",), tags=("warm",),
        sizes=("S", "M"), german="Hemd",
    )  # fmt: skip
    assert set(handles(**filters)) == expected
    page = PageRequest(count=True)
    assert ask(**filters, page=page).count == len(expected)


@pytest.mark.parametrize("sort", ["newest", "price", "-price", "title", "-title", "relevance"])
def test_pages_walk_every_row_exactly_once_under_ties(acme, catalogue, sort):
    keys = [catalogue.add(f"tent-{n}", title="Tent", price=100 * (n % 3), days=n % 2, index=False) for n in range(23)]
    services.reindex_products(keys)
    query = ProductQuery(
        locale="en", currency="USD", sort=sort, search="tent" if sort == "relevance" else "", page=PageRequest(size=4)
    )
    whole = [one["id"] for one in list_products(replace(query, page=PageRequest(size=100))).results]
    forwards, cursor, pages = [], None, []
    while True:
        page = list_products(replace(query, page=PageRequest(size=4, cursor=cursor, count=True)))
        pages.append(page)
        forwards += [one["id"] for one in page.results]
        assert page.count == 23
        cursor = page.next
        if cursor is None:
            break
    assert forwards == whole
    assert set(forwards) == {str(key) for key in keys}
    back = list_products(replace(query, page=PageRequest(size=4, cursor=pages[-1].previous)))
    assert back.texts == pages[-2].texts
    assert list_products(replace(query, page=PageRequest(size=4, cursor=pages[1].previous))).previous is None


@pytest.mark.parametrize(
    "cursor", ["x", "bm9uZQ", "WyJuIiwxLDIsM10", "WyJuIiwibmV3ZXN0IiwieCIsInkiXQ", "\x00", "é" * 50]
)
def test_a_cursor_that_is_not_ours_is_refused(acme, catalogue, cursor):
    with pytest.raises(Invalid):
        ask(page=PageRequest(cursor=cursor))


def test_a_cursor_of_another_order_is_refused(acme, catalogue):
    for n in range(3):
        catalogue.add(f"tent-{n}")
    cursor = ask(sort="price", page=PageRequest(size=1)).next
    with pytest.raises(Invalid):
        ask(sort="newest", page=PageRequest(size=1, cursor=cursor))


@pytest.mark.parametrize(
    "bad",
    [
        {"sort": "random"}, {"price_min": "a"}, {"price_min": "-1"}, {"price_max": "1e400"},
        {"price_min": "NaN"}, {"search": "a\x00b"}, {"search": "x" * 201}, {"category": "a\x00"}, {"tag": ["\x00"]},
        {"tag": ["x"] * 21}, {"options": {f"o{n}": "x" for n in range(21)}}, {"page_size": 0}, {"page_size": 101},
    ],
)  # fmt: skip
def test_a_bad_filter_is_refused(acme, catalogue, bad):
    with pytest.raises(Invalid):
        ask(**bad)


def test_a_list_is_one_query_and_facets_one_more_however_long(acme, catalogue):
    keys = [catalogue.add(f"tent-{n}", sizes=("S",), index=False) for n in range(30)]
    services.reindex_products(keys)
    for size in (1, 30):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(ask(page=PageRequest(size=size, count=True)).results) == size
        assert len(queries) == 1
        with CaptureQueriesContext(connection) as queries:
            ask(page=PageRequest(size=size), facets=True)
        assert len(queries) == 2
    with CaptureQueriesContext(connection) as queries:
        get_product("tent-3", "de", "USD")
    assert len(queries) == 1


def test_reindexing_takes_a_constant_number_of_queries(acme, catalogue):
    few = [catalogue.add(f"few-{n}", index=False) for n in range(2)]
    many = [catalogue.add(f"many-{n}", index=False) for n in range(40)]
    services.reindex_products([catalogue.add("first")])
    counts = []
    for keys in (few, many):
        catalogue.calls = 0
        with CaptureQueriesContext(connection) as queries:
            assert services.reindex_products(keys) == 4 * len(keys)
        counts.append((len(queries), catalogue.calls))
    assert counts[0] == counts[1]
    assert counts[0][1] == 1


def test_reindexing_what_did_not_change_writes_nothing(acme, catalogue):
    key = catalogue.add("tent")
    assert services.reindex_products([key]) == 0
    catalogue.add("tent", key=key, title="Bigger tent")
    assert get_product("tent", "en", "USD")["title"] == "Bigger tent"


def test_a_product_that_is_gone_leaves_the_index(acme, catalogue):
    key = catalogue.add("tent")
    del catalogue.products[key]
    services.reindex_products([key])
    assert not IndexProduct.objects.exists()


def test_list_answers_equal_the_recomputation(acme, catalogue):
    for n in range(7):
        catalogue.add(f"tent-{n}", price=100 + n, quantity=n, sizes=("S", "M"), german=f"Zelt {n}", category="a/b")
    for locale, currency in (("en", "USD"), ("de", "EUR")):
        shown = ask(locale=locale, currency=currency).results
        assert len(shown) == 7
        for document in shown:
            assert document == compose_product(parts.UUID(document["id"]), locale, currency)


def test_facets_count_and_look_past_their_own_choice(acme, catalogue):
    catalogue.add(
        "tent",
        price=9900,
        vendor="Nordwind",
        sizes=("S", "M"),
        tags=("light",),
        category="camping/tents",
        german="Zelt",
    )
    catalogue.add("shirt", price=1500, vendor="Glut", sizes=("M",), german="Hemd")
    facets = ask(vendor="Glut", facets=True).facets
    assert facets["vendors"] == [{"value": "Glut", "count": 1}, {"value": "Nordwind", "count": 1}]
    assert facets["options"] == {"Size": [{"value": "M", "count": 1}]}
    assert facets["price"] == {"min": "15.00", "max": "15.00", "currency": "USD"}
    assert facets["tags"] == []
    both = ask(options={"size": "s"}, facets=True).facets
    assert both["options"] == {"Size": [{"value": "M", "count": 2}, {"value": "S", "count": 1}]}
    german = ask(locale="de", options={"GRÖSSE": "s"}, facets=True)
    assert [one["handle"] for one in german.results] == ["tent"]
    assert german.facets["options"] == {"Größe": [{"value": "M", "count": 2}, {"value": "S", "count": 1}]}
    assert both["categories"] == [{"value": "camping", "count": 1}, {"value": "camping/tents", "count": 1}]


def test_entity_tags_follow_the_row_and_name_its_version(acme, catalogue):
    key = catalogue.add("tent")
    before = set(product_etags(key))
    assert len(before) == 4
    assert set(product_etags(key, version=1)) == before
    assert product_etags(key, version=2) == []
    catalogue.add("tent", key=key, quantity=1)
    assert before.isdisjoint(product_etags(key))
