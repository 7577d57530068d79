"""Keys for programs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import ApiKey
from apps.accounts.services import api_keys
from apps.accounts.services.api_keys import KEY_PATTERN, NotForApiKeys
from apps.rbac.services import create_api_key
from apps.rbac.services.roles import MoreThanOwn
from rustok.kernel.access import actor_for
from rustok.kernel.errors import DomainError
from tests.conftest import make_user

pytestmark = pytest.mark.django_db

KEYS, ME = "/api/v1/api-keys/", "/api/v1/auth/me/"


def in_days(days):
    return timezone.now() + timedelta(days=days)


def make_key(user, *permissions, expires_at=None, **options):
    return create_api_key(
        actor=actor_for(user), name="Till", permissions=permissions or ["orders.read"], now=timezone.now(),
        expires_at=expires_at, **options,
    )  # fmt: skip


def ask(client, key, path=ME, method="get", *args, **options):
    return getattr(client, method)(path, *args, HTTP_AUTHORIZATION=f"Bearer {key}", **options)


def test_a_key_is_made_shown_once_and_works(api, admin_user):
    client = api(admin_user)
    made = client.post(KEYS, {"name": "Till", "permissions": ["orders.read"], "expires_at": in_days(30).isoformat()})
    assert made.status_code == 201, made.content
    key = made.json()["key"]
    assert re.fullmatch(KEY_PATTERN, key)
    assert ask(api(), key).json()["email"] == admin_user.email
    listed = client.get(KEYS).json()["results"]
    assert listed[0]["prefix"] == key[:11]
    assert "key" not in listed[0]
    assert key not in client.get(KEYS).content.decode()


def test_the_same_over_graphql(api, admin_user):
    client = api(admin_user)
    made = client.graphql(
        "mutation { apiKeyCreate(input: {name: \"Till\", permissions: [\"users.manage\"], expiresAt: null}) "
        "{ key apiKey { id } errors { code message } } }"
    )["data"]["apiKeyCreate"]  # fmt: skip
    assert made["errors"] == []
    program = api()
    program.defaults["HTTP_AUTHORIZATION"] = f"Bearer {made['key']}"
    assert program.graphql("{ me { email } }")["data"]["me"]["email"] == admin_user.email
    assert program.graphql("{ apiKeys { nodes { prefix } } }")["data"]["apiKeys"]["nodes"]
    revoked = client.graphql(
        "mutation($id: UUID!) { apiKeyRevoke(input: {id: $id}) { errors { code } } }", id=made["apiKey"]["id"]
    )
    assert revoked["data"]["apiKeyRevoke"]["errors"] == []
    assert program.post("/api/graphql/", {"query": "{ me { email } }"}).status_code == 401


def test_a_key_may_only_what_it_lists_and_its_user_may(api, admin_user, manager):
    _row, key = make_key(admin_user, "orders.list")
    assert ask(api(), key, "/api/v1/orders/").status_code == 200
    assert ask(api(), key, KEYS).status_code == 403
    _row, beyond = make_key(admin_user, "users.manage", user_id=manager.pk)
    assert ask(api(), beyond, KEYS).status_code == 403


def test_nobody_makes_a_key_beyond_their_own(admin_user, manager, api):
    with pytest.raises(MoreThanOwn):
        make_key(admin_user, "tenants.manage")
    assert api(manager).post(KEYS, {"name": "x", "permissions": ["orders.read"], "expires_at": None}).status_code == 403
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("days", [-1, 367, 4000])
def test_a_key_ends_within_a_year_or_never_if_one_says_so(admin_user, days):
    with pytest.raises(DomainError) as refused:
        make_key(admin_user, expires_at=in_days(days))
    assert refused.value.code == "invalid_expiry"


def test_leaving_the_end_out_is_no_choice(api, admin_user):
    answer = api(admin_user).post(KEYS, {"name": "x", "permissions": ["orders.read"]})
    assert answer.json()["errors"][0]["field"] == "expires_at"


@pytest.mark.parametrize("permissions", [["nonsense.read"], ["public"], ["authenticated"]])
def test_only_real_permissions_can_be_listed(api, admin_user, permissions):
    answer = api(admin_user).post(KEYS, {"name": "x", "permissions": permissions, "expires_at": None})
    assert answer.status_code in (400, 403)
    assert not ApiKey.objects.exists()


def test_unknown_expired_revoked_foreign_and_malformed_keys_look_alike(api, admin_user, globex):
    from apps.tenant.public import use_tenant

    row, revoked = make_key(admin_user)
    ApiKey.objects.filter(pk=row.pk).update(revoked_at=timezone.now())
    row, expired = make_key(admin_user, expires_at=in_days(1))
    ApiKey.objects.filter(pk=row.pk).update(expires_at=in_days(-1))
    with use_tenant(globex):
        _row, foreign = make_key(make_user("admin@globex.test", role="admin", is_staff=True))
    row, good = make_key(admin_user)
    unknown = api_keys._new_key()[1]
    answers = [ask(api(), key) for key in (revoked, expired, foreign, unknown, good[:-1] + "x", "rk_nonsense")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({str(answer.json() | {"trace_id": ""}) for answer in answers}) == 1
    for key in (revoked, expired, foreign, unknown, "rk_nonsense"):
        with CaptureQueriesContext(connection) as captured, pytest.raises(DomainError):
            api_keys.user_of_key(key, timezone.now())
        assert len([query for query in captured if "accounts_" in query["sql"]]) == 1


def test_a_secret_of_another_key_does_not_fit(api, admin_user):
    _row, one = make_key(admin_user)
    _row, two = make_key(admin_user)
    body = one[:12] + two[12:-6]
    assert ask(api(), body + api_keys._checksum(body)).status_code == 401


def test_the_database_holds_no_key(admin_user):
    row, key = make_key(admin_user)
    held = ApiKey.objects.filter(pk=row.pk).values().get()
    assert key[12:] not in str(held)
    assert len(held["digest"]) == 64


def test_a_scanner_can_tell_a_key_from_noise():
    for _number in range(50):
        _prefix, key = api_keys._new_key()
        assert re.fullmatch(KEY_PATTERN, key)
        assert api_keys._checksum(key[:-6]) == key[-6:]


def test_use_is_written_down_once_a_minute(api, admin_user):
    row, key = make_key(admin_user)
    ask(api(), key, REMOTE_ADDR="192.0.2.9")
    row.refresh_from_db()
    assert (row.last_used_from, row.last_used_at is not None) == ("192.0.2.9", True)
    first = row.last_used_at
    ask(api(), key)
    row.refresh_from_db()
    assert row.last_used_at == first
    ApiKey.objects.filter(pk=row.pk).update(last_used_at=first - timedelta(minutes=2))
    ask(api(), key)
    row.refresh_from_db()
    assert row.last_used_at > first - timedelta(minutes=2)


def test_a_request_with_a_key_costs_one_query_to_know_who_asks(admin_user, django_assert_num_queries):
    _row, key = make_key(admin_user)
    api_keys.user_of_key(key, timezone.now())
    with django_assert_num_queries(1):
        api_keys.user_of_key(key, timezone.now())


ACCOUNT = [
    ("post", "/api/v1/auth/password/change/", {"current_password": "correct-horse-9", "new_password": "blue-canoe-77"}),
    ("delete", "/api/v1/auth/sessions/", None),
    ("delete", "/api/v1/auth/sessions/00000000-0000-7000-8000-000000000000/", None),
    ("post", "/api/v1/auth/second-factor/", {}),
    ("post", "/api/v1/auth/second-factor/confirm/", {"password": "correct-horse-9", "code": "123456"}),
    ("post", "/api/v1/auth/second-factor/disable/", {"password": "correct-horse-9", "code": "123456"}),
    ("post", "/api/v1/auth/second-factor/recovery-codes/", {"password": "correct-horse-9", "code": "123456"}),
    ("post", KEYS, {"name": "more", "permissions": ["orders.read"], "expires_at": None}),
    ("delete", KEYS + "00000000-0000-7000-8000-000000000000/", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ACCOUNT, ids=[f"{m} {p}" for m, p, _b in ACCOUNT])
def test_a_program_cannot_change_who_gets_in(api, admin_user, method, path, body):
    _row, key = make_key(admin_user, "users.manage")
    arguments = [] if body is None else [body]
    answer = ask(api(), key, path, method, *arguments)
    assert (answer.status_code, answer.json()["code"]) == (403, NotForApiKeys.code)
    admin_user.refresh_from_db()
    assert admin_user.check_password("correct-horse-9")
    assert ApiKey.objects.count() == 1


def test_a_key_opens_no_page_of_the_back_office(client, admin_user):
    _row, key = make_key(admin_user)
    answer = client.get("/admin/", HTTP_HOST="acme.localhost", HTTP_AUTHORIZATION=f"Bearer {key}")
    assert answer.status_code == 302


def test_a_switched_off_account_switches_its_keys_off(api, admin_user):
    worker = make_user("worker@acme.test", role="manager", is_staff=True)
    _row, key = make_key(admin_user, user_id=worker.pk)
    assert ask(api(), key).status_code == 200
    type(worker).objects.filter(pk=worker.pk).update(is_active=False)
    assert ask(api(), key).status_code == 401


def test_guessing_keys_is_slowed_down_and_a_good_key_is_not(api, admin_user):
    _row, key = make_key(admin_user)
    answers = [ask(api(), api_keys._new_key()[1]) for _number in range(24)]
    assert answers[0].status_code == 401
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "too_many_attempts")
    assert int(answers[-1]["Retry-After"]) >= 1
    assert ask(api(), key).status_code == 200
    assert ask(api(), api_keys._new_key()[1], REMOTE_ADDR="192.0.2.99").status_code == 401
