"""Logging in over REST."""

import pytest

pytestmark = pytest.mark.django_db

CREDENTIALS = {"email": "Ann@Example.com", "password": "blue-canoe-77"}


def test_registering_logs_in_and_announces_it(api, events_of):
    answer = api().post("/api/v1/auth/register/", CREDENTIALS)
    assert answer.status_code == 201
    assert answer.json()["user"]["email"] == "ann@example.com"
    assert events_of("user.registered") == [{"user_id": answer.json()["user"]["id"]}]


def test_an_address_registers_once(api, events_of):
    api().post("/api/v1/auth/register/", CREDENTIALS)
    again = api().post("/api/v1/auth/register/", CREDENTIALS | {"email": "ann@EXAMPLE.com"})
    assert (again.status_code, again.json()["code"]) == (409, "email_taken")
    assert len(events_of("user.registered")) == 1


def test_a_refresh_token_works_once_and_its_reuse_ends_the_session(api, customer):
    client = api()
    first = client.post("/api/v1/auth/login/", {"email": customer.email, "password": "correct-horse-9"}).json()
    second = client.post("/api/v1/auth/refresh/", {"refresh": first["refresh"]})
    assert second.status_code == 200
    assert client.post("/api/v1/auth/refresh/", {"refresh": first["refresh"]}).status_code == 401
    assert client.post("/api/v1/auth/refresh/", {"refresh": second.json()["refresh"]}).status_code == 401


def test_logging_out_ends_the_access_token_too(api, customer):
    client = api()
    tokens = client.post("/api/v1/auth/login/", {"email": customer.email, "password": "correct-horse-9"}).json()
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {tokens['access']}"}
    assert client.get("/api/v1/auth/me/", **bearer).json()["email"] == customer.email
    assert client.post("/api/v1/auth/logout/", {"refresh": tokens["refresh"]}).status_code == 204
    assert client.get("/api/v1/auth/me/", **bearer).status_code == 401


def test_a_token_of_one_tenant_is_refused_by_another(api, customer):
    tokens = api().post("/api/v1/auth/login/", {"email": customer.email, "password": "correct-horse-9"}).json()
    elsewhere = api(host="globex.localhost")
    assert elsewhere.get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {tokens['access']}").status_code == 401
    assert elsewhere.post("/api/v1/auth/refresh/", {"refresh": tokens["refresh"]}).status_code == 401


def test_a_wrong_password_and_an_unknown_address_look_alike(api, customer):
    wrong = api().post("/api/v1/auth/login/", {"email": customer.email, "password": "wrong-wrong-1"})
    unknown = api().post("/api/v1/auth/login/", {"email": "who@acme.test", "password": "wrong-wrong-1"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() | {"trace_id": ""} == unknown.json() | {"trace_id": ""}


def test_me_needs_a_login(api):
    answer = api().get("/api/v1/auth/me/")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_unknown_fields_are_named(api):
    answer = api().post("/api/v1/auth/login/", CREDENTIALS | {"remember": True})
    assert answer.json()["errors"] == [{"field": "remember", "code": "unknown_field", "message": "unknown field"}]


def test_guessing_passwords_is_slowed_down(api, customer, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"login": {"subject": "10/m"}}
    answers = [
        api().post("/api/v1/auth/login/", {"email": customer.email, "password": f"guess-{n}"}) for n in range(21)
    ]
    refused = next(answer for answer in answers if answer.status_code != 401)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert 1 <= int(refused["Retry-After"]) <= 60
    other = api().post("/api/v1/auth/login/", {"email": "other@acme.test", "password": "guess"})
    assert other.status_code == 401
