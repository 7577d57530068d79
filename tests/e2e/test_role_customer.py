"""Look after one's own account as a customer: address, password, devices, and a second step."""

from __future__ import annotations

import time

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD, leaves

NEW = "another-pass-2026!"


@pytest.fixture
def somebody(visit) -> tuple[Page, str]:
    """Somebody who has just made an account, on the account's page."""
    email = f"buyer-{time.time_ns()}@acme.test"
    page = visit("acme", "/account/register/")
    page.fill("#field-name", "Bruno Buyer")
    page.fill("#field-email", email)
    page.fill("#field-password", PASSWORD)
    leaves(page, "Make an account")
    page.goto(f"{page.base}/account/")
    return page, email


def log_in_to_the_shop(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto(f"{page.base}/account/login/")
    page.fill("#field-email", email)
    page.fill("#field-password", password)
    page.locator("form.stack-l .button").click()
    page.wait_for_load_state()


def test_a_new_customer_confirms_the_address(somebody, letter):
    page, email = somebody
    expect(page.get_by_text("Please confirm that")).to_be_visible()
    page.goto(letter(email))
    leaves(page, "Confirm my address")
    expect(page.get_by_text("Your address is confirmed.")).to_be_visible()
    page.goto(f"{page.base}/account/")
    expect(page.get_by_text("Please confirm that")).to_have_count(0)
    assert page.goto(f"{page.base}/admin/").ok
    assert "/admin/login/" in page.url


def test_a_new_password_logs_out_the_other_devices(visit, somebody):
    page, email = somebody
    other = visit("acme", "/")
    log_in_to_the_shop(other, email)
    page.goto(f"{page.base}/account/devices/")
    expect(page.locator(".devices li")).to_have_count(2)
    page.goto(f"{page.base}/account/password/")
    page.fill("#field-current_password", "wrong-wrong-1")
    page.fill("#field-new_password", NEW)
    leaves(page, "Change password")
    expect(page.locator("#field-current_password[aria-invalid=true], .note.error").first).to_be_visible()
    page.fill("#field-current_password", PASSWORD)
    page.fill("#field-new_password", NEW)
    leaves(page, "Change password")
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    page.goto(f"{page.base}/account/devices/")
    expect(page.locator(".devices li")).to_have_count(1)
    other.goto(f"{other.base}/account/")
    assert "/account/login/" in other.url


def test_a_forgotten_password_is_set_by_mail(visit, somebody, letter):
    _, email = somebody
    page = visit("acme", "/account/password/reset/")
    page.fill("#field-email", email)
    leaves(page, "Send the link")
    link = letter(email)
    assert "/password/reset/confirm/" in link
    page.goto(link)
    page.fill("#field-new_password", NEW)
    leaves(page, "Set password")
    expect(page.get_by_text("Your password is set")).to_be_visible()
    log_in_to_the_shop(page, email, NEW)
    expect(page).to_have_url(f"{page.base}/account/")


def test_a_second_step_is_set_up_and_asked_for(visit, somebody):
    page, email = somebody
    page.goto(f"{page.base}/account/devices/")
    leaves(page, "Set it up")
    page.get_by_text("It cannot be scanned?").click()
    app = pyotp.TOTP(page.locator("details code").inner_text())
    page.fill("#field-code", app.at(time.time() - 30))  # a code is good once; the next one is for the login
    page.fill("#field-password", PASSWORD)
    leaves(page, "Switch on")
    expect(page.locator(".codes li")).to_have_count(10)
    recovery = page.locator(".codes li").first.inner_text()

    again = visit("acme", "/")
    log_in_to_the_shop(again, email)
    again.fill("#field-code", "000000")
    leaves(again, "Log in")
    expect(again.locator(".note.error")).to_be_visible()
    again.fill("#field-code", app.now())
    leaves(again, "Log in")
    expect(again).to_have_url(f"{again.base}/account/")

    third = visit("acme", "/", javascript=False)
    log_in_to_the_shop(third, email)
    third.fill("#field-code", recovery)
    leaves(third, "Log in")
    expect(third).to_have_url(f"{third.base}/account/")
    third.goto(f"{third.base}/account/devices/")
    expect(third.get_by_text("9 recovery codes are left")).to_be_visible()
