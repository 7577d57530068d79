"""Somebody comes, looks around, chooses and buys: with a mouse, with a phone, without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

ADDRESS = {
    "email": "mara@example.org",
    "first_name": "Mara",
    "last_name": "Lindqvist",
    "line1": "Harbour Street 7",
    "postal_code": "20457",
    "city": "Hamburg",
}


def go(page: Page, path: str) -> None:
    page.goto(page.base + path)


def open_a_product(page: Page) -> None:
    """Open one that can be bought, as a reader would: from the whole catalogue."""
    go(page, "/search/?in_stock=true&sort=price")
    page.locator(".card .title a").first.click()
    expect(page.locator(".buy h1")).to_be_visible()


def add_to_cart(page: Page) -> None:
    open_a_product(page)
    page.locator(".buy .add .button").click()
    expect(page.locator("#drawer[open], .note.success")).to_be_visible()


def check_out(page: Page, country: str = "DE") -> None:
    go(page, "/checkout/")
    for name, value in ADDRESS.items():
        page.fill(f"#field-{name}", value)
    page.select_option("#field-country", country)
    page.locator(".step.open form .button").click()
    expect(page.locator("#step-delivery")).to_be_visible()
    page.locator(".options input").first.check()
    page.locator(".step.open form .button").click()


def pay(page: Page, token: str) -> None:
    page.locator(f"input[value='{token}']").check()
    page.locator("form[data-once] .button").click()


@pytest.mark.parametrize(("tenant", "width", "javascript"), [("acme", 1280, True), ("globex", 390, False)])
def test_a_guest_buys(visit, shot, tenant, width, javascript):
    page = visit(tenant, "/", width=width, javascript=javascript)
    expect(page.locator("h1")).to_be_visible()
    shot(page, f"home-{tenant}")
    add_to_cart(page)
    if javascript:
        expect(page.locator("#drawer")).to_be_visible()
        expect(page.locator("#cart-button .bubble")).to_have_text("1")
    else:
        expect(page.locator(".note.success")).to_be_visible()
    check_out(page)
    shot(page, f"checkout-{tenant}")
    pay(page, "test:tok_ok")
    page.wait_for_url(re.compile(r"/orders/[^/]+/"))
    expect(page.locator(".receipt .line")).to_have_count(1)
    go(page, "/cart/")
    expect(page.locator(".cart-line")).to_have_count(0)


def test_a_declined_card_buys_nothing_and_another_way_does(visit):
    page = visit("acme", "/")
    add_to_cart(page)
    check_out(page)
    pay(page, "test:tok_declined")
    expect(page.locator(".note.error")).to_be_visible()
    pay(page, "manual:")
    page.wait_for_url(re.compile(r"/orders/[^/]+/"))


def test_a_missing_name_is_named_beside_its_field(visit):
    page = visit("acme", "/", javascript=False)
    add_to_cart(page)
    go(page, "/checkout/")
    form = page.locator(".step.open form")
    page.fill("#field-email", "mara@example.org")
    page.fill("#field-last_name", " ")
    for name in ("line1", "city", "postal_code"):
        page.fill(f"#field-{name}", "x")
    page.select_option("#field-country", "DE")
    page.fill("#field-first_name", "Mara")
    form.locator(".button").click()
    expect(page.locator("#field-last_name")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#field-email")).to_have_value("mara@example.org")


def test_filters_and_sorting_change_the_list_and_the_address(visit, shot):
    page = visit("acme", "/search/")
    everything = page.locator(".card").count()
    page.locator("#in-stock").check()
    page.wait_for_url(re.compile("in_stock=true"))
    page.select_option("#sort", "price")
    page.wait_for_url(re.compile("sort=price"))
    assert 0 < page.locator(".card").count() <= everything
    shot(page, "catalogue-acme")
    page.locator(".chip").first.click()
    expect(page).not_to_have_url(re.compile("in_stock"))


def test_a_choice_shows_its_price_and_survives_the_way_back(visit, shot):
    page = visit("acme", "/search/?in_stock=true")
    links = [a.get_attribute("href") for a in page.locator(".card .title a").all()]
    for href in links:
        go(page, href)
        if page.locator(".swatches label").count() > 1:
            break
    shot(page, "product-acme")
    page.locator(".swatches label").nth(1).click()
    page.wait_for_url(re.compile(r"option\."))
    expect(page.locator(".swatches input").nth(1)).to_be_checked()
    page.reload()
    expect(page.locator(".swatches input").nth(1)).to_be_checked()


def test_the_quantity_changes_without_leaving_the_cart(visit):
    page = visit("acme", "/")
    add_to_cart(page)
    go(page, "/cart/")
    page.locator(".cart-line [data-step='1']").click()
    expect(page.locator("#cart-button .bubble")).to_have_text("2")
    page.get_by_role("button", name=re.compile("^Remove")).click()
    expect(page.locator(".cart-line")).to_have_count(0)


@pytest.mark.parametrize(("tenant", "locale"), [("acme", "de"), ("globex", "ru")])
def test_the_other_language_keeps_the_page(visit, shot, tenant, locale):
    page = visit(tenant, "/cart/")
    page.locator(f".preferences a[hreflang={locale}]").click()
    expect(page).to_have_url(f"{page.base}/{locale}/cart/")
    assert page.locator("html").get_attribute("lang") == locale
    go(page, f"/{locale}/")
    shot(page, f"home-{tenant}-{locale}")


def test_dark_is_kept(visit, shot):
    page = visit("globex", "/")
    page.locator("[data-mode=dark]").click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    shot(page, "home-globex-dark")


@pytest.mark.parametrize("path", ["/", "/search/", "/cart/", "/blog/", "/forum/", "/account/login/", "/nowhere/"])
@pytest.mark.parametrize("tenant", ["acme", "globex"])
def test_a_phone_never_scrolls_sideways(visit, tenant, path):
    page = visit(tenant, path, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keyboard_reaches_the_content_first(visit):
    page = visit("acme", "/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_customer_sees_own_orders(visit):
    page = visit("acme", "/account/")
    page.fill("#field-email", "customer@acme.test")
    page.fill("#field-password", "demo-pass-2026!")
    page.locator("form.stack-l .button").click()
    expect(page).to_have_url(f"{page.base}/account/")
    expect(page.locator("h1")).to_be_visible()
