"""Run the platform as an operator: shops come, are closed, are opened again, and go."""

from __future__ import annotations

import time

import pyotp
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD, leaves, until

OPERATOR = "operator@rustok.test"


def create(page: Page) -> str:
    """Have a shop made, watch the job, and answer its short name; the page is the tenant's."""
    slug = f"shop{time.time_ns() % 10**10}"
    page.goto(f"{page.base}/admin/tenant/tenant/add/")
    page.fill("#id_name", f"Nile {slug}")
    page.fill("#id_slug", slug)
    page.fill("#id_domains", f"{slug}.localhost")
    leaves(page, "Save and continue editing")
    until(lambda: page.locator("form", has_text="Suspend").or_(page.get_by_role("link", name="Suspend")).count() > 0,
          "the shop was not made", page, 40)  # fmt: skip
    return slug


def delete(page: Page, slug: str) -> None:
    """Delete the shop whose page is open, today."""
    page.get_by_role("link", name="Delete").click()
    page.fill("#id_days", "0")
    page.fill("#id_slug", slug)
    leaves(page, "Delete")


def test_the_platform_lists_its_shops_and_offers_no_goods(visit, log_in, shot):
    page = visit(None, "/admin/login/", width=1440, height=1000)
    log_in(page, OPERATOR)
    expect(page.get_by_text("globex").first).to_be_visible()
    shot(page, "platform")
    page.goto(f"{page.base}/admin/tenant/tenant/")
    expect(page.locator("#result_list tr", has_text="acme.localhost")).to_contain_text("active")
    assert page.locator("a[href*='/admin/product/']").count() == 0
    assert page.goto(f"{page.base}/admin/product/product/").status in (403, 404)


def test_a_shop_is_made_closed_opened_and_deleted(visit, log_in):
    page = visit(None, "/admin/login/")
    log_in(page, OPERATOR)
    slug = create(page)
    tenant = page.url
    shop = visit(slug, "/")
    assert shop.goto(f"{shop.base}/").status == 200

    page.get_by_role("link", name="Suspend").click()
    page.fill("#id_reason", "unpaid")
    leaves(page, "Suspend")
    expect(page.get_by_role("alert").filter(has_text="unpaid")).to_be_visible()
    until(lambda: shop.goto(f"{shop.base}/").status == 404, "a closed shop still answers", seconds=5)

    leaves(page, "Resume")
    until(lambda: shop.goto(f"{shop.base}/").status == 200, "an opened shop does not answer", seconds=5)

    page.goto(f"{page.base}/admin/tenant/job/")
    expect(page.locator("#result_list tr", has_text=slug).first).to_contain_text("done")

    page.goto(tenant)
    delete(page, slug)
    until(lambda: shop.goto(f"{shop.base}/").status == 404, "a deleted shop still answers", seconds=5)


def test_a_new_shop_gets_its_first_person_who_needs_a_second_step(visit, log_in, letter):
    page = visit(None, "/admin/login/")
    log_in(page, OPERATOR)
    slug = create(page)
    tenant, email = page.url, f"first@{slug}.test"
    page.get_by_role("link", name="Invite a person").click()
    page.fill("#id_email", email)
    leaves(page, "Invite a person")

    own = visit(slug, "/")
    own.goto(letter(email))
    own.fill("#field-password", PASSWORD)
    leaves(own, "Make my account")
    log_in(own, email)
    own.goto(f"{own.base}/admin/tenant/shop/")
    own.locator("#id_staff_second_factor").check()
    leaves(own, "Save and continue editing")

    own.goto(f"{own.base}/admin/tenant/shop/")  # led to where it is set up, whatever is asked for
    expect(own.get_by_text("wants a second step from everybody")).to_be_visible()
    leaves(own, "Set it up")
    own.get_by_text("It cannot be scanned?").click()
    app = pyotp.TOTP(own.locator(".rt-key").inner_text())
    own.fill("#id_own_code", app.at(time.time() - 30))  # a code is good once; the next one is for the login
    own.fill("#id_own_password", PASSWORD)
    leaves(own, "Switch on")
    expect(own.locator(".rt-codes li")).to_have_count(10)
    recovery = own.locator(".rt-codes li").first.inner_text()
    own.goto(f"{own.base}/admin/tenant/shop/")
    expect(own.locator("#id_staff_second_factor")).to_be_checked()

    for code in (app.now(), recovery):
        again = visit(slug, "/admin/login/?next=/admin/")
        again.fill("input[name=username]", email)
        again.fill("input[name=password]", PASSWORD)
        leaves(again, "Log in")
        again.fill("#id_code", code)
        leaves(again, "Log in")
        expect(again.locator("a[href='/admin/tenant/shop/']").first).to_be_attached()

    page.goto(tenant)
    delete(page, slug)
