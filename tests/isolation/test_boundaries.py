"""What is good at one tenant is nothing at another: refused as a made-up one is, in status, shape and work.

Globex has a user of the same id and address as acme's, so that nothing is refused for want of a row.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import jwt
import pytest
from django.conf import settings
from django.core import mail
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client as _Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.audit.models import AuditEntry
from apps.tenant.public import use_tenant
from rustok.kernel.access import Actor
from rustok.kernel.edges.graphql import encode_node_id
from tests.accounts.letters import letters, token_in
from tests.conftest import ApiClient
from tests.media.factories import AssetFactory
from tests.taxonomy.factories import CategoryFactory

SYSTEM = Actor.system("tests")
HERE, THERE = "acme.localhost", "globex.localhost"


#: Where requests come from; each test has an address of its own, since refusals are told once a minute for each.
origin = {"REMOTE_ADDR": "192.0.2.1"}


@pytest.fixture(autouse=True)
def _origin():
    origin["REMOTE_ADDR"] = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"


def client_of(host: str, user: Any = None) -> ApiClient:
    """Make a client of the API at the test's address."""
    client = ApiClient(host, user)
    client.defaults.update(origin)
    return client


class Client(_Client):
    """A browser at the test's address, that leaves the test in the tenant it works in."""

    def __init__(self, **defaults: Any) -> None:
        super().__init__(**defaults | origin)

    def request(self, **request: Any) -> Any:
        """Serve a request."""
        before = connection.tenant
        try:
            return super().request(**request)
        finally:
            connection.set_tenant(before)


@dataclass(frozen=True)
class Secret:
    """Something good at acme, one like it that nobody made, and how it is shown to a host."""

    kind: str
    real: Any
    made_up: Any
    show: Any
    opens: int = 200


@pytest.fixture
def twin(customer, globex):
    """The same person at globex: same id, same address, same password."""
    with use_tenant(globex):
        User.objects.create(pk=customer.pk, email=customer.email, password=customer.password)
    return customer


def bearer(host: str, token: str) -> Any:
    return client_of(host).get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {token}")


def tampered(token: str) -> str:
    """Answer a token of the same form that was signed by nobody."""
    claims = jwt.decode(token, options={"verify_signature": False})
    header = jwt.get_unverified_header(token)
    return jwt.encode(claims, secrets.token_hex(32), algorithm="HS256", headers={"kid": header["kid"]})


def login(user: User) -> dict[str, Any]:
    body = {"email": user.email, "password": "correct-horse-9"}
    answer: dict[str, Any] = client_of(HERE).post("/api/v1/auth/login/", body).json()
    return answer


def access_token(user: User, **_: Any) -> Secret:
    token = login(user)["access"]
    return Secret("access token", token, tampered(token), bearer)


def refresh_token(user: User, **_: Any) -> Secret:
    token = login(user)["refresh"]

    def show(host: str, one: str) -> Any:
        return client_of(host).post("/api/v1/auth/refresh/", {"refresh": one})

    return Secret("refresh token", token, tampered(token), show)


def api_key(user: User, admin: User, **_: Any) -> Secret:
    key = client_of(HERE, admin).post(
        "/api/v1/api-keys/", {"name": "till", "permissions": ["orders.read"], "expires_at": None}
    )
    assert key.status_code == 201, key.content
    real = key.json()["key"]
    made_up = real[:3] + "Zz9Yy8Xx" + real[11:]
    return Secret("API key", real, made_up, bearer)


def session_cookie(user: User, **_: Any) -> Secret:
    browser = Client(HTTP_HOST=HERE)
    browser.force_login(user, backend="apps.accounts.backends.EmailBackend")
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value

    def show(host: str, one: str) -> Any:
        client = Client(HTTP_HOST=host)
        client.cookies[settings.SESSION_COOKIE_NAME] = one
        return client.get("/api/v1/auth/me/")

    return Secret("session cookie", cookie, secrets.token_hex(16), show)


def reset_link(user: User, deliver: Any, **_: Any) -> Secret:
    client_of(HERE).post("/api/v1/auth/password/reset/", {"email": user.email})
    deliver()
    token = token_in(letters(user.email, "new password")[0])

    def show(host: str, one: str) -> Any:
        body = {"token": one, "new_password": "green-canoe-78"}
        return client_of(host).post("/api/v1/auth/password/reset/confirm/", body)

    head, _, tail = token.rpartition(":")
    return Secret("reset link", token, f"{head}:{tail[::-1]}", show, opens=204)


def media_path(user: User, **_: Any) -> Secret:
    asset = AssetFactory()
    url = default_storage.url(asset.file)

    def show(host: str, one: str) -> Any:
        return Client(HTTP_HOST=host).get(one)

    return Secret("media path", url, url.replace(str(asset.pk)[:8], "00000000"), show)


def cart_token(user: User, **_: Any) -> Secret:
    cart = client_of(HERE).post("/api/v1/carts/", {}).json()

    def show(host: str, one: str) -> Any:
        return client_of(host).get(f"/api/v1/carts/{cart['id']}/", HTTP_X_CART_TOKEN=one)

    return Secret("cart token", cart["token"], secrets.token_urlsafe(len(cart["token"]) * 3 // 4), show)


def node_id(user: User, **_: Any) -> Secret:
    cart = client_of(HERE).post("/api/v1/carts/", {}).json()
    real, made_up = (encode_node_id("Cart", key) for key in (cart["id"], uuid4()))
    document = "query($id: ID!, $token: String) { cart(id: $id, token: $token) { id } }"

    def show(host: str, one: str) -> Any:
        variables = {"id": one, "token": cart["token"]}
        answer = client_of(host).post("/api/graphql/", {"query": document, "variables": variables})
        answer.status_code = 200 if (answer.json().get("data") or {}).get("cart") else 404
        return answer

    return Secret("node id", real, made_up, show)


def csrf_token(user: User, **_: Any) -> Secret:
    browser = Client(HTTP_HOST=HERE, enforce_csrf_checks=True)
    browser.get("/account/login/")
    cookie = browser.cookies[settings.CSRF_COOKIE_NAME].value

    def show(host: str, one: str) -> Any:
        client = Client(HTTP_HOST=host, enforce_csrf_checks=True)
        client.get("/account/login/")  # the host gives a token of its own
        return client.post("/account/login/", {"csrfmiddlewaretoken": one, "email": "x@y.zz", "password": "x" * 12})

    return Secret("CSRF token", cookie, secrets.token_hex(16), show)


@pytest.fixture
def folder(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


CREDENTIALS = [access_token, refresh_token, api_key, session_cookie, reset_link]
SECRETS = [*CREDENTIALS, media_path, cart_token, node_id]


def seen_at(host: str, secret: Secret, value: Any, tenant: Any) -> tuple[Any, ...]:
    """Show a secret to a host; answer what can be told from the answer: status, shape, and the work it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = secret.show(host, value)
    statements = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]
    work = sum(
        1 for sql in statements if sql.startswith(("SELECT", "UPDATE", "INSERT", "DELETE")) and "audit" not in sql
    )
    body = answer.json() if answer["Content-Type"].startswith(("application/json", "application/problem")) else {}
    shape = sorted(body), body.get("code"), body.get("detail")
    return answer.status_code, answer["Content-Type"], shape, work


@pytest.mark.parametrize("make", SECRETS, ids=lambda make: make.__name__)
def test_it_is_refused_elsewhere_as_a_made_up_one_is(make, twin, admin_user, globex, deliver_events, folder):
    mail.outbox.clear()
    secret = make(twin, admin=admin_user, deliver=deliver_events)
    secret.show(THERE, secret.made_up)  # what a process looks up once
    foreign, made_up = (seen_at(THERE, secret, value, globex) for value in (secret.real, secret.made_up))
    assert foreign == made_up
    assert foreign[0] in (400, 401, 404)
    assert secret.show(HERE, secret.real).status_code == secret.opens


@pytest.mark.parametrize("make", CREDENTIALS, ids=lambda make: make.__name__)
def test_a_refused_credential_is_on_record_where_it_was_shown(
    make, twin, admin_user, acme, globex, deliver_events, folder
):
    mail.outbox.clear()
    secret = make(twin, admin=admin_user, deliver=deliver_events)
    before = AuditEntry.objects.filter(action="token.refused").count()
    secret.show(THERE, secret.real)
    assert AuditEntry.objects.filter(action="token.refused").count() == before
    with use_tenant(globex):
        assert AuditEntry.objects.filter(action="token.refused").count() == 1


def test_a_form_of_one_shop_is_not_taken_by_another(twin, acme):
    secret = csrf_token(twin)
    assert secret.show(THERE, secret.real).status_code == 403
    assert secret.show(THERE, secret.made_up).status_code == 403


def test_a_notice_signed_for_one_shop_is_not_taken_by_another(acme, globex, settings):
    from apps.payment.services import notice_signature

    settings.PAYMENT_PROVIDERS = ["manual", "test"]
    body = b'{"event_id": "e1", "payment_id": "00000000-0000-7000-8000-000000000000", "status": "captured"}'
    signature = notice_signature(body)
    answers = [
        Client(HTTP_HOST=host).post(
            "/api/v1/payments/test/webhook/", body, content_type="application/json", HTTP_X_SIGNATURE=signature
        )
        for host in (HERE, THERE)
    ]
    assert (answers[1].status_code, answers[1].json()["code"]) == (403, "bad_signature")
    assert answers[0].status_code != 403


def test_ids_of_another_tenant_are_not_found_by_any_edge(api, admin_user, acme, globex):
    with use_tenant(globex):
        foreign = CategoryFactory()
    client = api(admin_user)
    assert client.get(f"/api/v1/categories/{foreign.pk}/").status_code == 404
    assert client.patch(f"/api/v1/categories/{foreign.pk}/", {}).status_code == 404
    assert client.delete(f"/api/v1/categories/{foreign.pk}/").status_code == 404
    with use_tenant(globex):
        foreign.refresh_from_db()
