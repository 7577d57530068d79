"""Look after events as an administrator would: what happened, and once more, please."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

from tests.e2e.test_back_office import ADMIN, first_row


def test_an_event_is_found_and_delivered_again(visit, log_in):
    page = visit("acme", "/admin/login/", width=1440, height=1000)
    log_in(page, ADMIN)
    page.goto(f"{page.base}/admin/outbox/outboxevent/?event_type=inventory.updated")
    first_row(page)
    expect(page.get_by_role("heading", name="inventory.updated v1")).to_be_visible()
    expect(page.get_by_role("heading", name="Chain")).to_be_visible()
    page.get_by_role("link", name=re.compile("Deliver again")).click()
    page.get_by_label("Handler").select_option("index.reindex_products")
    page.get_by_role("button", name="Deliver again").click()
    expect(page.get_by_text("1 delivery is on its way.")).to_be_visible()
    row = page.locator("tr", has_text="index.reindex_products")
    deadline = time.monotonic() + 20
    while row.get_by_text("delivered", exact=True).count() == 0 and time.monotonic() < deadline:
        time.sleep(0.5)
        page.reload()
    expect(row.get_by_text("delivered", exact=True)).to_be_visible()


def test_the_list_of_dead_letters_is_narrowed_in_the_sheet_of_filters(visit, log_in):
    page = visit("acme", "/admin/login/", width=1440, height=1000)
    log_in(page, ADMIN)
    page.goto(f"{page.base}/admin/outbox/deadletter/")
    page.locator("a", has_text="Filters").first.click()
    page.locator("select[name=state]").select_option("any")
    page.get_by_role("button", name="Apply Filters").click()
    page.wait_for_url("**state=any**")
    expect(page.locator("select[name=state]")).to_have_value("any")
