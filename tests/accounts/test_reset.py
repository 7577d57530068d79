"""Forgotten passwords."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import BasePasswordHasher, MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import ResetRequest, User
from apps.accounts.public import log_in
from apps.tenant.public import use_tenant
from tests.accounts.letters import letters, token_in
from tests.conftest import ApiClient, make_user

pytestmark = pytest.mark.django_db

NEW = "green-canoe-78"


@pytest.fixture
def ask(api, deliver_events):
    def run(email, host="acme.localhost"):
        answer = api(host=host).post("/api/v1/auth/password/reset/", {"email": email})
        deliver_events()
        return answer

    return run


@pytest.fixture
def confirm(api):
    def run(token, password=NEW, host="acme.localhost"):
        return api(host=host).post("/api/v1/auth/password/reset/confirm/", {"token": token, "new_password": password})

    return run


@pytest.fixture
def quiet(customer, deliver_events):
    deliver_events()
    mail.outbox.clear()
    return customer


def test_a_link_sets_a_new_password_once_and_ends_every_session(api, quiet, ask, confirm, deliver_events, client):
    phone = api(quiet)
    browser = ApiClient("acme.localhost")
    browser.force_login(quiet, backend="apps.accounts.backends.EmailBackend")
    assert browser.get("/account/").status_code == 200
    assert ask(quiet.email).status_code == 202
    token = token_in(letters(quiet.email, "new password")[0])
    assert confirm(token).status_code == 204
    assert phone.get("/api/v1/auth/me/").status_code == 401
    assert browser.get("/account/").status_code == 302
    assert log_in(email=quiet.email, password=NEW, device="", now=timezone.now())
    deliver_events()
    assert letters(quiet.email, "was changed")
    again = confirm(token, "third-canoe-79")
    assert (again.status_code, again.json()["code"]) == (401, "invalid_link")


def test_a_reset_shows_that_the_address_is_theirs(quiet, ask, confirm, events_of):
    ask(quiet.email)
    confirm(token_in(letters(quiet.email)[0]))
    quiet.refresh_from_db()
    assert quiet.email_verified_at is not None
    assert events_of("user.email_verified") == [{"user_id": str(quiet.pk)}]


def test_a_weak_password_is_refused_and_the_link_stays_good(quiet, ask, confirm):
    ask(quiet.email)
    token = token_in(letters(quiet.email)[0])
    weak = confirm(token, "1234567890")
    assert (weak.status_code, weak.json()["code"]) == (400, "weak_password")
    assert confirm(token).status_code == 204


def test_all_links_die_when_one_is_used(quiet, ask, confirm):
    ask(quiet.email)
    ask(quiet.email)
    first, second = (token_in(letter) for letter in letters(quiet.email))
    assert confirm(second).status_code == 204
    assert confirm(first, "third-canoe-79").status_code == 401


def test_a_link_lives_for_an_hour(quiet, ask, confirm, monkeypatch):
    ask(quiet.email)
    token = token_in(letters(quiet.email)[0])
    late = timezone.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr("django.core.signing.time.time", late.timestamp)
    assert confirm(token).status_code == 401


def test_asking_for_an_unknown_address_answers_the_same_with_the_same_work(api, quiet, monkeypatch):
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(BasePasswordHasher, "harden_runtime", lambda *a: hashed.append("harden"))
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *a: hashed.append("encode") or encode(self, *a))

    def work(email):
        hashed.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = api().post("/api/v1/auth/password/reset/", {"email": email})
        return answer.status_code, answer.content, len(queries), len(hashed)

    work("first@acme.test")
    assert work(quiet.email) == work("nobody@acme.test")


def test_nobody_gets_a_mail_for_an_unknown_or_a_switched_off_account(quiet, ask):
    ask("nobody@acme.test")
    User.objects.filter(pk=quiet.pk).update(is_active=False)
    ask(quiet.email)
    assert letters() == []


def test_one_address_gets_five_links_an_hour_whoever_asks_and_old_requests_go(quiet, ask):
    old = ResetRequest.objects.create(email="old@acme.test")
    ResetRequest.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=2))
    for _ in range(7):
        ask(quiet.email)
    assert len(letters(quiet.email)) == 5
    assert not ResetRequest.objects.filter(pk=old.pk).exists()


def test_one_client_asks_a_few_times_an_hour(api, quiet, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"reset": {"address": "20/h", "subject": "2/h"}}
    answers = [api().post("/api/v1/auth/password/reset/", {"email": quiet.email}).status_code for _ in range(3)]
    assert answers == [202, 202, 429]


def test_no_secret_is_at_rest(quiet, ask):
    ask(quiet.email)
    token = token_in(letters(quiet.email)[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(payload::text, ' ') FROM public.outbox_outboxevent")
        assert token not in (cursor.fetchone()[0] or "")
        cursor.execute("SELECT string_agg(r::text, ' ') FROM accounts_resetrequest r")
        assert token not in cursor.fetchone()[0]


def test_a_link_of_one_shop_is_refused_by_another_that_knows_the_address_too(quiet, ask, confirm, globex):
    with use_tenant(globex):
        namesake = make_user(quiet.email)
    ask(quiet.email)
    token = token_in(letters(quiet.email)[0])
    assert confirm(token, host="globex.localhost").status_code == 401
    with use_tenant(globex):
        namesake.refresh_from_db()
        assert namesake.check_password("correct-horse-9")
    assert confirm(token).status_code == 204


def test_an_account_with_no_password_can_get_one(quiet, ask, confirm):
    quiet.set_unusable_password()
    quiet.save()
    ask(quiet.email)
    assert confirm(token_in(letters(quiet.email)[0])).status_code == 204


def test_changing_the_password_tells_the_user_and_keeps_a_record(api, quiet, deliver_events, events_of):
    answer = api(quiet).post(
        "/api/v1/auth/password/change/", {"current_password": "correct-horse-9", "new_password": NEW}
    )
    assert answer.status_code == 204
    deliver_events()
    (letter,) = letters(quiet.email, "was changed")
    assert NEW not in letter.body
    assert NEW not in str(events_of("user.password_changed"))


def test_graphql_asks_and_confirms(api, quiet, deliver_events):
    query = "mutation($e: String!) { passwordReset(input: {email: $e}) { errors { code } } }"
    assert api().graphql(query, e=quiet.email)["data"]["passwordReset"]["errors"] == []
    deliver_events()
    token = token_in(letters(quiet.email)[0])
    query = """mutation($t: String!, $p: String!) {
      passwordResetConfirm(input: {token: $t, newPassword: $p}) { errors { code } } }"""
    assert api().graphql(query, t=token, p=NEW)["data"]["passwordResetConfirm"]["errors"] == []
    quiet.refresh_from_db()
    assert quiet.check_password(NEW)
