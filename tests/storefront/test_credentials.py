"""Links from mails, passwords and addresses, as a reader without JavaScript meets them."""

import re

import pytest
from django.core import mail
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.public import find_user_by_email
from apps.rbac.services import invite_person
from apps.tenant.public import find, use_tenant
from rustok.kernel.access import Actor
from tests.accounts.letters import letters, path_in, token_in
from tests.conftest import TenantClient, make_user

pytestmark = pytest.mark.django_db

PASSWORD, NEW = "correct-horse-9", "green-canoe-78"


@pytest.fixture
def reader(acme):
    return TenantClient()


@pytest.fixture
def quiet(customer, deliver_events):
    deliver_events()
    return customer


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def follow(reader, path, **fields):
    """Open a link from a mail, which changes nothing, and press its button."""
    page = reader.get(path)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "strict-origin"  # tells no address, and lets browsers send the form's origin
    assert "no-store" in page["Cache-Control"]
    token = re.search(r'name="token" value="([^"]+)"', page.content.decode())[1]
    return reader.post(path.partition("?")[0], {"token": token, **fields})


def test_an_address_is_confirmed_by_a_button_not_by_the_link_alone(reader, quiet):
    (letter,) = letters(quiet.email)
    reader.get(path_in(letter))
    quiet.refresh_from_db()
    assert quiet.email_verified_at is None
    assert "Your address is confirmed." in text_of(follow(reader, path_in(letter)))
    quiet.refresh_from_db()
    assert quiet.email_verified_at is not None
    again = reader.post("/account/verify/", {"token": token_in(letter)})
    assert (again.status_code, "not good any more" in text_of(again)) == (401, True)


def test_an_unconfirmed_reader_is_reminded_and_can_have_the_mail_again(reader, quiet, deliver_events):
    reader.enter(quiet)
    assert "Please confirm" in text_of(reader.get("/account/"))
    mail.outbox.clear()
    assert reader.post("/account/verify/resend/").status_code == 302
    deliver_events()
    follow(reader, path_in(letters(quiet.email)[0]))
    assert "Please confirm" not in text_of(reader.get("/account/"))


def test_a_forgotten_password_is_set_and_logs_nobody_in(reader, quiet, deliver_events):
    mail.outbox.clear()
    known = text_of(reader.post("/account/password/reset/", {"email": quiet.email}))
    unknown = text_of(reader.post("/account/password/reset/", {"email": "nobody@acme.test"}))
    assert known.replace(quiet.email, "") == unknown.replace("nobody@acme.test", "")
    deliver_events()
    path = path_in(letters(quiet.email)[0])
    weak = follow(reader, path, new_password="1234567890")
    assert (weak.status_code, "too common" in text_of(weak)) == (400, True)
    assert "Your password is set" in text_of(follow(reader, path, new_password=NEW))
    assert reader.get("/account/").status_code == 302
    quiet.refresh_from_db()
    assert quiet.check_password(NEW)


def test_changing_the_password_keeps_this_browser_and_no_other(reader, quiet):
    other = TenantClient()
    reader.enter(quiet)
    other.enter(quiet)
    wrong = reader.post("/account/password/", {"current_password": "x", "new_password": NEW})
    assert (wrong.status_code, "current password is wrong" in text_of(wrong)) == (403, True)
    key = reader.session.session_key
    assert reader.post("/account/password/", {"current_password": PASSWORD, "new_password": NEW}).status_code == 302
    assert reader.get("/account/").status_code == 200
    assert reader.session.session_key != key
    assert other.get("/account/").status_code == 302


def test_an_address_is_changed_and_the_old_one_can_take_it_back(reader, quiet, deliver_events):
    User.objects.filter(pk=quiet.pk).update(email_verified_at=timezone.now())
    reader.enter(quiet)
    mail.outbox.clear()
    reader.post("/account/email/", {"email": "next@acme.test", "current_password": PASSWORD})
    deliver_events()
    assert "Your address is changed" in text_of(follow(reader, path_in(letters("next@acme.test")[0])))
    assert find_user_by_email("next@acme.test").pk == quiet.pk
    assert "Your address stays" in text_of(follow(reader, path_in(letters("customer@acme.test")[0])))
    assert find_user_by_email("customer@acme.test").pk == quiet.pk


@pytest.mark.parametrize("path", ["/account/password/", "/account/email/"])
def test_ones_own_pages_ask_for_a_login(reader, path):
    assert reader.get(path)["Location"].startswith("/account/login/?next=")


def test_an_invitation_makes_an_account(reader, acme, deliver_events):
    with use_tenant(acme):
        invite_person(actor=Actor.system("tests"), email="new@acme.test", roles=["manager"], now=timezone.now())
    deliver_events()
    answer = follow(reader, path_in(letters("new@acme.test")[0]), name="New", password=NEW)
    assert 'href="/admin/login/"' in answer.content.decode()
    assert find_user_by_email("new@acme.test").is_staff


def test_operators_have_these_pages_though_the_platform_sells_nothing(deliver_events, acme):
    platform = find("platform")
    with use_tenant(platform):
        make_user("op@rustok.test", is_staff=True)
    deliver_events()
    mail.outbox.clear()
    reader = TenantClient("localhost")
    assert reader.post("/account/password/reset/", {"email": "op@rustok.test"}).status_code == 200
    deliver_events()
    answer = follow(reader, path_in(letters("op@rustok.test")[0]), new_password=NEW)
    assert 'href="/admin/login/"' in answer.content.decode()
    assert reader.get("/account/password/").status_code == 404


def test_links_and_pages_are_in_the_readers_language(reader, quiet, deliver_events):
    User.objects.filter(pk=quiet.pk).update(locale="de")
    mail.outbox.clear()
    reader.post("/de/account/password/reset/", {"email": quiet.email})
    deliver_events()
    (letter,) = letters(quiet.email, "Ein neues Passwort")
    assert path_in(letter).startswith("/de/account/password/reset/confirm/?token=")
    assert 'lang="de"' in reader.get(path_in(letter)).content.decode()


def test_a_link_of_another_shop_is_refused_on_its_page(quiet):
    there = TenantClient("globex.localhost")
    answer = there.post("/account/verify/", {"token": token_in(letters(quiet.email)[0])})
    assert (answer.status_code, "not good any more" in text_of(answer)) == (401, True)
