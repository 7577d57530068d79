"""What every REST answer has in common."""

import pytest


def test_a_large_body_is_413_and_never_read(api):
    body = b'{"email": "' + b"x" * 5_000_000 + b'"}'
    answer = api().generic("POST", "/api/v1/auth/login/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"nul", b'{"a":1}}'])
def test_broken_json_is_a_clear_400(api, body):
    answer = api().generic("POST", "/api/v1/auth/login/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] in ("malformed", "invalid")


def test_json_that_is_no_object_is_refused(api):
    answer = api().generic("POST", "/api/v1/auth/login/", b"[1]", content_type="application/json")
    assert (answer.status_code, answer.json()["detail"]) == (400, "a JSON object is expected")


def test_other_media_types_and_methods_are_refused(api):
    assert api().generic("POST", "/api/v1/auth/login/", b"a=1", content_type="text/plain").status_code == 415
    assert api().get("/api/v1/auth/login/").status_code == 405


def test_every_problem_names_its_trace(api):
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = api().get("/api/v1/auth/me/", HTTP_TRACEPARENT=f"00-{trace}-b7ad6b7169203331-01")
    assert answer.json()["trace_id"] == trace == answer["X-Trace-Id"]
    assert set(answer.json()) == {"type", "title", "status", "detail", "code", "errors", "trace_id"}


def test_a_path_that_nothing_serves_is_a_problem(api):
    answer = api().get("/api/v1/nothing/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_openapi_is_valid_and_names_every_path(api):
    from openapi_spec_validator import validate

    document = api().get("/api/openapi.json").json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/auth/login/" in document["paths"]
