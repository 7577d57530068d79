"""Logins of staff: on record, mailed about when the device is new, and as short as staff's sessions are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import ApiKey, BrowserSession, RecoveryCode, SecondFactor, User
from apps.accounts.public import update_user
from apps.accounts.services import confirm_email_change, request_email_change, revert_email_change
from apps.audit.models import AuditEntry
from apps.rbac.public import assign_role
from apps.rbac.services import create_api_key, withdraw_role
from tests.accounts.letters import letters, token_in
from tests.admin.conftest import Browser
from tests.conftest import ApiClient

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-9"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def log_in(user, agent=FIREFOX, browser=None, address="192.0.2.7"):
    browser = browser or Browser("acme.localhost")
    sent = {"email": user.email, "password": PASSWORD}
    answer = browser.post("/account/login/", sent, HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    assert answer.status_code == 302
    return browser


def told(user, deliver_events):
    deliver_events()
    return letters(user.email, "new device")


# --- new devices ----------------------------------------------------------------------------------------------------


def test_staff_are_told_of_a_new_device_and_not_of_the_first_or_a_known_one(manager, deliver_events):
    desk = log_in(manager)
    assert told(manager, deliver_events) == []
    desk.post("/account/logout/")
    log_in(manager, browser=desk)
    assert told(manager, deliver_events) == []
    log_in(manager, agent="curl/8.5.0", address="198.51.100.9")
    (letter,) = told(manager, deliver_events)
    assert "curl, from the address 198.51.100.9" in letter.body
    assert "/admin/account/" in letter.body


def test_a_program_of_staff_is_new_once(manager, deliver_events):
    for _time in range(3):
        log = {"HTTP_USER_AGENT": "shop-sync/1", "REMOTE_ADDR": "198.51.100.9"}
        client = ApiClient("acme.localhost")
        assert (
            client.post("/api/v1/auth/login/", {"email": manager.email, "password": PASSWORD}, **log).status_code == 200
        )
    assert told(manager, deliver_events) == []
    log_in(manager)
    assert len(told(manager, deliver_events)) == 1


def test_customers_get_no_such_mail(customer, deliver_events, events_of):
    log_in(customer)
    log_in(customer, agent="curl/8.5.0", address="198.51.100.9")
    assert told(customer, deliver_events) == []
    assert events_of("user.new_device") == []


@pytest.mark.parametrize(("locale", "subject"), [("en", "A new device"), ("de", "Ein neues Gerät"), ("ru", "Вход")])
def test_the_mail_is_in_the_readers_language(manager, deliver_events, locale, subject, acme):
    from apps.accounts.services import mail_new_device, mail_second_factor_reset

    User.objects.filter(pk=manager.pk).update(locale=locale)
    said = {"user_id": manager.pk, "moment": timezone.now()}
    mail_new_device(**said, device="", address="", key="a")
    mail_second_factor_reset(**said, key="b")
    first, second = letters(manager.email)
    assert first.subject.startswith(subject)
    assert "{" not in first.body + second.body


def test_somebody_whose_second_step_an_admin_took_away_is_told(manager, admin_user, actor, deliver_events):
    from apps.accounts.public import reset_second_factor

    SecondFactor.objects.create(user=manager, secret="x", confirmed_at=timezone.now())
    User.objects.filter(pk=manager.pk).update(has_second_factor=True)
    reset_second_factor(actor=actor(admin_user), user_id=manager.pk, now=timezone.now())
    deliver_events()
    assert len(letters(manager.email, "second step")) == 1


# --- on record ------------------------------------------------------------------------------------------------------


def test_logins_of_staff_are_on_record_with_address_and_device(manager, customer):
    log_in(customer)
    log_in(manager)
    (entry,) = AuditEntry.objects.filter(action="login.succeeded")
    assert (entry.actor_id, entry.actor_label) == (manager.pk, manager.email)
    assert (entry.address, entry.after) == ("192.0.2.7", {"device": "Firefox on Linux"})


def test_a_key_is_on_record_when_it_is_first_used_and_when_it_comes_from_elsewhere(admin_user, actor, acme):
    row, key = create_api_key(
        actor=actor(admin_user), name="sync", permissions=["products.read"], now=timezone.now(),
        expires_at=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    client = ApiClient("acme.localhost")
    for address in ("192.0.2.7", "192.0.2.7", "198.51.100.9"):
        ApiKey.objects.filter(pk=row.pk, last_used_at__isnull=False).update(
            last_used_at=timezone.now() - timedelta(minutes=5)
        )
        assert (
            client.get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {key}", REMOTE_ADDR=address).status_code == 200
        )
    found = AuditEntry.objects.filter(action="api_key.used").order_by("id")
    assert [(one.address, one.object_id) for one in found] == [
        ("192.0.2.7", str(row.pk)), ("198.51.100.9", str(row.pk))
    ]  # fmt: skip
    assert key not in str([one.after for one in AuditEntry.objects.all()])


# --- becoming staff, and ceasing to be --------------------------------------------------------------------------------


def test_sessions_end_when_somebody_becomes_staff_or_ceases_to_be(manager, admin_user, actor, api):
    for is_staff in (False, True):
        browser, client = log_in(manager), api(manager)
        update_user(
            actor=actor(admin_user), user_id=manager.pk, now=timezone.now(), email=manager.email, is_staff=is_staff
        )
        assert browser.get("/account/").status_code == 302
        assert client.get("/api/v1/auth/sessions/").status_code == 401


def test_a_session_stays_when_only_the_name_changes(manager, admin_user, actor):
    browser = log_in(manager)
    changes = {"email": manager.email, "name": "Mia", "is_staff": True}
    update_user(actor=actor(admin_user), user_id=manager.pk, now=timezone.now(), **changes)
    assert browser.get("/account/").status_code == 200


@pytest.mark.parametrize("mark", ["is_staff", "is_superuser"])
def test_whoever_is_made_staff_behind_our_back_has_a_session_as_short_as_staffs(customer, mark):
    browser = log_in(customer)
    BrowserSession.objects.update(used_at=timezone.now() - timedelta(minutes=61))
    assert browser.get("/account/").status_code == 200
    User.objects.filter(pk=customer.pk).update(**{mark: True})
    BrowserSession.objects.update(used_at=timezone.now() - timedelta(minutes=61))
    assert browser.get("/account/").status_code == 302


def test_whoever_is_staff_no_more_is_a_customer_with_the_next_request(manager):
    browser = log_in(manager)
    assert browser.get("/admin/").status_code == 200
    User.objects.filter(pk=manager.pk).update(is_staff=False)
    assert browser.get("/admin/").status_code == 302


def test_a_role_that_is_taken_away_is_gone_with_the_next_request(
    manager, system, api, django_capture_on_commit_callbacks
):
    client = api(manager)
    assert client.get("/api/v1/users/").status_code in (200, 403)
    with django_capture_on_commit_callbacks(execute=True):
        assign_role(actor=system, user_id=manager.pk, role="admin")
    assert client.get("/api/v1/users/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_role(actor=system, user_id=manager.pk, role="admin")
        withdraw_role(actor=system, user_id=manager.pk, role="manager")
    assert client.get("/api/v1/users/").status_code == 403


# --- taking an account back -------------------------------------------------------------------------------------------


def taken_over(user, actor, deliver_events):
    """Have a thief change the address of an account; answer the secret that takes it back."""
    User.objects.filter(pk=user.pk).update(email_verified_at=timezone.now())
    request_email_change(actor=actor(user), email="thief@evil.test", password=PASSWORD)
    deliver_events()
    confirm_email_change(token=token_in(letters("thief@evil.test")[-1]), now=timezone.now())
    return token_in(letters(user.email)[-1])


def test_taking_an_address_back_takes_what_the_thief_set_up(admin_user, actor, deliver_events):
    at = {"actor": actor(admin_user), "permissions": ["products.read"], "expires_at": None}
    mine, _key = create_api_key(name="mine", now=timezone.now(), **at)
    secret = taken_over(admin_user, actor, deliver_events)
    theirs, _key = create_api_key(name="theirs", now=timezone.now(), **at)
    SecondFactor.objects.create(user=admin_user, secret="x", confirmed_at=timezone.now())
    RecoveryCode.objects.create(user=admin_user, digest="x")
    User.objects.filter(pk=admin_user.pk).update(has_second_factor=True)
    user = revert_email_change(token=secret, now=timezone.now())
    user.refresh_from_db()
    assert (user.email, user.has_second_factor) == ("admin@acme.test", False)
    assert not SecondFactor.objects.filter(user=user).exists()
    assert not RecoveryCode.objects.filter(user=user).exists()
    assert set(ApiKey.objects.filter(revoked_at=None)) == {mine}
    assert theirs != mine


def test_taking_an_address_back_leaves_the_owners_own_second_factor(manager, actor, deliver_events):
    SecondFactor.objects.create(user=manager, secret="x", confirmed_at=timezone.now() - timedelta(days=1))
    User.objects.filter(pk=manager.pk).update(has_second_factor=True)
    secret = taken_over(manager, actor, deliver_events)
    RecoveryCode.objects.create(user=manager, digest="new")
    user = revert_email_change(token=secret, now=timezone.now())
    assert SecondFactor.objects.filter(user=user).exists()
    assert User.objects.get(pk=user.pk).has_second_factor
    assert not RecoveryCode.objects.filter(user=user).exists()
