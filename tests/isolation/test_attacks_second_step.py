"""Attacks between the password and the code: what was not shown yet opens nothing."""

from __future__ import annotations

import re
import time

import pyotp
import pytest
from django.utils import timezone

from apps.accounts.models import BrowserSession, RecoveryCode, SecondFactor
from apps.accounts.services import confirm_second_factor, enrol_second_factor, issue_ticket
from apps.tenant.public import use_tenant
from rustok.kernel.access import actor_for
from tests.conftest import TenantClient, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-9"
DOORS = {
    "/admin/login/": ("username", "/admin/login/code/"),
    "/account/login/": ("email", "/account/login/code/"),
}


def enrol(user):
    totp = pyotp.TOTP(enrol_second_factor(actor=actor_for(user)).secret)
    codes = confirm_second_factor(
        actor=actor_for(user), password=PASSWORD, code=totp.at(time.time() - 30), now=timezone.now()
    )
    return totp, codes


def half(user, door="/admin/login/", client=None, **more):
    client = client or TenantClient()
    answer = client.post(door, {DOORS[door][0]: user.email, "password": PASSWORD, **more})
    assert answer.status_code == 200, answer.status_code
    ticket = re.search(r'name="ticket" value="([^"]+)"', answer.content.decode())
    assert ticket, answer.content[:3000]
    return client, ticket[1], answer


@pytest.mark.parametrize("door", DOORS)
def test_after_the_password_alone_nothing_is_open(manager, door):
    enrol(manager)
    client, _ticket, page = half(manager, door)
    assert not BrowserSession.objects.filter(user=manager).exists()
    assert not [name for name in client.cookies if "device" in name.lower()]
    for leak in ("/admin/product/", "/admin/logout/", manager.email, "account/devices"):
        assert leak not in page.content.decode(), leak
    for path in ("/admin/", "/admin/account/", "/admin/product/product/", "/admin/password_change/"):
        assert client.get(path).status_code in (302, 403, 404), path
    assert client.get("/api/v1/auth/me/").status_code == 401
    for path in ("second-factor/disable/", "second-factor/recovery-codes/", "second-factor/", "password/change/"):
        body = {"password": PASSWORD, "current_password": PASSWORD, "new_password": "another-horse-10"}
        answer = client.post(f"/api/v1/auth/{path}", body, content_type="application/json")
        assert answer.status_code in (401, 404), (path, answer.content)
    asked = client.post("/api/graphql/", {"query": "{ me { id } }"}, content_type="application/json").json()
    assert not (asked.get("data") or {}).get("me")
    for do in ("disable", "renew", "enrol", "end_others"):
        for path in ("/admin/account/", "/account/devices/"):
            assert client.post(path, {"do": do, "password": PASSWORD}).status_code in (302, 403), (path, do)
    assert SecondFactor.objects.filter(user=manager).exists()
    assert RecoveryCode.objects.filter(user=manager, used_at=None).count() == 10


@pytest.mark.parametrize("door", DOORS)
def test_a_code_opens_one_session_whichever_page_it_is_typed_into(manager, door):
    totp, _codes = enrol(manager)
    client, ticket, _page = half(manager, door)
    code = totp.now()
    assert client.post(DOORS[door][1], {"ticket": ticket, "code": code}).status_code == 302
    assert client.get("/account/devices/").status_code == 200
    for other in DOORS.values():
        again = TenantClient()
        assert again.post(other[1], {"ticket": ticket, "code": code}).status_code == 401
        assert again.get("/admin/account/").status_code == 302


@pytest.mark.parametrize("door", DOORS)
def test_codes_and_tickets_of_others_open_nothing(manager, globex, door):
    (totp, _codes), other = enrol(manager), make_user("other@acme.test", role="manager", is_staff=True)
    theirs, recovery = enrol(other)
    with use_tenant(globex):
        twin = make_user(manager.email, role="manager", is_staff=True)
        enrol(twin)
        _client, foreign, _page = half(twin, door, TenantClient("globex.localhost"))
    client, ticket, _page = half(manager, door)
    for code in (theirs.now(), recovery[0]):
        assert client.post(DOORS[door][1], {"ticket": ticket, "code": code}).status_code == 401
    for bad in (foreign, "", "x" * 5_000, ticket[:-1] + ("A" if ticket[-1] != "A" else "B"), ticket + "\0"):
        assert client.post(DOORS[door][1], {"ticket": bad, "code": totp.now()}).status_code == 302
        assert not BrowserSession.objects.filter(user__isnull=False).exists()
    assert RecoveryCode.objects.filter(user=other, used_at=None).count() == 10


def test_a_half_login_ends_the_session_of_whoever_was_there_and_is_never_both(manager, customer):
    totp, _codes = enrol(manager)
    client = TenantClient(user=customer)
    _client, ticket, _page = half(manager, client=client)
    assert client.get("/api/v1/auth/me/").status_code == 401
    client.enter(customer)
    assert client.post("/admin/login/code/", {"ticket": ticket, "code": totp.now()}).status_code == 302
    owners = set(BrowserSession.objects.filter(user__isnull=False).values_list("user__email", flat=True))
    assert manager.email in owners
    assert client.get("/admin/account/").status_code == 200


@pytest.mark.parametrize("door", DOORS)
def test_new_tickets_and_new_addresses_buy_no_more_tries(manager, door):
    totp, _codes = enrol(manager)
    wrong = "000000" if totp.now() != "000000" else "111111"

    def attempt(number, code):
        client = TenantClient(REMOTE_ADDR=f"198.51.100.{number}")
        return client.post(DOORS[door][1], {"ticket": issue_ticket(manager).ticket, "code": code}).status_code

    seen = [attempt(number, wrong) for number in range(16)]
    assert seen[:10] == [401] * 10
    assert 429 in seen
    now = time.time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("apps.accounts.services.lockouts.time.time", lambda: now)
        for number in range(20, 30):
            attempt(number, wrong)
        assert attempt(30, totp.now()) == 429


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("target", [
    "https://evil.test/", "//evil.test", "/\\evil.test", "\\\\evil.test", "http:evil.test", "javascript:alert(1)",
    "/\t/evil.test", "\thttps://evil.test", "https:///evil.test", "//acme.localhost@evil.test/", "/\n/evil.test",
])  # fmt: skip
def test_no_code_leads_to_another_site(manager, door, target):
    totp, _codes = enrol(manager)
    client, ticket, page = half(manager, door, next=target)
    assert f'href="{target}"' not in page.content.decode()
    answer = client.post(DOORS[door][1], {"ticket": ticket, "code": totp.now(), "next": target})
    assert answer.status_code == 302
    assert re.match(r"/(?![/\\])", answer.headers["Location"]), answer.headers["Location"]
    assert "evil" not in answer.headers["Location"]


def test_a_ticket_dies_with_the_account_the_factor_and_time(manager, customer, monkeypatch):
    totp, _codes = enrol(manager)
    client, ticket, _page = half(manager)
    type(manager).objects.because("a test").filter(pk=manager.pk).update(is_active=False)
    assert client.post("/admin/login/code/", {"ticket": ticket, "code": totp.now()}).status_code == 302
    assert client.get("/admin/account/").status_code == 302
    type(manager).objects.because("a test").filter(pk=manager.pk).update(is_active=True)
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 301)
    assert client.post("/admin/login/code/", {"ticket": ticket, "code": totp.now()}).status_code == 302
    assert client.get("/admin/account/").status_code == 302


@pytest.mark.parametrize("code", ["", "-", "\0", "０００００0", "1e5", "٠٠٠٠٠٠", "a" * 10_000, "null", "[]", "😀"])
def test_no_crooked_code_breaks_the_page_or_opens_it(manager, api, code):
    enrol(manager)
    client, ticket, _page = half(manager)
    for door, (_name, path) in DOORS.items():
        assert client.post(path, {"ticket": ticket, "code": code}).status_code in (401, 422), door
    for body in ({"ticket": ticket, "code": code}, {"ticket": ticket, "recovery_code": code}, {"ticket": ticket}):
        assert api().post("/api/v1/auth/login/second-factor/", body).status_code in (400, 401, 422), body
