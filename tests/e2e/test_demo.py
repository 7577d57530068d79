"""What the table that `make demo` prints promises of each login."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

ADMIN = "admin@acme.test"


def test_the_log_tells_a_story_and_an_event_was_given_up(visit, log_in, shot):
    page = visit("acme", "/admin/login/", width=1440, height=900)
    log_in(page, ADMIN)
    page.goto(f"{page.base}/admin/rbac/policy/")
    expect(page.locator("#result_list", has_text="object.vendor == subject.vendor")).to_be_visible()
    shot(page, "policies")
    page.goto(f"{page.base}/admin/outbox/deadletter/?state=any")
    page.locator("#result_list a", has_text="order.placed").first.click()
    expect(page.get_by_text("no handler 'courier.book_pickup' here").first).to_be_visible()
    shot(page, "dead-letter")
    page.goto(f"{page.base}/admin/audit/auditentry/?q=manager@acme.test")
    expect(page.locator("#result_list tr", has_text="refused").first).to_be_visible()
    page.goto(f"{page.base}/admin/tenant/domain/")
    expect(page.locator("#result_list tr", has_text="gear.acme.example")).to_contain_text("waits")


@pytest.mark.parametrize(
    ("who", "sees", "not_this"),
    [
        ("editor", "/admin/pages/page/", "/admin/product/product/"),
        ("vendor", "/admin/product/product/", "/admin/order/order/"),
        ("warehouse", "/admin/order/order/", "/admin/rbac/policy/"),
    ],
)
def test_everybody_finds_what_is_theirs_in_the_menu(visit, log_in, who, sees, not_this):
    page = visit("acme", "/admin/login/")
    log_in(page, f"{who}@acme.test")
    expect(page.locator(f"a[href='{sees}']").first).to_be_attached()
    assert page.locator(f"a[href='{not_this}']").count() == 0
    page.goto(page.base + sees)
    expect(page.locator("#result_list tbody tr").first).to_be_visible()


def test_a_module_that_is_off_and_a_shop_that_is_suspended_are_not_there(visit):
    page = visit("globex", "/")
    assert page.locator("a[href*='/forum/']").count() == 0
    assert page.goto(f"{page.base}/forum/").status == 404
    assert page.goto(page.base.replace("globex", "initech") + "/").status == 404
