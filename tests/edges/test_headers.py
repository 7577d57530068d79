"""What browsers are told: content security policies, framing, permissions, and which origins may call the API."""

from __future__ import annotations

import re

import pytest
from django.conf import settings as configured

from rustok.kernel.origins import BadOrigin, check_origin

APP = "https://app.example.com"


def directives(answer):
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


def test_the_storefront_runs_nothing_inline_and_nothing_from_elsewhere(api):
    policy = directives(api().get("/"))
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]


def test_the_storefront_has_nothing_inline_that_it_could_not_run(api):
    page = api().get("/").content.decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/ld\+json)[^>]*>", page) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", page) == []


def test_the_admin_loads_nothing_from_elsewhere(api, admin_user):
    client = api()
    client.force_login(admin_user)
    policy = directives(client.get("/admin/"))
    assert set(policy["script-src"]) == {"'self'", "'unsafe-eval'"}
    assert "'unsafe-inline'" not in policy["script-src"]
    assert policy["frame-ancestors"] == ["'none'"]


@pytest.mark.parametrize("path", ["/api/v1/products/", "/api/v1/auth/me/", "/api/nowhere/", "/api/openapi.json"])
def test_nothing_in_an_answer_of_the_api_runs(api, path):
    assert api().get(path)["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("path", ["/", "/api/v1/products/", "/nowhere/", "/admin/login/"])
def test_every_answer_refuses_frames_sniffing_and_devices(api, path):
    answer = api().get(path)
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert "camera=()" in answer["Permissions-Policy"]


# --- CORS -------------------------------------------------------------------------------------------------------


@pytest.fixture
def trusting(acme):
    """Acme, whose app may call its API."""
    from apps.tenant.public import forget

    acme.cors_origins = [APP]
    acme.save()
    forget()
    return acme


def preflight(client, origin=APP, path="/api/v1/products/"):
    return client.options(path, HTTP_ORIGIN=origin, HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET")


def test_an_origin_of_the_tenant_may_call_its_api(api, trusting):
    asked, answer = preflight(api()), api().get("/api/v1/products/", HTTP_ORIGIN=APP)
    assert asked["Access-Control-Allow-Origin"] == answer["Access-Control-Allow-Origin"] == APP
    assert "x-cart-token" in asked["Access-Control-Allow-Headers"]
    assert "ETag" in answer["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer


def test_another_origin_may_not(api, trusting):
    for origin in ("https://evil.example", "null", f"{APP}.evil.example", "http://app.example.com"):
        assert "Access-Control-Allow-Origin" not in preflight(api(), origin)
        assert "Access-Control-Allow-Origin" not in api().get("/api/v1/products/", HTTP_ORIGIN=origin)


def test_an_origin_of_one_tenant_may_not_call_another(api, trusting):
    assert "Access-Control-Allow-Origin" not in preflight(api(host="globex.localhost"))


def test_pages_are_for_no_other_origin(api, trusting):
    assert "Access-Control-Allow-Origin" not in api().get("/", HTTP_ORIGIN=APP)
    assert configured.CORS_ALLOW_CREDENTIALS is False


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (" https://App.Example.com ", APP),
        ("https://app.example.com:443", APP),
        ("http://localhost:3000", "http://localhost:3000"),
    ],
)
def test_an_origin_is_written_as_browsers_do(text, origin):
    assert check_origin(text) == origin


@pytest.mark.parametrize(
    "text", ["*", "app.example.com", "https://app.example.com/", "https://me@app.example.com", "ftp://x", "https://x:99999", "null", ""]
)  # fmt: skip
def test_what_is_no_origin_is_refused(text):
    with pytest.raises(BadOrigin):
        check_origin(text)
