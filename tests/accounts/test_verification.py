"""Showing that an address is one's own, and changing it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.signing import TimestampSigner
from django.utils import timezone

from apps.accounts.models import EmailChange, User
from apps.accounts.public import find_user_by_email
from apps.tenant.public import use_tenant
from tests.accounts.letters import letters, link_in, token_in
from tests.conftest import make_user

pytestmark = pytest.mark.django_db

NEW = {"email": "ann@example.com", "password": "blue-canoe-77"}
PASSWORD = "correct-horse-9"


@pytest.fixture
def registered(api, deliver_events):
    api().post("/api/v1/auth/register/", NEW)
    deliver_events()
    return find_user_by_email(NEW["email"])


def verify(api, token, **kwargs):
    return api(**kwargs).post("/api/v1/auth/email/verify/", {"token": token})


def test_registering_sends_a_link_that_confirms_the_address_once(api, registered, events_of):
    (letter,) = letters(NEW["email"])
    assert verify(api, token_in(letter)).status_code == 204
    registered.refresh_from_db()
    assert registered.email_verified_at is not None
    assert events_of("user.email_verified") == [{"user_id": str(registered.pk)}]
    again = verify(api, token_in(letter))
    assert (again.status_code, again.json()["code"]) == (401, "invalid_link")
    assert len(events_of("user.email_verified")) == 1


def test_no_secret_is_in_any_event(registered, events_of):
    token = token_in(letters(NEW["email"])[0])
    assert token not in str(events_of("user.registered"))
    assert events_of("user.registered") == [{"user_id": str(registered.pk)}]


def test_a_link_dies_with_its_age_and_with_the_password(api, registered, monkeypatch, system):
    token = token_in(letters(NEW["email"])[0])
    late = timezone.now() + timedelta(days=3, seconds=1)
    monkeypatch.setattr("django.core.signing.time.time", late.timestamp)
    assert verify(api, token).status_code == 401
    monkeypatch.undo()
    registered.set_password("another-horse-9")
    registered.save()
    assert verify(api, token).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\u0000", "é" * 50, "x" * 1_001])
def test_garbage_is_no_link(api, token):
    assert verify(api, token).status_code in (400, 401)


def test_a_link_for_one_purpose_serves_no_other(api, registered):
    token = token_in(letters(NEW["email"])[0])
    answer = api().post("/api/v1/auth/password/reset/confirm/", {"token": token, "new_password": "green-canoe-78"})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_link")


def test_the_mail_is_sent_again_on_request_and_only_while_needed(api, customer, deliver_events):
    deliver_events()
    mail.outbox.clear()
    client = api(customer)
    assert client.post("/api/v1/auth/email/verify/resend/").status_code == 202
    deliver_events()
    assert verify(api, token_in(letters(customer.email)[0])).status_code == 204
    assert client.get("/api/v1/auth/me/").json()["email_verified"] is True
    mail.outbox.clear()
    assert client.post("/api/v1/auth/email/verify/resend/").status_code == 202
    deliver_events()
    assert letters() == []


def test_an_old_event_that_is_replayed_sends_nothing(registered, acme):
    from apps.accounts.handlers import confirm_address
    from rustok.kernel.events import Envelope
    from rustok.kernel.ids import new_id

    mail.outbox.clear()
    two_days_ago = timezone.now() - timedelta(days=2)
    confirm_address(
        Envelope(
            id=new_id(),
            event_type="user.registered",
            schema_version=1,
            tenant_id=acme.pk,
            aggregate_type="user",
            aggregate_id=registered.pk,
            aggregate_version=1,
            correlation_id=new_id(),
            causation_id=None,
            trace_id="",
            actor_id=None,
            timestamp=two_days_ago,
            retry_count=0,
            payload={"user_id": str(registered.pk)},
        )
    )
    assert mail.outbox == []


def test_the_api_says_whether_an_address_is_confirmed_and_graphql_confirms_it(api, registered):
    token = token_in(letters(NEW["email"])[0])
    mutation = "mutation($t: String!) { emailVerify(input: {token: $t}) { errors { code } } }"
    assert api().graphql(mutation, t=token)["data"]["emailVerify"]["errors"] == []
    assert api().graphql(mutation, t=token)["data"]["emailVerify"]["errors"] == [{"code": "invalid_link"}]


# --- another address ------------------------------------------------------------------------------------------------


@pytest.fixture
def ann(acme, deliver_events):
    user = make_user("ann@acme.test")
    User.objects.filter(pk=user.pk).update(email_verified_at=timezone.now())
    deliver_events()
    mail.outbox.clear()
    user.refresh_from_db()
    return user


def change(api, user, to, deliver_events, password=PASSWORD):
    answer = api(user).post("/api/v1/auth/email/change/", {"email": to, "current_password": password})
    deliver_events()
    return answer


def test_an_address_changes_once_the_new_one_confirms_it(api, ann, deliver_events, events_of):
    assert change(api, ann, "Anna@Acme.test", deliver_events).status_code == 202
    ann.refresh_from_db()
    assert ann.email == "ann@acme.test"
    token = token_in(letters("anna@acme.test")[0])
    assert api().post("/api/v1/auth/email/change/confirm/", {"token": token}).status_code == 204
    ann.refresh_from_db()
    assert (ann.email, ann.email_verified_at is not None) == ("anna@acme.test", True)
    assert events_of("user.email_changed") == [{"user_id": str(ann.pk)}]
    assert api().post("/api/v1/auth/email/change/confirm/", {"token": token}).status_code == 401


def test_the_password_is_asked_for_and_another_address_than_ones_own(api, ann, deliver_events):
    wrong = change(api, ann, "anna@acme.test", deliver_events, password="wrong")
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    same = change(api, ann, ann.email, deliver_events)
    assert (same.status_code, same.json()["code"]) == (409, "same_email")
    assert EmailChange.objects.count() == 0


def test_the_old_address_can_take_it_back_and_throws_out_whoever_did_it(api, ann, deliver_events):
    thief = api(ann)
    change(api, ann, "thief@evil.test", deliver_events)
    revert = token_in(letters("ann@acme.test")[0])
    api().post("/api/v1/auth/email/change/confirm/", {"token": token_in(letters("thief@evil.test")[0])})
    thief.post("/api/v1/auth/password/change/", {"current_password": PASSWORD, "new_password": "stolen-horse-9"})
    deliver_events()
    mail.outbox.clear()
    assert api().post("/api/v1/auth/email/change/revert/", {"token": revert}).status_code == 204
    deliver_events()
    ann.refresh_from_db()
    assert ann.email == "ann@acme.test"
    assert not ann.has_usable_password()
    assert thief.get("/api/v1/auth/me/").status_code == 401
    reset = token_in(letters("ann@acme.test", "new password")[0])
    answer = api().post("/api/v1/auth/password/reset/confirm/", {"token": reset, "new_password": "mine-again-99"})
    assert answer.status_code == 204
    assert api().post("/api/v1/auth/email/change/revert/", {"token": revert}).status_code == 401


def test_taking_back_one_change_closes_those_after_it(api, ann, deliver_events):
    change(api, ann, "thief@evil.test", deliver_events)
    revert = token_in(letters("ann@acme.test")[0])
    api().post("/api/v1/auth/email/change/confirm/", {"token": token_in(letters("thief@evil.test")[0])})
    ann.refresh_from_db()
    change(api, ann, "other@evil.test", deliver_events)
    thiefs = token_in(letters("thief@evil.test", "about to change")[0])
    late = token_in(letters("other@evil.test")[0])
    assert api().post("/api/v1/auth/email/change/revert/", {"token": revert}).status_code == 204
    for path, token in (("revert", thiefs), ("confirm", late)):
        assert api().post(f"/api/v1/auth/email/change/{path}/", {"token": token}).status_code == 401
    ann.refresh_from_db()
    assert ann.email == "ann@acme.test"


def test_only_the_newest_wish_counts(api, ann, deliver_events):
    change(api, ann, "one@acme.test", deliver_events)
    change(api, ann, "two@acme.test", deliver_events)
    first, second = (token_in(letters(f"{name}@acme.test")[0]) for name in ("one", "two"))
    assert api().post("/api/v1/auth/email/change/confirm/", {"token": first}).status_code == 401
    assert api().post("/api/v1/auth/email/change/confirm/", {"token": second}).status_code == 204


def test_nobody_else_gets_an_address_that_may_still_be_taken_back(api, ann, deliver_events):
    change(api, ann, "anna@acme.test", deliver_events)
    api().post("/api/v1/auth/email/change/confirm/", {"token": token_in(letters("anna@acme.test")[0])})
    grab = {"email": "ann@acme.test", "password": "blue-canoe-77"}
    assert api().post("/api/v1/auth/register/", grab).json()["code"] == "email_taken"
    EmailChange.objects.update(confirmed_at=timezone.now() - timedelta(hours=73))
    assert api().post("/api/v1/auth/register/", grab).status_code == 201


def test_an_old_address_that_was_never_confirmed_gets_no_link(api, customer, deliver_events):
    change(api, customer, "right@acme.test", deliver_events)
    (letter,) = letters(customer.email, "about to change")
    assert "token=" not in letter.body


def test_an_address_that_an_admin_changes_is_to_be_confirmed_anew(ann, system, deliver_events):
    from apps.accounts.public import update_user

    update_user(actor=system, user_id=ann.pk, now=timezone.now(), email="anna@acme.test")
    deliver_events()
    ann.refresh_from_db()
    assert ann.email_verified_at is None
    assert letters("anna@acme.test", "Confirm")


# --- other tenants --------------------------------------------------------------------------------------------------


def test_a_link_of_one_shop_is_refused_by_another_and_both_refusals_look_alike(api, registered, globex, monkeypatch):
    from rustok.kernel import audit

    noted = []

    class Notes:
        def record(self, action, actor, obj, label, data):
            noted.append((action, label, data["reason"]))

    monkeypatch.setattr(audit, "_recorder", [Notes()])
    token = token_in(letters(NEW["email"])[0])
    foreign = verify(api, token, host="globex.localhost")
    garbage = verify(api, TimestampSigner(salt="x").sign_object(["a", "b", "c"]), host="globex.localhost")
    assert foreign.status_code == garbage.status_code == 401
    assert foreign.json() | {"trace_id": ""} == garbage.json() | {"trace_id": ""}
    assert noted == [("token.refused", "verify", "foreign"), ("token.refused", "verify", "broken")]
    with use_tenant(globex):
        assert not User.objects.filter(email=NEW["email"]).exists()


def test_links_lead_to_the_shops_own_address_whatever_host_a_request_named(acme, settings, customer, deliver_events):
    settings.HTTPS, settings.SITE_PORT = True, 0
    deliver_events()
    assert link_in(letters(customer.email)[0]).startswith("https://acme.localhost/account/verify/?token=")
