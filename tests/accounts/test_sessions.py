"""Sessions of browsers and programs: listed, ended, and at home in one tenant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as live_settings
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import BrowserSession, Session
from apps.accounts.services.browser_sessions import SessionStore
from apps.accounts.services.devices import describe_device
from tests.admin.conftest import Browser
from tests.conftest import make_user

pytestmark = pytest.mark.django_db

SESSIONS = "/api/v1/auth/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PASSWORD = "correct-horse-9"


def shopper(user, host="acme.localhost"):
    """Log a browser in as a reader does."""
    browser = Browser(host)
    answer = browser.post("/account/login/", {"email": user.email, "password": PASSWORD}, HTTP_USER_AGENT=FIREFOX)
    assert answer.status_code == 302, answer.status_code
    return browser


def is_in(browser):
    return browser.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
         "Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/18.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile "
         "Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "curl"), ("Mozilla/5.0", ""), ("", ""), ("<script>", ""),
    ],
)  # fmt: skip
def test_a_device_is_named_in_words(agent, device):
    assert describe_device(agent) == device


def test_browsers_and_programs_are_in_one_list(api, customer):
    shopper(customer)
    client = api(customer)
    listed = client.get(SESSIONS).json()
    assert [(one["kind"], one["is_current"]) for one in listed] == [("api", True), ("browser", False)]
    assert listed[1]["device"] == "Firefox on Linux"
    assert listed[1]["address"] == "127.0.0.1"


def test_the_list_costs_two_queries_however_long_it_is(customer, django_assert_num_queries):
    from apps.accounts.selectors import live_sessions

    for _number in range(3):
        shopper(customer)
    with django_assert_num_queries(2):
        assert len(live_sessions(customer.pk, timezone.now())) == 3


def test_a_browser_is_logged_out_at_once_from_elsewhere(api, customer):
    browser = shopper(customer)
    assert is_in(browser)
    client = api(customer)
    row = next(one for one in client.get(SESSIONS).json() if one["kind"] == "browser")
    assert client.delete(f"{SESSIONS}{row['id']}/").status_code == 204
    assert not is_in(browser)
    assert client.delete(f"{SESSIONS}{row['id']}/").status_code == 404


def test_all_others_end_and_this_one_stays(api, customer):
    browser, other, client = shopper(customer), api(customer), api(customer)
    assert client.delete(SESSIONS).status_code == 204
    assert not is_in(browser)
    assert other.get(SESSIONS).status_code == 401
    assert [one["is_current"] for one in client.get(SESSIONS).json()] == [True]


def test_nobody_ends_the_session_of_somebody_else(api, customer, manager):
    browser = shopper(customer)
    row = BrowserSession.objects.get(user=customer)
    assert api(manager).delete(f"{SESSIONS}{row.id}/").status_code == 404
    assert is_in(browser)


def test_an_ended_session_is_not_brought_back_by_a_request_on_its_way(customer):
    shopper(customer)
    row = BrowserSession.objects.get(user=customer)
    on_its_way = SessionStore(row.session_key)
    on_its_way["cart"] = "1"
    BrowserSession.objects.all().delete()
    with pytest.raises(UpdateError):
        on_its_way.save()
    assert not BrowserSession.objects.filter(user=customer).exists()


# --- fixation -------------------------------------------------------------------------------------------------------


def test_logging_in_gives_a_new_key_and_a_new_csrf_token(acme, customer):
    browser = Browser("acme.localhost")
    planted = SessionStore()
    planted["planted"] = "yes"
    planted.save()
    browser.cookies[live_settings.SESSION_COOKIE_NAME] = planted.session_key
    browser.get("/account/login/")
    before = browser.cookies["csrf"].value
    browser.post("/account/login/", {"email": customer.email, "password": PASSWORD})
    key = browser.cookies[live_settings.SESSION_COOKIE_NAME].value
    assert key != planted.session_key
    assert browser.cookies["csrf"].value != before
    thief = Browser("acme.localhost")
    thief.cookies[live_settings.SESSION_COOKIE_NAME] = planted.session_key
    assert not is_in(thief)


def test_a_key_that_somebody_made_up_is_never_taken_over(acme, customer):
    browser = Browser("acme.localhost")
    browser.cookies[live_settings.SESSION_COOKIE_NAME] = "a" * 48
    browser.post("/account/login/", {"email": customer.email, "password": PASSWORD})
    assert browser.cookies[live_settings.SESSION_COOKIE_NAME].value != "a" * 48


# --- tenants --------------------------------------------------------------------------------------------------------


def test_a_cookie_of_one_tenant_is_nobody_in_another_even_with_the_same_row(customer, globex):
    from apps.tenant.public import use_tenant

    browser = shopper(customer)
    row = BrowserSession.objects.get(user=customer)
    with use_tenant(globex):
        twin = make_user("twin@globex.test")
        type(twin).objects.filter(pk=twin.pk).update(id=customer.pk, password=customer.password)
        copy = BrowserSession(**{field.attname: getattr(row, field.attname) for field in row._meta.fields})
        copy.save(force_insert=True)
    assert is_in(browser)
    assert browser.get("/account/", HTTP_HOST="globex.localhost").status_code == 302


def test_a_foreign_cookie_is_refused_before_the_database_is_asked(customer, globex):
    from apps.tenant.public import use_tenant

    shopper(customer)
    key = BrowserSession.objects.get(user=customer).session_key
    with use_tenant(globex), CaptureQueriesContext(connection) as captured:
        assert SessionStore(key).load() == {}
        assert not [query for query in captured if "browsersession" in query["sql"]]
    assert SessionStore(key).load()["_auth_user_id"] == str(customer.pk)


def test_what_a_row_holds_is_signed_for_its_tenant(customer, globex):
    from apps.tenant.public import use_tenant

    shopper(customer)
    data = BrowserSession.objects.get(user=customer).session_data
    with use_tenant(globex):
        assert SessionStore().decode(data) == {}


# --- how long -------------------------------------------------------------------------------------------------------


def age(**changes):
    BrowserSession.objects.update(**changes)


def test_a_session_of_staff_ends_after_an_hour_without_a_click(acme, manager):
    browser = Browser("acme.localhost", manager)
    assert browser.get("/admin/").status_code == 200
    age(used_at=timezone.now() - timedelta(minutes=59))
    assert browser.get("/admin/").status_code == 200
    age(used_at=timezone.now() - timedelta(minutes=61))
    assert browser.get("/admin/").status_code == 302
    assert not BrowserSession.objects.filter(user=manager).exists()


def test_a_session_of_staff_ends_after_a_working_day_however_busy(acme, manager, settings):
    browser = Browser("acme.localhost", manager)
    age(started_at=timezone.now() - timedelta(hours=settings.STAFF_SESSION_HOURS, minutes=1))
    assert browser.get("/admin/").status_code == 302


def test_a_session_of_a_customer_lasts_two_weeks(customer):
    browser = shopper(customer)
    age(used_at=timezone.now() - timedelta(days=13), started_at=timezone.now() - timedelta(days=13))
    assert is_in(browser)
    age(expire_date=timezone.now() - timedelta(minutes=1))
    assert not is_in(browser)


def test_use_is_written_down_once_a_minute(customer):
    browser = shopper(customer)
    before = BrowserSession.objects.get(user=customer).used_at
    is_in(browser)
    assert BrowserSession.objects.get(user=customer).used_at == before
    age(used_at=before - timedelta(minutes=2))
    is_in(browser)
    assert BrowserSession.objects.get(user=customer).used_at > before


def test_knowing_who_asks_costs_two_queries_with_a_session_and_two_with_a_token(api, customer):
    def queries(ask):
        ask()
        with CaptureQueriesContext(connection) as captured:
            ask()
        return [query["sql"] for query in captured if "accounts_" in query["sql"]]

    browser, client = shopper(customer), api(customer)
    assert len([sql for sql in queries(lambda: browser.get("/account/")) if "session" in sql]) == 1
    assert len([sql for sql in queries(lambda: client.get("/api/v1/auth/me/")) if "accounts_session" in sql]) == 1


# --- who ends what --------------------------------------------------------------------------------------------------


def test_an_admin_ends_the_sessions_of_browsers_too(admin_user, customer):
    from apps.accounts.public import end_sessions
    from rustok.kernel.access import actor_for

    browser = shopper(customer)
    assert end_sessions(actor=actor_for(admin_user), user_id=customer.pk, now=timezone.now()) == 1
    assert not is_in(browser)


def test_a_new_password_ends_the_sessions_of_browsers(customer, admin_user):
    from apps.accounts.public import set_password
    from rustok.kernel.access import actor_for

    browser = shopper(customer)
    set_password(actor=actor_for(admin_user), user_id=customer.pk, new="another-horse-10", now=timezone.now())
    assert not is_in(browser)
    assert not BrowserSession.objects.filter(user=customer).exists()


def test_a_session_of_the_api_knows_its_device(api, customer):
    api().post("/api/v1/auth/login/", {"email": customer.email, "password": PASSWORD}, HTTP_USER_AGENT=FIREFOX)
    row = Session.objects.get(user=customer)
    assert (row.device, row.address) == ("Firefox on Linux", "127.0.0.1")
