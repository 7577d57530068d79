"""The second step of a login."""

from __future__ import annotations

import time

import pyotp
import pytest
from django.core import signing
from django.utils import timezone

from apps.accounts.models import RecoveryCode, SecondFactor, User
from apps.accounts.services import (
    confirm_second_factor,
    enrol_second_factor,
    issue_ticket,
    log_in,
    reset_second_factor,
    take_ticket,
)
from apps.accounts.services.second_factor import TICKET_SECONDS, WrongCode
from rustok.kernel.access import Actor, actor_for
from rustok.kernel.errors import DomainError, Forbidden

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-9"
LOGIN, SECOND = "/api/v1/auth/login/", "/api/v1/auth/login/second-factor/"


def enrol(user):
    """Give a user a second factor; answer the app, and the recovery codes."""
    actor = actor_for(user)
    totp = pyotp.TOTP(enrol_second_factor(actor=actor).secret)
    # the step before: the test's own next code is another one
    code = totp.at(time.time() - 30)
    codes = confirm_second_factor(actor=actor, password=PASSWORD, code=code, now=timezone.now())
    user.refresh_from_db()
    return totp, codes


def log_in_half(client, user):
    answer = client.post(LOGIN, {"email": user.email, "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_login_asks_for_a_code_and_then_gives_tokens(api, customer):
    totp, _codes = enrol(customer)
    half = log_in_half(api(), customer)
    assert half.keys() == {"second_factor", "ticket"}
    assert half["second_factor"] == "required"
    answer = api().post(SECOND, {"ticket": half["ticket"], "code": totp.now()})
    assert answer.status_code == 200
    assert answer.json()["user"]["email"] == customer.email
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {answer.json()['access']}"}
    assert api().get("/api/v1/auth/me/", **bearer).status_code == 200


def test_the_same_over_graphql(api, customer):
    totp, _codes = enrol(customer)
    first = api().graphql(
        "mutation($e: String!, $p: String!) { login(input: {email: $e, password: $p}) "
        "{ access secondFactor ticket errors { code } } }", e=customer.email, p=PASSWORD,
    )["data"]["login"]  # fmt: skip
    assert (first["access"], first["secondFactor"]) == (None, "required")
    second = api().graphql(
        "mutation($t: String!, $c: String) { loginSecondFactor(input: {ticket: $t, code: $c}) "
        "{ access user { email } errors { code } } }", t=first["ticket"], c=totp.now(),
    )["data"]["loginSecondFactor"]  # fmt: skip
    assert second["errors"] == []
    assert second["user"]["email"] == customer.email


def test_a_ticket_is_no_token(api, customer):
    enrol(customer)
    ticket = log_in_half(api(), customer)["ticket"]
    assert api().get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {ticket}").status_code == 401


def test_a_code_never_works_twice(api, customer):
    totp, _codes = enrol(customer)
    ticket, code = log_in_half(api(), customer)["ticket"], totp.now()
    assert api().post(SECOND, {"ticket": ticket, "code": code}).status_code == 200
    again = api().post(SECOND, {"ticket": ticket, "code": code})
    assert (again.status_code, again.json()["code"]) == (401, "wrong_code")


def test_an_older_code_is_void_once_a_newer_one_was_used(customer):
    totp, _codes = enrol(customer)
    ticket = issue_ticket(customer).ticket
    take_ticket(ticket=ticket, code=totp.at(time.time() + 30), now=timezone.now())
    with pytest.raises(WrongCode):
        take_ticket(ticket=ticket, code=totp.now(), now=timezone.now())


@pytest.mark.parametrize("steps", [-3, 3, 10])
def test_a_code_of_another_time_is_refused(customer, steps):
    totp, _codes = enrol(customer)
    with pytest.raises(WrongCode):
        take_ticket(ticket=issue_ticket(customer).ticket, code=totp.at(time.time() + 30 * steps), now=timezone.now())


def test_a_recovery_code_works_once_however_it_is_written(api, customer):
    _totp, codes = enrol(customer)
    assert len(codes) == len(set(codes)) == 10
    written = codes[0].replace("-", " ").upper()
    ticket = log_in_half(api(), customer)["ticket"]
    assert api().post(SECOND, {"ticket": ticket, "recovery_code": written}).status_code == 200
    assert api().post(SECOND, {"ticket": ticket, "recovery_code": codes[0]}).json()["code"] == "wrong_code"
    assert api().post(SECOND, {"ticket": ticket, "recovery_code": codes[1]}).status_code == 200


def test_neither_secret_nor_codes_stand_in_the_database(customer):
    totp, codes = enrol(customer)
    held = SecondFactor.objects.get(user=customer).secret
    assert totp.secret not in held
    digests = RecoveryCode.objects.values_list("digest", flat=True)
    assert not {code.replace("-", "") for code in codes} & set(digests)


def test_a_secret_moved_to_another_user_is_worth_nothing(customer, manager):
    totp, _codes = enrol(customer)
    enrol(manager)
    stolen = SecondFactor.objects.get(user=customer).secret
    SecondFactor.objects.filter(user=manager).update(secret=stolen)
    with pytest.raises(DomainError):
        take_ticket(ticket=issue_ticket(manager).ticket, code=totp.now(), now=timezone.now())


def test_a_new_secret_key_still_reads_what_a_former_one_sealed(customer, settings):
    totp, codes = enrol(customer)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-another-secret-another"
    assert take_ticket(ticket=issue_ticket(customer).ticket, code=totp.now(), now=timezone.now()) == customer
    ticket = issue_ticket(customer).ticket
    assert take_ticket(ticket=ticket, recovery_code=codes[0], now=timezone.now()) == customer


# --- tickets --------------------------------------------------------------------------------------------------------


def test_a_ticket_of_one_tenant_is_refused_by_another(api, customer, globex):
    """Also where the other tenant has a user of the same id, address, password and secret."""
    from apps.tenant.public import use_tenant

    totp, _codes = enrol(customer)
    ticket = log_in_half(api(), customer)["ticket"]
    factor = SecondFactor.objects.get(user=customer)
    with use_tenant(globex):
        twin = User(pk=customer.pk, email=customer.email, password=customer.password, has_second_factor=True)
        twin.save(force_insert=True)
        SecondFactor.objects.create(user=twin, secret=factor.secret, confirmed_at=timezone.now())
    foreign = api(host="globex.localhost").post(SECOND, {"ticket": ticket, "code": totp.now()})
    random = api(host="globex.localhost").post(SECOND, {"ticket": "x" * len(ticket), "code": totp.now()})
    assert (foreign.status_code, foreign.json()["code"]) == (401, "invalid_ticket")
    assert foreign.json() | {"trace_id": ""} == random.json() | {"trace_id": ""}
    assert api().post(SECOND, {"ticket": ticket, "code": totp.now()}).status_code == 200


def test_a_ticket_is_good_for_five_minutes_and_for_one_password(api, customer, monkeypatch):
    totp, _codes = enrol(customer)
    ticket = log_in_half(api(), customer)["ticket"]
    real = time.time
    monkeypatch.setattr(signing.time, "time", lambda: real() + TICKET_SECONDS + 1)
    assert api().post(SECOND, {"ticket": ticket, "code": totp.now()}).json()["code"] == "invalid_ticket"
    monkeypatch.undo()
    customer.set_password("another-horse-10")
    customer.save()
    assert api().post(SECOND, {"ticket": ticket, "code": totp.now()}).json()["code"] == "invalid_ticket"


def test_guessing_codes_is_slowed_down_over_all_addresses(api, customer):
    enrol(customer)
    ticket = log_in_half(api(), customer)["ticket"]
    answers = [
        api().post(SECOND, {"ticket": ticket, "code": "000000"}, REMOTE_ADDR=f"203.0.113.{number}").status_code
        for number in range(14)
    ]
    assert answers[:10] == [401] * 10
    assert 429 in answers[10:12]


# --- switching it on and off ----------------------------------------------------------------------------------------


def test_it_is_switched_on_and_off_over_rest(api, customer):
    client = api(customer)
    assert client.get("/api/v1/auth/second-factor/").json() == {
        "enabled": False, "required": False, "recovery_codes_left": 0,
    }  # fmt: skip
    made = client.post("/api/v1/auth/second-factor/")
    assert made.status_code == 201
    assert made.json()["uri"].startswith("otpauth://totp/")
    assert made.json()["qr"].startswith("<svg")
    totp = pyotp.TOTP(made.json()["secret"])
    log_in(email=customer.email, password=PASSWORD, device="", now=timezone.now())
    body = {"password": PASSWORD, "code": totp.at(time.time() - 30)}
    assert client.post("/api/v1/auth/second-factor/confirm/", body | {"code": "1"}).json()["code"] == "wrong_code"
    confirmed = client.post("/api/v1/auth/second-factor/confirm/", body)
    assert len(confirmed.json()["recovery_codes"]) == 10
    assert len(client.get("/api/v1/auth/sessions/").json()) == 1
    assert client.post("/api/v1/auth/second-factor/").json()["code"] == "second_factor_on"
    renewed = client.post("/api/v1/auth/second-factor/recovery-codes/", {"password": PASSWORD, "code": totp.now()})
    codes = renewed.json()["recovery_codes"]
    assert not set(codes) & set(confirmed.json()["recovery_codes"])
    off = "/api/v1/auth/second-factor/disable/"
    old = confirmed.json()["recovery_codes"][0]
    assert client.post(off, {"password": PASSWORD, "recovery_code": old}).json()["code"] == "wrong_code"
    assert client.post(off, {"password": "wrong", "recovery_code": codes[0]}).json()["code"] == "wrong_password"
    assert client.post(off, {"password": PASSWORD, "recovery_code": codes[0]}).status_code == 204
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert "access" in log_in_half(api(), customer)


def test_a_secret_that_was_not_confirmed_is_not_asked_for(api, customer):
    enrol_second_factor(actor=actor_for(customer))
    assert "access" in log_in_half(api(), customer)


def test_switching_it_on_needs_the_password(customer):
    totp = pyotp.TOTP(enrol_second_factor(actor=actor_for(customer)).secret)
    with pytest.raises(Forbidden):
        confirm_second_factor(actor=actor_for(customer), password="wrong", code=totp.now(), now=timezone.now())
    customer.refresh_from_db()
    assert not customer.has_second_factor


def test_an_admin_takes_a_lost_one_away_and_the_person_is_told(customer, admin_user, manager, events_of):
    enrol(customer)
    with pytest.raises(Forbidden):
        reset_second_factor(actor=actor_for(manager), user_id=customer.pk, now=timezone.now())
    reset_second_factor(actor=actor_for(admin_user), user_id=customer.pk, now=timezone.now())
    customer.refresh_from_db()
    assert not customer.has_second_factor
    assert events_of("user.second_factor_reset") == [{"user_id": str(customer.pk)}]


# --- staff who must have one ----------------------------------------------------------------------------------------


@pytest.fixture
def strict(acme):
    """Acme, whose staff must have a second factor."""
    acme.staff_second_factor = True
    type(acme).objects.filter(pk=acme.pk).update(staff_second_factor=True)
    from apps.tenant.public import forget

    forget()
    return acme


def test_staff_without_one_are_customers_until_they_have_it(strict, api, manager, customer):
    actor = actor_for(User.objects.get(pk=manager.pk))
    assert not actor.is_staff
    assert actor.scope("orders.read") == "own"
    enrol(manager)
    actor = actor_for(User.objects.get(pk=manager.pk))
    assert actor.is_staff
    assert actor.scope("orders.read") == "all"
    assert not actor_for(customer).is_staff


def test_the_platform_itself_is_not_asked(strict):
    assert Actor.system("tests").scope("orders.read") == "all"
