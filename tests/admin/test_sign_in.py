"""The back office's door: two steps, one's own devices, keys for programs."""

from __future__ import annotations

import re
import time

import pytest
from django.urls import reverse

from apps.accounts.models import ApiKey, BrowserSession
from tests.accounts.test_second_factor import PASSWORD, enrol
from tests.admin.conftest import Browser, words
from tests.conftest import make_user

LOGIN, CODE, ACCOUNT = "/admin/login/?next=/admin/", "/admin/login/code/", "/admin/account/"
pytestmark = pytest.mark.django_db


def hidden(answer, name):
    return re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode()).group(1)


def half_in(browser, user):
    answer = browser.post(LOGIN, {"username": user.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert "One more step" in words(answer)
    assert "_auth_user_id" not in browser.session
    return hidden(answer, "ticket")


def test_the_login_asks_for_a_code_on_a_second_page(browser, manager):
    totp, _codes = enrol(manager)
    client = browser()
    ticket = half_in(client, manager)
    wrong = client.post(CODE, {"ticket": ticket, "code": "000000", "next": "/admin/"})
    assert wrong.status_code == 401
    assert "The code is wrong" in words(wrong)
    answer = client.post(CODE, {"ticket": ticket, "code": totp.now(), "next": "/admin/order/order/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/order/order/")
    assert client.get("/admin/").status_code == 200


def test_a_recovery_code_fits_into_the_same_field(browser, manager):
    _totp, codes = enrol(manager)
    client = browser()
    answer = client.post(CODE, {"ticket": half_in(client, manager), "code": codes[0], "next": "https://evil.example/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_a_ticket_that_is_no_good_leads_back_to_the_start(browser, acme):
    answer = browser().post(CODE, {"ticket": "nonsense", "code": "123456"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/")
    assert browser().get(CODE).status_code == 302


def test_the_shop_asks_for_the_code_as_well(acme, customer):
    totp, _codes = enrol(customer)
    browser = Browser("acme.localhost")
    answer = browser.post("/account/login/", {"email": customer.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert "_auth_user_id" not in browser.session
    ticket = hidden(answer, "ticket")
    assert browser.post("/account/login/code/", {"ticket": ticket, "code": "000000"}).status_code == 401
    assert browser.post("/account/login/code/", {"ticket": ticket, "code": totp.now()}).status_code == 302
    assert browser.get("/account/").status_code == 200


def test_no_page_can_log_somebody_in_without_the_second_step(browser, manager):
    from apps.accounts.public import SecondFactorRequired

    enrol(manager)
    with pytest.raises(SecondFactorRequired):
        browser(manager)
    assert not BrowserSession.objects.filter(user=manager).exists()


def test_the_login_page_speaks_german_too(browser, acme):
    page = browser().get("/admin/login/", HTTP_ACCEPT_LANGUAGE="de")
    assert page.status_code == 200
    assert 'autocomplete="current-password"' in page.content.decode()
    assert "/account/password/reset/" in page.content.decode()


# --- one's own account ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [ACCOUNT, "/account/devices/"])
def test_the_second_step_is_set_up_and_switched_off_on_ones_own_page(browser, manager, path):
    import pyotp

    client = browser(manager)
    scan = client.post(path, {"do": "enrol"})
    assert "<svg" in scan.content.decode()
    secret, uri = hidden(scan, "secret"), hidden(scan, "uri").replace("&amp;", "&")
    totp = pyotp.TOTP(secret)
    sent = {"do": "confirm", "secret": secret, "uri": uri, "password": PASSWORD}
    again = client.post(path, sent | {"code": "1"})
    assert again.status_code == 422
    assert "<svg" in again.content.decode()
    before = client.session.session_key
    done = client.post(path, sent | {"code": totp.at(time.time() - 30)})
    codes = re.findall(r"<code>([0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4})</code>", done.content.decode())
    assert len(codes) == 10
    assert client.session.session_key != before
    assert "10 recovery codes are left" in words(client.get(path))
    client.post(path, {"do": "disable", "code": codes[0], "password": PASSWORD})
    manager.refresh_from_db()
    assert not manager.has_second_factor


@pytest.mark.parametrize("path", [ACCOUNT, "/account/devices/"])
def test_devices_are_listed_and_logged_out(browser, manager, path):
    here, there, third = browser(manager), browser(manager), browser(manager)
    page = here.get(path)
    assert words(page).count("Log out") >= 3
    here.post(path, {"do": "end", "session": str(there.session.row_id)})
    assert there.get("/admin/").status_code == 302
    assert third.get("/admin/").status_code == 200
    here.post(path, {"do": "end_others"})
    assert third.get("/admin/").status_code == 302
    assert here.get("/admin/").status_code == 200


def test_an_unknown_button_does_nothing(browser, manager):
    assert browser(manager).post(ACCOUNT, {"do": "nonsense"}).status_code == 422


# --- staff who must have one ----------------------------------------------------------------------------------------


@pytest.fixture
def strict(acme):
    """Acme, whose staff must have a second factor."""
    from apps.tenant.public import forget

    type(acme).objects.filter(pk=acme.pk).update(staff_second_factor=True)
    acme.staff_second_factor = True
    forget()
    return acme


def test_staff_without_one_get_no_further_than_setting_it_up(strict, browser, manager):
    client = browser(manager)
    for path in ("/admin/", "/admin/order/order/", "/admin/search/?s=x"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, ACCOUNT), path
    page = client.get(ACCOUNT)
    assert page.status_code == 200
    assert "wants a second step" in words(page)
    enrol(manager)
    assert browser().get("/admin/").status_code == 302


def test_over_the_api_they_are_customers_until_then(strict, api, manager):
    assert api(manager).get("/api/v1/auth/second-factor/").json()["required"] is True
    assert api(manager).get("/api/v1/users/").status_code == 403


# --- keys -----------------------------------------------------------------------------------------------------------


def test_a_key_is_made_on_a_page_and_shown_once(browser, admin_user, api):
    client = browser(admin_user)
    answer = client.send("/admin/accounts/apikey/add/", name="Till", lasts="30", may_orders="read")
    assert answer.status_code == 200, answer
    assert "no-store" in answer["Cache-Control"]
    key = re.search(r"rk_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}", answer.content.decode()).group()
    row = ApiKey.objects.get()
    assert row.permissions == ["orders.list", "orders.read"]
    assert api().get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {key}").status_code == 200
    page = client.get(reverse("admin:accounts_apikey_change", args=[row.pk]))
    assert key not in page.content.decode()
    assert key not in client.get("/admin/accounts/apikey/").content.decode()
    client.post(reverse("admin:accounts_apikey_do_revoke", args=[row.pk]))
    assert api().get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {key}").status_code == 401


def test_a_key_without_permissions_is_refused_on_the_form(browser, admin_user):
    answer = browser(admin_user).send("/admin/accounts/apikey/add/", name="Till", lasts="30")
    assert answer.status_code == 200
    assert not ApiKey.objects.exists()


def test_a_manager_sees_no_keys(browser, manager):
    assert browser(manager).get("/admin/accounts/apikey/").status_code == 403
    assert browser(manager).get("/admin/accounts/apikey/add/").status_code == 403


def test_an_admin_takes_a_lost_second_factor_away(browser, admin_user):
    lost = make_user("lost@acme.test", role="manager", is_staff=True)
    enrol(lost)
    client = browser(admin_user)
    path = reverse("admin:accounts_user_do_take_second_factor", args=[lost.pk])
    assert client.get(path).status_code == 200
    client.post(path)
    lost.refresh_from_db()
    assert not lost.has_second_factor
