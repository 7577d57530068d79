"""Work in a shop as its Manager: all goods, orders and texts, and nothing of people, settings and the log."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD

MANAGER = "manager@acme.test"
OWN = (
    "order/order", "product/product", "inventory/stocklevel", "taxonomy/category", "blog/post", "pages/page",
    "navigation/menu", "comments/comment", "forum/topic", "media/asset",
)  # fmt: skip
OTHERS = (
    "accounts/user", "accounts/apikey", "rbac/role", "rbac/policy", "rbac/team", "rbac/invitation", "tenant/shop",
    "tenant/domain", "tenant/module", "audit/auditentry", "outbox/outboxevent", "tax/taxsettings", "tenant/tenant",
)  # fmt: skip


def test_a_manager_sees_what_is_sold_and_written_and_nothing_else(visit, log_in):
    page = visit("acme", "/admin/login/")
    log_in(page, MANAGER)
    for path in OWN:
        expect(page.locator(f"a[href='/admin/{path}/']").first).to_be_attached()
    assert [path for path in OTHERS if page.locator(f"a[href^='/admin/{path}/']").count()] == []
    for path in OTHERS:
        assert page.goto(f"{page.base}/admin/{path}/").status in (403, 404), path
    assert page.goto(f"{page.base}/admin/accounts/user/").status == 403
    expect(page.get_by_text("Your roles do not include it.")).to_be_visible()
    page.get_by_role("link", name="To the dashboard").click()
    expect(page.get_by_role("heading", name="To be sent")).to_be_visible()


def test_a_customer_gets_no_further_than_the_login(visit):
    page = visit("acme", "/admin/login/?next=/admin/")
    page.fill("input[name=username]", "customer@acme.test")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    expect(page.get_by_role("alert")).to_be_visible()
    assert "/admin/login/" in page.url
    for path in ("", "product/product/", "rbac/policy/"):
        page.goto(f"{page.base}/admin/{path}")
        assert "/admin/login/" in page.url
