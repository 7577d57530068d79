"""Run the shop as its staff would: with a mouse, in the admin."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PASSWORD

ADMIN, MANAGER, OPERATOR = "admin@acme.test", "manager@acme.test", "operator@rustok.test"


def first_row(page: Page) -> None:
    page.click("#result_list tbody tr:first-child th a")
    page.wait_for_load_state()


def test_the_dashboard_shows_how_the_shop_is(visit, log_in, shot):
    page = visit("acme", "/admin/login/", width=1440, height=1000)
    log_in(page, ADMIN)
    expect(page.get_by_text("Revenue").first).to_be_visible()
    expect(page.locator(".rt-chart svg").first).to_be_visible()
    expect(page.get_by_role("heading", name="To be sent")).to_be_visible()
    shot(page, "dashboard")


def test_a_paid_order_is_shipped(visit, log_in, shot):
    page = visit("acme", "/admin/login/", width=1440, height=1000)
    log_in(page, MANAGER)
    page.goto(f"{page.base}/admin/order/order/?status__exact=paid")
    first_row(page)
    number = page.get_by_role("heading", name=re.compile(r"Order #\d+")).inner_text()
    page.get_by_role("link", name=re.compile("Ship")).or_(
        page.get_by_role("button", name=re.compile("Ship"))
    ).first.click()
    page.wait_for_load_state()
    tracking = page.locator("form input[name*=tracking]")
    if tracking.count():
        tracking.first.fill("RT-4711")
        page.locator("main form button[type=submit], #content form button[type=submit]").first.click()
        page.wait_for_load_state()
    expect(page.get_by_text("shipped").first).to_be_visible()
    assert page.get_by_role("heading", name=re.compile(r"Order #\d+")).inner_text().split()[1] == number.split()[1]
    shot(page, "order")


def test_a_new_title_reaches_the_shop_by_events(visit, log_in, shot):
    page = visit("acme", "/admin/login/", width=1440, height=1000)
    log_in(page, ADMIN)
    page.goto(f"{page.base}/admin/product/product/?status__exact=active")
    first_row(page)
    shot(page, "product-admin")
    live = page.get_by_role("link", name=re.compile("View live")).get_attribute("href")
    title = page.locator("input[name*=title]:visible").first
    before = title.input_value()
    title.fill(f"{before} II")
    page.get_by_role("button", name="Save and continue editing").click()
    page.wait_for_load_state()
    shop = visit("acme", live)
    deadline = time.monotonic() + 20
    while shop.locator("h1").inner_text() != f"{before} II":
        assert time.monotonic() < deadline, "the new title did not reach the shop"
        time.sleep(0.5)
        shop.reload()
    page.locator("input[name*=title]:visible").first.fill(before)
    page.get_by_role("button", name="Save and continue editing").click()
    page.wait_for_load_state()


def to_the_end(text: Locator) -> None:
    """Put the cursor behind the last word; the editor sets it once more, 20 ms after it got the focus."""
    text.click()
    text.page.wait_for_timeout(100)
    text.press("Control+End")


def test_a_description_is_written_without_html(visit, log_in, shot):
    page = visit("acme", "/admin/login/", width=1440, height=1000)
    log_in(page, ADMIN)
    page.goto(f"{page.base}/admin/product/product/?status__exact=active")
    first_row(page)
    live = page.get_by_role("link", name=re.compile("View live")).get_attribute("href")
    before = page.locator("#id_description_en").input_value()
    words = f"Dry in {time.time_ns() % 1_000_000} minutes"

    text = page.get_by_role("textbox", name="Description", exact=True).first
    to_the_end(text)
    page.keyboard.press("Enter")
    page.keyboard.press("Control+b")
    page.keyboard.type(words)
    expect(page.get_by_role("button", name="Bold", exact=True).first).to_have_class(re.compile("active"))
    shot(page, "description")
    page.get_by_role("button", name="Save and continue editing").click()
    page.wait_for_load_state()
    assert page.locator("#id_description_en").input_value().endswith(f"<p><strong>{words}</strong></p>")

    shop = visit("acme", live)
    deadline = time.monotonic() + 20
    while not shop.locator("main strong", has_text=words).count():
        assert time.monotonic() < deadline, "the new description did not reach the shop"
        time.sleep(0.5)
        shop.reload()
    to_the_end(text)
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.get_by_role("button", name="Save and continue editing").click()
    page.wait_for_load_state()
    assert page.locator("#id_description_en").input_value() == before


def test_without_javascript_a_description_is_html_in_a_text_area(visit):
    page = visit("acme", "/admin/login/?next=/admin/product/product/?status__exact=active", javascript=False)
    page.fill("input[name=username]", ADMIN)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.goto(page.base + page.locator("#result_list tbody th a").first.get_attribute("href"))
    before = page.locator("#id_description_en").input_value()
    assert before.startswith("<p>")
    assert page.get_by_text("HTML is allowed").count() == 2
    assert page.locator(".prose-editor").count() == 0
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert page.locator("#id_description_en").input_value() == before


def test_an_editor_finds_the_page_behind_a_page(visit, log_in):
    page = visit("acme", "/admin/login/", width=1440, height=1000)
    log_in(page, MANAGER)
    page.goto(f"{page.base}/admin/pages/page/")
    first_row(page)
    live = page.get_by_role("link", name=re.compile("View live"))
    expect(live).to_be_visible()
    assert visit("acme", live.get_attribute("href")).locator("main").inner_text().strip()


def test_a_manager_sees_no_users_and_a_customer_no_admin(visit, log_in):
    page = visit("acme", "/admin/login/")
    log_in(page, MANAGER)
    assert page.locator("a[href*='/admin/accounts/user/']").count() == 0
    assert page.goto(f"{page.base}/admin/accounts/user/").status == 403
    stranger = visit("acme", "/admin/login/?next=/admin/")
    stranger.fill("input[name=username]", "customer@acme.test")
    stranger.fill("input[name=password]", "demo-pass-2026!")
    stranger.click("button[type=submit]")
    stranger.wait_for_load_state()
    assert "/admin/login/" in stranger.url


def test_the_operator_sees_the_platform(visit, log_in, shot):
    page = visit(None, "/admin/login/", width=1440, height=1000)
    log_in(page, OPERATOR)
    expect(page.get_by_text("globex").first).to_be_visible()
    shot(page, "platform")


def test_a_user_of_one_shop_is_nobody_in_the_other(visit):
    page = visit("globex", "/admin/login/?next=/admin/")
    page.fill("input[name=username]", ADMIN)
    page.fill("input[name=password]", "demo-pass-2026!")
    page.click("button[type=submit]")
    page.wait_for_load_state()
    assert "/admin/login/" in page.url


def test_developers_try_the_apis_in_the_browser(visit, shot):
    page = visit("acme", "/api/docs/", height=1000)
    expect(page.get_by_text("/api/v1/api-keys/").first).to_be_visible()  # it draws only what is in view
    shot(page, "swagger")
    page = visit("acme", "/api/graphql/", height=800)
    expect(page.locator(".graphiql-container")).to_be_visible()
    page.get_by_role("button", name="Show Documentation Explorer").click()
    expect(page.locator(".graphiql-plugin", has_text="Query").first).to_be_visible()  # it read the schema
