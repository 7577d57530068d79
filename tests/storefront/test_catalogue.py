"""Lists, search and the product page."""

import json
import re

import pytest
from django.db import connection

from tests.content.factories import make_page, make_post
from tests.storefront.factories import make_jacket, make_menu


def text(answer):
    return answer.content.decode()


def test_the_front_page_shows_what_is_new_where_it_lies_and_what_was_written(reader, jacket, deliver_events):
    make_post(translations={"en": {"title": "Rain, explained", "body": "It falls."}})
    deliver_events()
    html = text(reader.get("/"))
    for words in ("Jacket", "Clothing", "Rain, explained"):
        assert words in html


def test_a_page_called_home_takes_the_front_page(reader, jacket):
    make_page(path="home", blocks={"en": [{"type": "hero", "data": {"title": "Stay outside"}}]})
    assert "Stay outside" in text(reader.get("/"))
    assert reader.get("/home/").url == "/"


def test_a_category_lists_what_is_in_it(reader, jacket):
    html = text(reader.get("/categories/clothing/"))
    assert "<h1>Clothing</h1>" in html
    assert '<a href="/products/jacket/">Jacket</a>' in html
    assert "Blue" in html
    assert "from $90.00" in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("option.Colour=Red", True),
        ("option.Colour=Green", False),
        ("price_max=95", True),
        ("price_max=89", False),
        ("price_min=100.01", False),
        ("in_stock=true", True),
        ("vendor=Northcut&sort=-price", True),
        ("vendor=Nobody", False),
    ],
)
def test_filters_narrow_a_list(reader, jacket, query, found):
    assert ("/products/jacket/" in text(reader.get(f"/categories/clothing/?{query}"))) is found


@pytest.mark.parametrize(
    "query", ["price_min=abc", "price_min=-1", "cursor=abc", "in_stock=maybe", "vendor=" + "x" * 300]
)
def test_a_nonsense_filter_is_said_and_ignored(reader, jacket, query):
    answer = reader.get(f"/categories/clothing/?{query}")
    assert answer.status_code == 400
    assert 'class="note error"' in text(answer)
    assert "/products/jacket/" in text(answer)


def test_search_finds_products_and_posts(reader, jacket, deliver_events):
    make_post(translations={"en": {"title": "A jacket for life", "body": "Mend it."}})
    deliver_events()
    html = text(reader.get("/search/?q=jacket"))
    assert "/products/jacket/" in html
    assert "A jacket for life" in html
    assert "Nothing matches" in text(reader.get("/search/?q=submarine"))


@pytest.mark.parametrize("q", ["'", "%", "a" * 5000, "<script>alert(1)</script>", "\x00", '"', "& | !"])
def test_no_search_breaks_the_page(reader, jacket, q):
    answer = reader.get("/search/", {"q": q})
    assert answer.status_code == 200
    assert "<script>alert(1)" not in text(answer)


def test_the_list_costs_the_same_however_long_it_is(reader, jacket, deliver_events):
    def cost():
        asked = []

        def note(execute, sql, *rest):
            asked.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            reader.get("/search/")
        return len(asked)

    cost()
    one = cost()
    for number in range(8):
        make_jacket(f"jacket-{number}")
    deliver_events()
    assert 1 < one == cost() < 8


def test_the_product_page_shows_the_variant_that_its_address_names(reader, jacket):
    blue, red = text(reader.get("/products/jacket/")), text(reader.get("/products/jacket/?option.Colour=Red"))
    assert '<span class="price">$90.00</span>' in blue
    assert '<span class="price">$100.00</span>' in red
    assert re.search(r'value="Red" checked', red)


def test_a_sold_out_product_cannot_be_put_into_the_cart(reader, acme, deliver_events):
    make_jacket("gone", stock=0)
    deliver_events()
    html = text(reader.get("/products/gone/"))
    assert "Sold out" in html
    assert re.search(r"<button class=\"button primary wide\" disabled>", html)


def test_the_last_ones_are_counted(reader, acme, deliver_events):
    make_jacket("rare", stock=2)
    deliver_events()
    assert "Only 2 left" in text(reader.get("/products/rare/"))


def test_search_engines_read_name_price_and_stock(reader, jacket):
    script = re.search(r'<script type="application/ld\+json">(.*?)</script>', text(reader.get("/products/jacket/")))
    data = json.loads(script[1])
    assert data["name"] == "Jacket"
    assert {(offer["price"], offer["priceCurrency"]) for offer in data["offers"]} == {
        ("90.00", "USD"),
        ("100.00", "USD"),
    }
    assert data["offers"][0]["availability"].endswith("InStock")


def test_another_currency_shows_its_own_prices(reader, jacket):
    reader.post("/preferences/", {"currency": "EUR", "next": "/products/jacket/"})
    assert "€80.00" in text(reader.get("/products/jacket/"))
    assert "No price in this currency" in text(reader.get("/products/jacket/?option.Colour=Red"))


@pytest.mark.parametrize("next_page", ["https://evil.test/", "//evil.test/", "javascript:alert(1)"])
def test_preferences_lead_nowhere_else(reader, next_page):
    assert reader.post("/preferences/", {"mode": "dark", "next": next_page}).url == "/"


@pytest.mark.parametrize(("name", "value"), [("currency", "GBP"), ("mode", '"><script>')])
def test_a_preference_that_is_not_offered_is_not_kept(reader, name, value):
    assert name not in reader.post("/preferences/", {name: value}).cookies


@pytest.mark.parametrize(
    "path",
    ["/products/none/", "/categories/none/", "/collections/none/", "/none/", "/blog/none/", "/forum/none/", "/de/x/"],
)
def test_what_is_not_there_is_a_page_that_says_so(reader, path):
    answer = reader.get(path)
    assert answer.status_code == 404
    assert "/search/" in text(answer)


def test_the_menu_marks_where_one_is(reader, jacket):
    make_menu("header", "/categories/clothing/", "/blog/")
    html = text(reader.get("/de/categories/clothing/"))
    assert '<a href="/de/categories/clothing/" aria-current="page">' in html
    assert '<a href="/de/blog/">' in html


def test_a_draft_is_not_there(reader, acme, deliver_events):
    from apps.product.public import find_by_handle, unpublish_product
    from tests.storefront.factories import SYSTEM

    make_jacket("hidden")
    unpublish_product(actor=SYSTEM, product_id=find_by_handle("hidden").id)
    deliver_events()
    assert reader.get("/products/hidden/").status_code == 404
