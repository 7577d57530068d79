"""Attacks from outside: hosts, headers, forms of other sites, floods, odd input, and many at the same moment."""

from __future__ import annotations

import threading
from typing import Any

import pyotp
import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services import (
    confirm_second_factor,
    enrol_second_factor,
    issue_ticket,
    reset_password,
    take_ticket,
)
from apps.rbac.services import create_api_key, withdraw_role
from apps.tenant.public import find, use_tenant
from rustok.kernel import links
from rustok.kernel.access import actor_for
from rustok.kernel.context import because
from rustok.kernel.errors import DomainError
from tests.admin.conftest import Browser
from tests.conftest import make_user
from tests.dns import name_server
from tests.rbac.factories import fresh_actor

# --- where a request goes -----------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("host", [
    "acme.localhost:80@evil.test", "acme.localhost:80:80", "acme.localhost, evil.test", "acme.localhost/x",
    "acme.localhost#x", "acme.localhost\tx", "\u0430cme.localhost", "evil.test", "", "a" * 5_000, "[::1]",
])  # fmt: skip
def test_a_crooked_host_leads_nowhere(acme, host):
    assert Browser(host=host).get("/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("header", [
    {"HTTP_X_FORWARDED_HOST": "globex.localhost"}, {"HTTP_X_TENANT": "globex"}, {"HTTP_FORWARDED": "host=globex"},
    {"HTTP_X_ORIGINAL_URL": "/admin/"}, {"HTTP_X_REWRITE_URL": "/admin/"},
])  # fmt: skip
def test_no_header_moves_a_request_to_another_shop(acme, header):
    answer = Browser().get("/", **header)
    assert answer.status_code == 200
    assert b"Globex" not in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("target", [
    "//evil.test", "https://evil.test", "/\\evil.test", "\\\\evil.test", "https:evil.test", "javascript:alert(1)",
    "//evil.test%2f@acme.localhost/", " //evil.test", "http:///evil.test",
])  # fmt: skip
def test_no_login_or_form_sends_anybody_to_another_site(customer, manager, target):
    forms = (
        ("/account/login/", {"email": customer.email, "password": "correct-horse-9", "next": target}),
        ("/admin/login/", {"username": manager.email, "password": "correct-horse-9", "next": target}),
        ("/admin/language/", {"language": "de", "next": target}),
        ("/preferences/", {"mode": "dark", "next": target}),
    )
    for path, data in forms:
        answer = Browser().post(path, data)
        assert answer.status_code == 302, (path, answer.status_code)
        assert answer["Location"].startswith("/"), (path, answer["Location"])
        assert not answer["Location"].startswith(("//", "/\\")), path


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["//evil.test/", "///evil.test", "/\\evil.test", "/%2f%2fevil.test/", "/de//evil.test"]
)
def test_no_path_redirects_to_another_site(acme, path):
    answer = Browser().get(path)
    assert not str(answer.headers.get("Location", "")).removeprefix("http:").startswith(("//evil", "/\\"))


# --- forms and scripts of other sites -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_session_alone_changes_nothing_over_the_apis(admin_user):
    """Shops under one domain are one site to a browser: SameSite cookies do not keep them apart."""
    client = Client(HTTP_HOST="acme.localhost", enforce_csrf_checks=True)
    client.force_login(admin_user, backend="apps.accounts.backends.EmailBackend")
    query = (
        '{"query": "mutation { moduleUpdate(input: {slug: \\"forum\\", enabled: false}) { changed errors { code } } }"}'
    )
    for kind in (
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ):
        answer = client.post("/api/graphql/", query, content_type=kind).content
        assert b'"code":"unauthenticated"' in answer or b"unsupported_media_type" in answer
        body = '{"name": "x", "permissions": ["orders.read"], "expires_at": null}'
        assert client.post("/api/v1/api-keys/", body, content_type=kind).status_code in (403, 415)
    for method in ("patch", "put", "delete"):
        assert getattr(client, method)("/api/v1/settings/", "{}", content_type="application/json").status_code in (
            403,
            405,
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "origin", ["null", "https://evil.test", "http://acme.localhost.evil.test", "http://globex.localhost"]
)
def test_no_foreign_script_reads_an_answer(acme, origin):
    for method in ("get", "options"):
        answer = getattr(Browser(), method)(
            "/api/v1/products/", HTTP_ORIGIN=origin, HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST"
        )  # fmt: skip
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.django_db
def test_a_session_that_was_there_before_the_login_is_not_the_one_after_it(manager):
    client = Browser()
    client.get("/admin/login/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key
    client.post("/admin/login/", {"username": manager.email, "password": "correct-horse-9", "next": "/admin/"})
    assert client.session.session_key != planted
    fixed = Browser()
    fixed.cookies["session"] = planted
    assert fixed.get("/admin/").status_code == 302


# --- floods -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_header_makes_an_address_new_to_the_limits(api, customer, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"login": {"address": "3/m", "subject": "3/m"}}
    caches["limits"].clear()
    client, codes = api(), []
    for number in range(6):
        email = customer.email.upper() if number % 2 else f" {customer.email}"
        headers = {"HTTP_X_FORWARDED_FOR": f"192.0.2.{number}", "HTTP_X_REAL_IP": f"192.0.2.{number}",
                   "HTTP_FORWARDED": f"for=192.0.2.{number}", "HTTP_CLIENT_IP": f"192.0.2.{number}"}  # fmt: skip
        answer = client.post("/api/v1/auth/login/", {"email": email, "password": "wrong-horse-1"}, **headers)
        codes.append(answer.status_code)
    assert codes == [401] * 3 + [429] * 3


@pytest.mark.django_db
def test_one_document_tries_no_more_passwords_than_as_many_requests(api, customer):
    tries = " ".join(
        f'a{n}: login(input: {{email: "{customer.email}", password: "wrong-horse-{n}"}}) {{ errors {{ code }} }}'
        for n in range(25)
    )
    found = api().graphql(f"mutation {{ {tries} }}")["data"]
    wrong = [one for one in found.values() if one["errors"][0]["code"] == "wrong_credentials"]
    assert len(wrong) <= 6


@pytest.mark.django_db
def test_looks_at_dns_are_few(api, admin_user, settings):
    """A name server that never answers holds a worker for seconds."""
    with name_server() as server:
        settings.DNS_SERVERS = [server.address]
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"domains": {"tenant": "10/m"}}
        client = api(admin_user)
        made = client.post("/api/v1/domains/", {"domain": "slow.example.com"}).json()
        codes = [client.post(f"/api/v1/domains/{made['id']}/verify/").status_code for _number in range(12)]
    assert codes == [409] * 10 + [429] * 2
    assert len(server.asked) == 10
    mutation = f'mutation {{ domainVerify(input: {{id: "{made["id"]}"}}) {{ errors {{ code }} }} }}'
    assert client.graphql(mutation)["data"]["domainVerify"]["errors"][0]["code"] == "rate_limited"


# --- odd input ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "body"), [
    ("roles/", '{"slug": "a", "name": "a\\ud800b", "permissions": {}}'),
    ("roles/", '{"slug": "a", "name": "a\\u0000b", "permissions": {}}'),
    ("roles/", '{"slug": "a", "name": "a", "permissions": {"users.fly": "all"}}'),
    ("roles/", '{"slug": "a", "name": "a", "permissions": {"public": "all"}}'),
    ("roles/", "[" * 50_000),
    ("roles/", '{"name":' * 5_000),
    ("teams/", '{"name": "a", "members": ["x"]}'),
    ("policies/", '{"name": "a", "effect": "allow", "resource": "products", "actions": ["read"], "condition": "' + "(" * 900 + '"}'),
    ("policies/", '{"name": "a", "effect": "allow", "resource": "products", "actions": ["read"], "condition": "' + "not " * 200 + '"}'),
    ("policies/", '{"name": "a", "effect": "allow", "resource": "products", "actions": ["read"], "condition": "object.__class__ == 1"}'),
    ("policies/", '{"name": "a", "effect": "allow", "resource": "users", "actions": ["read"], "condition": "object.password == \\"x\\""}'),
    ("api-keys/", '{"name": "a", "permissions": ["public"], "expires_at": null}'),
    ("api-keys/", '{"name": "a", "permissions": ["orders.read"], "expires_at": "9999-12-31T23:59:59Z"}'),
    ("users/", '{"email": "a@b.test", "password": "correct-horse-9", "is_superuser": true}'),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_and_breaks_nothing(api, admin_user, path, body):
    assert api(admin_user).post(f"/api/v1/{path}", body).status_code in (400, 403)


@pytest.mark.django_db
@pytest.mark.parametrize("path", [
    "teams/99999999999999999999/", "teams/2147483648/", "users/?cursor=AAAA", "users/?limit=99999999999999999999",
    "audit/?until=0001-01-01T00:00:00Z", "audit/?transaction=99999999999999999999", "users/?q=%00", "roles/%00/",
])  # fmt: skip
def test_no_address_breaks_a_page(api, admin_user, path):
    assert api(admin_user).get(f"/api/v1/{path}").status_code in (200, 400, 404)


# --- programs -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_key_never_makes_another_way_in(api, admin_user):
    _row, key = create_api_key(
        actor=fresh_actor(admin_user), name="All", permissions=["users.manage", "logs.manage", "settings.manage"],
        now=timezone.now(),
    )  # fmt: skip
    client = api()
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    new_key = {"name": "x", "permissions": ["users.manage"], "expires_at": None}
    password = {"current_password": "correct-horse-9", "new_password": "thief-horse-9"}
    for method, path, data in (
        ("post", "api-keys/", new_key), ("post", "auth/password/change/", password),
        ("post", "auth/email/change/", {"email": "t@evil.test", "current_password": "correct-horse-9"}),
        ("post", "auth/second-factor/", {}), ("delete", "auth/sessions/", None), ("get", "auth/sessions/", None),
        ("post", "auth/email/verify/resend/", None),
        ("patch", f"users/{admin_user.pk}/", {"email": "t@evil.test"}),
        ("put", f"users/{admin_user.pk}/attributes/", {"attributes": {"a": "b"}}),
        ("post", "roles/", {"slug": "x", "name": "x", "permissions": {"products.manage": "all"}}),
    ):  # fmt: skip
        answer = getattr(client, method)(f"/api/v1/{path}", data)
        assert answer.status_code == 403, (path, answer.content)
    for field in ('apiKeyCreate(input: {name: "x", permissions: ["users.manage"], expiresAt: null})',
                  'passwordChange(input: {currentPassword: "correct-horse-9", newPassword: "thief-horse-9"})'):  # fmt: skip
        answered = client.graphql(f"mutation {{ a: {field} {{ errors {{ code }} }} }}")
        assert answered["data"]["a"]["errors"][0]["code"] == "not_for_api_keys"


# --- at the same moment -------------------------------------------------------------------------------------------


def at_once(*calls: Any) -> list[str]:
    """Run each call on a connection of its own, all at once; answer what came of them, sorted."""
    outcomes: list[str] = []
    start = threading.Barrier(len(calls))

    def run(call: Any) -> None:
        try:
            with because("tests"), use_tenant(find("acme")):
                start.wait()
                call()
            outcomes.append("done")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(outcomes)


def with_second_factor(email: str) -> tuple[Any, str, list[str]]:
    user = make_user(email)
    now = timezone.now()
    secret = enrol_second_factor(actor=actor_for(user)).secret
    before = now.timestamp() - 60
    codes = confirm_second_factor(
        actor=actor_for(user), password="correct-horse-9", code=pyotp.TOTP(secret).at(int(now.timestamp()) - 30), now=now
    )  # fmt: skip
    assert before < now.timestamp()
    return User.objects.get(pk=user.pk), secret, codes


def test_of_many_who_use_one_code_at_once_one_gets_in(committed_db):
    with use_tenant(find("acme")):
        user, secret, codes = with_second_factor("codes@acme.test")
        ticket = issue_ticket(user).ticket
    now = timezone.now()
    typed = pyotp.TOTP(secret).at(now)
    tries = [lambda: take_ticket(ticket=ticket, code=typed, now=now) for _number in range(5)]
    assert at_once(*tries).count("done") == 1
    caches["default"].clear()
    tries = [lambda: take_ticket(ticket=ticket, recovery_code=codes[0], now=now) for _number in range(5)]
    assert at_once(*tries).count("done") == 1


def test_of_many_who_follow_one_link_to_a_password_at_once_one_sets_it(committed_db):
    with use_tenant(find("acme")):
        user = make_user("link@acme.test")
        token = links.sign("reset", user.pk, user.email, user.password)
    now = timezone.now()

    def follow(number: int) -> Any:
        return lambda: reset_password(token=token, new=f"blue-canoe-{number}-x", now=now)

    assert at_once(*(follow(number) for number in range(5))) == ["done"] + ["invalid_link"] * 4


def test_of_two_admins_who_take_the_role_from_each_other_at_once_one_stays(committed_db):
    with use_tenant(find("acme")):
        admins = [make_user(f"admin{number}@acme.test", role="admin", is_staff=True) for number in range(2)]
        actors = [fresh_actor(user) for user in admins]
    tries = [
        lambda: withdraw_role(actor=actors[0], user_id=admins[1].pk, role="admin"),
        lambda: withdraw_role(actor=actors[1], user_id=admins[0].pk, role="admin"),
    ]
    assert at_once(*tries) == ["done", "nobody_left"]


@pytest.mark.django_db
@pytest.mark.parametrize("document", [
    "{ " + "products { nodes { id } } " * 150 + "nothing_of_the_kind }",
    "{ " + "products(first: 100) { nodes { variants { id } } } " * 60 + "}",
])  # fmt: skip
def test_documents_that_are_never_run_are_not_read_without_end(acme, settings, document):
    """What is not valid, or too much, is only found out by reading it, and that takes as long as some answers."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"graphql": {"caller": "2000/h"}}
    caches["limits"].clear()
    client = Client(HTTP_HOST="acme.localhost")
    codes = [
        client.post("/api/graphql/", {"query": f"{document} # {n}"}, content_type="application/json").status_code
        for n in range(20)
    ]
    assert codes[0] == 400
    assert codes[-1] == 429


@pytest.mark.django_db
def test_tokens_are_not_guessed_faster_over_graphql(acme, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"api": {"caller": "5/h"}}
    caches["limits"].clear()
    client = Client(HTTP_HOST="acme.localhost", HTTP_AUTHORIZATION="Bearer a.b.c")
    asked = [client.post("/api/graphql/", {"query": "{ a }"}, content_type="application/json") for _n in range(8)]
    assert [one.status_code for one in asked] == [401] * 5 + [429] * 3
