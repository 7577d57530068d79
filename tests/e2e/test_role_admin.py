"""Look after a shop as its Admin: settings, domains, modules, people and their roles."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

from tests.e2e.conftest import leaves, until

ADMIN = "admin@acme.test"


def test_the_settings_say_what_the_shop_shows(visit, log_in):
    page = visit("acme", "/admin/login/")
    log_in(page, ADMIN)
    page.goto(f"{page.base}/admin/tenant/shop/")
    page.fill("#id_announcement", "Closed on Friday")
    leaves(page, "Save and continue editing")
    shop = visit("acme", "/")
    until(lambda: shop.get_by_text("Closed on Friday").count() > 0, "the shop does not announce it", shop)
    page.fill("#id_announcement", "")
    page.fill("#id_currencies", "EUR, Gold")
    leaves(page, "Save and continue editing")
    expect(page.get_by_text("Closed on Friday")).to_have_count(0)
    expect(page.locator("#id_currencies[aria-invalid]")).to_have_value("EUR, Gold")
    expect(page.get_by_text("did not validate")).to_be_visible()
    page.fill("#id_currencies", "USD, EUR")
    leaves(page, "Save and continue editing")
    until(lambda: shop.get_by_text("Closed on Friday").count() == 0, "the shop still announces it", shop)


def test_a_new_domain_says_what_to_do(visit, log_in):
    page = visit("acme", "/admin/login/")
    log_in(page, ADMIN)
    domain = f"shop{time.time_ns()}.example.com"
    page.goto(f"{page.base}/admin/tenant/domain/add/")
    page.fill("#id_domain", domain)
    leaves(page, "Save")
    page.locator("#result_list a", has_text=domain).click()
    expect(page.get_by_text("waits for DNS")).to_be_visible()
    expect(page.locator("code", has_text=domain)).to_be_visible()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name=re.compile("Yes, I")).click()
    expect(page.locator("#result_list", has_text=domain)).to_have_count(0)


def test_the_blog_is_switched_off_and_on(visit, log_in, shot):
    page = visit("acme", "/admin/login/", width=1440, height=1000)
    log_in(page, ADMIN)
    shop = visit("acme", "/blog/")
    page.goto(f"{page.base}/admin/tenant/module/")
    shot(page, "modules")
    page.get_by_role("link", name="Switch off: Blog").click()
    try:
        leaves(page, "Switch off")
        expect(page.get_by_text("Switched off: Blog")).to_be_visible()
        assert page.locator("a[href='/admin/blog/post/']").count() == 0
        until(lambda: shop.goto(f"{shop.base}/blog/").status == 404, "the blog still answers", seconds=5)
        shop.goto(f"{shop.base}/")
        assert shop.locator("a[href^='/blog/']").count() == 0
    finally:
        page.goto(f"{page.base}/admin/tenant/module/")
        page.get_by_role("link", name="Switch on: Blog").click()
        leaves(page, "Switch on")
    until(lambda: shop.goto(f"{shop.base}/blog/").status == 200, "the blog does not come back", seconds=5)


def test_somebody_invited_logs_in_with_the_role_that_waited(visit, log_in, invited):
    page = visit("acme", "/admin/login/")
    log_in(page, ADMIN)
    email = invited(page, "Manager")
    guest = visit("acme", "/admin/login/")
    log_in(guest, email)
    expect(guest.locator("a[href='/admin/order/order/']").first).to_be_attached()
    assert guest.locator("a[href='/admin/accounts/user/']").count() == 0


def test_a_role_is_made_and_given(visit, log_in, invited):
    page = visit("acme", "/admin/login/")
    log_in(page, ADMIN)
    slug = f"counter{time.time_ns()}"
    page.goto(f"{page.base}/admin/rbac/role/add/")
    page.fill("#id_name", f"Counter {slug}")
    page.fill("#id_slug", slug)
    page.select_option("#id_may_orders", "read")
    leaves(page, "Save")
    email = invited(page, f"Counter {slug}")
    guest = visit("acme", "/admin/login/")
    log_in(guest, email)
    guest.goto(f"{guest.base}/admin/order/order/?status__exact=paid")
    guest.click("#result_list tbody tr:first-child th a")
    expect(guest.get_by_role("heading", name=re.compile(r"Order #\d+"))).to_be_visible()
    assert guest.get_by_role("button", name=re.compile("Ship|Cancel")).count() == 0
    assert guest.goto(f"{guest.base}/admin/accounts/user/").status == 403
    expect(guest.get_by_text("Your roles do not include it.")).to_be_visible()
