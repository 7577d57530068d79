"""A storefront shows nothing of what its shop does not use."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.navigation.public import set_menu
from apps.storefront.menus import forget_menus
from apps.tenant.public import find
from apps.tenant.services.modules import disable_module, enable_module
from tests.content.factories import make_page, make_post
from tests.storefront.factories import SYSTEM


def switch(slug: str, *, on: bool = False) -> None:
    (enable_module if on else disable_module)(actor=SYSTEM, slug=slug, with_dependencies=True)
    connection.set_tenant(find("acme"))
    forget_menus()


@pytest.fixture
def story(jacket, deliver_events):
    """A post, a page, and a menu that leads to all there is."""
    post = make_post(translations={"en": {"title": "A night out", "body": "In a jacket."}})
    page = make_page(path="about", translations={"en": {"title": "About us"}})
    items = [
        {"labels": {"en": url}, "url": url} for url in ("/blog/", "/forum/", "/search/", "/de/blog/", "https://x.org/")
    ]
    set_menu(actor=SYSTEM, location="header", items=[*items, {"labels": {"en": "About"}, "page_id": str(page.pk)}])
    deliver_events()
    return post


def links(reader, path: str = "/") -> str:
    answer = reader.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_the_blog_no_page_leads_to_it(reader, story):
    before = links(reader)
    assert 'href="/blog/"' in before
    assert "A night out" in before
    switch("blog")
    page = links(reader)
    assert "/blog/" not in page
    assert "A night out" not in page
    for kept in ('href="/forum/"', 'href="/search/"', 'href="https://x.org/"', 'href="/about/"', "/products/jacket/"):
        assert kept in page
    assert "A night out" not in links(reader, "/search/?q=jacket")
    assert reader.get("/blog/").status_code == reader.get("/blog/a-night-out/").status_code == 404
    assert reader.get("/de/blog/").status_code == 404
    switch("blog", on=True)
    assert "A night out" in links(reader)


def test_without_products_a_shop_is_a_site(reader, story):
    switch("product")
    page = links(reader)
    for gone in ("/products/", "/categories/", "/cart/", "New in the shop", "before you pay"):
        assert gone not in page
    assert "A night out" in page
    assert "A night out" in links(reader, "/search/?q=jacket")
    assert "Nothing matches" in links(reader, "/search/?q=tent")
    for route in ("/products/jacket/", "/categories/clothing/", "/cart/", "/cart/drawer/", "/checkout/", "/orders/x/"):
        assert reader.get(route).status_code == 404
    assert reader.post("/cart/", {"action": "add", "handle": "jacket"}).status_code == 404


def test_without_the_checkout_products_are_shown_and_none_is_paid_for(reader, jacket):
    switch("commerce")
    assert "Add to cart" in links(reader, "/products/jacket/")
    reader.post("/cart/", {"action": "add", "variant_id": str(jacket["blue"]), "quantity": "1"})
    assert "Go to checkout" not in links(reader, "/cart/")
    assert reader.get("/checkout/").status_code == 404


def test_without_carts_and_prices_products_are_only_shown(reader, jacket, deliver_events):
    reader.post("/cart/", {"action": "add", "variant_id": str(jacket["blue"]), "quantity": "2"})
    switch("pricing")
    deliver_events()
    page = links(reader, "/products/jacket/")
    assert "Add to cart" not in page
    assert "No price" not in page
    assert 'id="cart-button"' not in page
    switch("pricing", on=True)
    deliver_events()
    assert "180.00" in links(reader, "/cart/")  # what lay there still does


def test_without_stock_nothing_is_called_sold_out(reader, jacket, deliver_events):
    switch("inventory")
    deliver_events()
    for path in ("/products/jacket/", "/search/"):
        assert "Sold out" not in links(reader, path)


def test_without_comments_a_post_is_read_and_not_talked_about(reader, story):
    assert 'id="comments"' in links(reader, "/blog/a-night-out/")
    switch("comments")
    assert 'id="comments"' not in links(reader, "/blog/a-night-out/")
    assert reader.post("/blog/a-night-out/", {"body": "Nice"}).status_code == 404


def test_without_pages_menus_lead_to_none_and_the_front_page_is_there(reader, story, deliver_events):
    make_page(path="home", translations={"en": {"title": "Home"}})
    deliver_events()
    assert "Welcome" in links(reader)
    switch("pages")
    page = links(reader)
    assert "/about/" not in page
    assert "Welcome" not in page
    assert reader.get("/about/").status_code == 404


def test_without_menus_pages_have_none(reader, story):
    switch("navigation")
    assert 'href="/forum/"' not in links(reader)


def test_without_a_storefront_nothing_is_there_but_the_api(reader, story):
    switch("storefront")
    for route in ("/", "/search/", "/products/jacket/", "/nowhere/"):
        answer = reader.get(route)
        assert (answer.status_code, answer.content) == (404, b"Not found\n"), route
    assert reader.get("/api/v1/products/jacket/").status_code == 200


def test_an_account_without_orders_shows_none(reader, story, customer):
    reader.force_login(customer)
    assert "Your orders" in links(reader, "/account/")
    switch("order")
    page = links(reader, "/account/")
    assert "Your orders" not in page
    assert "Your account" in page
