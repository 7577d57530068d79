"""Decide who may do what, as a shop's Admin: policies, sharing, keys, and the log of it all."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

from tests.e2e.conftest import leaves

ADMIN = "admin@acme.test"
#: Of the demo's products.
VENDOR, OTHER = "Cascadia Works", "Fjellvik"


def test_a_mistake_in_a_policy_is_named_at_its_place(visit, log_in):
    page = visit("acme", "/admin/login/", width=1440, height=1000)
    log_in(page, ADMIN)
    name = f"Own vendor {time.time_ns()}"
    page.goto(f"{page.base}/admin/rbac/policy/add/")
    page.fill("#id_name", name)
    page.select_option("#id_resource", "products")
    page.get_by_label("see lists", exact=True).check()
    page.get_by_label("see one", exact=True).check()
    page.fill("#id_condition", "object.vender == subject.vendor")
    leaves(page, "Save")
    expect(page.locator("#id_condition[aria-invalid]")).to_have_value("object.vender == subject.vendor")
    expect(page.locator("main, #content, body").first).to_contain_text("object.vender")
    page.fill("#id_condition", "object.vendor == subject.vendor")
    leaves(page, "Save")
    row = page.locator("#result_list tr", has_text=name)
    expect(row).to_contain_text("products and prices")
    row.get_by_role("link", name=name).click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name=re.compile("Yes, I")).click()
    expect(page.locator("#result_list", has_text=name)).to_have_count(0)


def test_whoever_has_a_vendor_sees_only_the_vendors_products(visit, log_in, invited):
    page = visit("acme", "/admin/login/")
    log_in(page, ADMIN)
    stamp = time.time_ns()
    page.goto(f"{page.base}/admin/rbac/policy/add/")
    page.fill("#id_name", f"Vendors see their own {stamp}")
    page.select_option("#id_resource", "products")
    for action in ("see one", "see lists"):
        page.get_by_label(action, exact=True).check()
    page.fill("#id_condition", "object.vendor == subject.vendor")
    leaves(page, "Save")
    page.goto(f"{page.base}/admin/rbac/role/add/")
    page.fill("#id_name", f"Vendor {stamp}")
    page.fill("#id_slug", f"vendor{stamp}")
    page.select_option("#id_may_media", "read")
    leaves(page, "Save")
    email = invited(page, f"Vendor {stamp}")
    page.goto(f"{page.base}/admin/accounts/user/?q={email}")
    page.click("#result_list tbody tr:first-child th a")
    page.get_by_role("link", name="Attributes").click()
    page.fill("#id_attributes", f"vendor = {VENDOR}")
    leaves(page, "Save")
    page.goto(f"{page.base}/admin/product/product/?q={OTHER}")
    others = page.locator("#result_list tbody tr", has_text=OTHER).first.locator("th a, td a").first
    address = page.base + str(others.get_attribute("href"))

    guest = visit("acme", "/admin/login/")
    log_in(guest, email)
    guest.goto(f"{guest.base}/admin/product/product/")
    rows = guest.locator("#result_list tbody tr")
    expect(rows.first).to_contain_text(VENDOR)
    assert all(VENDOR in text for text in rows.all_inner_texts())
    assert guest.goto(address).status == 404

    page.goto(f"{page.base}/admin/rbac/policy/?q={stamp}")  # it would hold for everybody who has a vendor
    page.click("#result_list tbody tr:first-child th a")
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name=re.compile("Yes, I")).click()
    expect(page.locator("#result_list", has_text=str(stamp))).to_have_count(0)


def test_one_page_is_shared_with_one_editor(visit, log_in, invited):
    page = visit("acme", "/admin/login/")
    log_in(page, ADMIN)
    stamp = time.time_ns()
    page.goto(f"{page.base}/admin/rbac/role/add/")
    page.fill("#id_name", f"Guest editor {stamp}")
    page.fill("#id_slug", f"editor{stamp}")
    page.select_option("#id_may_media", "read")
    leaves(page, "Save")
    email = invited(page, f"Guest editor {stamp}")
    page.goto(f"{page.base}/admin/pages/page/")
    links = page.locator("#result_list tbody th a")
    shared, other = (page.base + str(links.nth(place).get_attribute("href")) for place in (0, 1))
    page.goto(shared)
    page.get_by_role("link", name=re.compile("Share")).click()
    page.locator("#id_to").select_option(label=f"Nina New · {email}")
    page.select_option("#id_level", "edit")
    leaves(page, "Share")
    expect(page.get_by_text("Sharing is saved.")).to_be_visible()

    guest = visit("acme", "/admin/login/")
    log_in(guest, email)
    guest.goto(f"{guest.base}/admin/pages/page/")
    expect(guest.locator("#result_list tbody tr")).to_have_count(1)
    assert guest.goto(shared).status == 200
    expect(guest.get_by_role("button", name="Save", exact=True)).to_be_visible()
    assert guest.goto(other).status == 404


def test_a_key_is_shown_once(visit, log_in, port):
    page = visit("acme", "/admin/login/")
    log_in(page, ADMIN)
    name = f"Till {time.time_ns()}"
    page.goto(f"{page.base}/admin/accounts/apikey/add/")
    page.fill("#id_name", name)
    page.select_option("#id_may_products", "read")
    leaves(page, "Save")
    key = page.locator("#new-key").inner_text()
    bearer = {"Authorization": f"Bearer {key}", "Host": f"acme.localhost:{port}"}
    me = f"http://localhost:{port}/api/v1/auth/me/"
    assert page.request.get(me, headers=bearer).status == 200
    page.get_by_role("link", name="I have kept it").click()
    page.locator("#result_list a", has_text=name).click()
    expect(page.get_by_text("products.read")).to_be_visible()
    assert key not in page.content()
    page.get_by_role("link", name="Revoke").click()
    leaves(page, "Revoke")
    expect(page.get_by_text("The key is revoked.")).to_be_visible()
    assert page.request.get(me, headers=bearer).status == 401


def test_the_log_shows_who_changed_what_from_what(visit, log_in, shot):
    page = visit("acme", "/admin/login/", width=1440, height=1000)
    log_in(page, ADMIN)
    page.goto(f"{page.base}/admin/product/product/?status__exact=active")
    page.click("#result_list tbody tr:first-child th a")
    vendor = page.locator("#id_vendor")
    before = vendor.input_value()
    vendor.fill("Somebody Else")
    leaves(page, "Save and continue editing")
    vendor.fill(before)
    leaves(page, "Save and continue editing")
    page.goto(f"{page.base}/admin/audit/auditentry/?q={ADMIN}")
    row = page.locator("#result_list tbody tr", has_text="Vendor").first
    expect(row).to_contain_text(ADMIN)
    row.locator("a").first.click()
    expect(page.get_by_text("Somebody Else").first).to_be_visible()
    expect(page.get_by_text(before).first).to_be_visible()
    shot(page, "audit")
