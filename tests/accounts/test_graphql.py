"""GraphQL does with accounts what REST does."""

from __future__ import annotations

import pyotp
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.rbac.public import assign_role
from apps.rbac.services import invite_person
from tests.conftest import ApiClient

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-9"
SESSIONS = "{ sessions { id kind device isCurrent } }"


def done(answer, name):
    assert "errors" not in answer, answer
    found = answer["data"][name]
    assert not found.get("errors"), found
    return found


def test_sessions_are_listed_and_ended(api, customer):
    here, there = api(customer), api(customer)
    rows = here.graphql(SESSIONS)["data"]["sessions"]
    assert [row["isCurrent"] for row in rows] == [True, False]
    end = "mutation($id: UUID!) { sessionRevoke(input: {id: $id}) { errors { code } } }"
    done(here.graphql(end, id=rows[1]["id"]), "sessionRevoke")
    assert there.get("/api/v1/auth/sessions/").status_code == 401
    api(customer)
    others = "mutation { sessionsRevokeOthers(input: {}) { count errors { code } } }"
    assert done(here.graphql(others), "sessionsRevokeOthers")["count"] == 1


def test_nobody_has_no_sessions_and_no_second_factor(acme):
    for query in (SESSIONS, "{ secondFactor { enabled } }"):
        answer = ApiClient("acme.localhost").graphql(query)
        assert answer["errors"][0]["extensions"]["code"] == "unauthenticated"


def test_tokens_are_exchanged_once_and_a_session_ends(acme, customer):
    client = ApiClient("acme.localhost")
    first = client.post("/api/v1/auth/login/", {"email": customer.email, "password": PASSWORD}).json()["refresh"]
    again = "mutation($r: String!) { tokenRefresh(input: {refresh: $r}) { access refresh errors { code } } }"
    second = done(client.graphql(again, r=first), "tokenRefresh")["refresh"]
    out = "mutation($r: String!) { logout(input: {refresh: $r}) { errors { code } } }"
    done(client.graphql(out, r=second), "logout")
    assert "invalid_token" in str(client.graphql(again, r=second))


def test_a_second_factor_is_switched_on_renewed_and_off(api, customer):
    client = api(customer)
    made = done(client.graphql("mutation { secondFactorEnrol(input: {}) { secret qr errors { code } } }"),
                "secondFactorEnrol")  # fmt: skip
    assert made["qr"].startswith("<svg")
    confirm = """mutation($p: String!, $c: String!) {
      secondFactorConfirm(input: {password: $p, code: $c}) { recoveryCodes errors { code } } }"""
    code = pyotp.TOTP(made["secret"]).now()
    codes = done(client.graphql(confirm, p=PASSWORD, c=code), "secondFactorConfirm")["recoveryCodes"]
    assert client.graphql("{ secondFactor { enabled required recoveryCodesLeft } }")["data"]["secondFactor"] == {
        "enabled": True, "required": False, "recoveryCodesLeft": len(codes),
    }  # fmt: skip
    renew = """mutation($p: String!, $c: String!) {
      recoveryCodesRenew(input: {password: $p, recoveryCode: $c}) { recoveryCodes errors { code } } }"""
    fresh = done(client.graphql(renew, p=PASSWORD, c=codes[0]), "recoveryCodesRenew")["recoveryCodes"]
    off = """mutation($p: String!, $c: String!) {
      secondFactorDisable(input: {password: $p, recoveryCode: $c}) { errors { code } } }"""
    done(client.graphql(off, p=PASSWORD, c=fresh[0]), "secondFactorDisable")
    assert client.graphql("{ secondFactor { enabled } }")["data"]["secondFactor"] == {"enabled": False}


def test_invitations_are_listed_as_over_rest_in_as_many_queries_however_many(api, admin_user, system, customer):
    client = api(admin_user)
    query = "{ invitations(first: 50) { nodes { id email roles sentAt expiresAt } } }"
    costs = []
    for number in range(4):
        invite_person(actor=system, email=f"new-{number}@acme.test", roles=["manager"], now=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            rows = client.graphql(query)["data"]["invitations"]["nodes"]
        costs.append(len(queries))
    assert {row["email"] for row in rows} == {
        row["email"] for row in client.get("/api/v1/invitations/").json()["results"]
    }
    assert costs[1] == costs[3]
    assert "forbidden" in str(api(customer).graphql(query))


def test_only_who_may_list_people_sees_who_is_invited(api, manager, system):
    assign_role(actor=system, user_id=manager.pk, role="customer")
    answer = api(manager).graphql("{ invitations { nodes { email } } }")
    rest = api(manager).get("/api/v1/invitations/")
    assert ("errors" in answer) == (rest.status_code == 403)
