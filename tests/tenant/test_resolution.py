"""From a host or a header to a tenant."""

import re

import pytest
from django.test import Client

from apps.tenant.identifiers import BadHost, BadSlug, normalize_host, normalize_slug
from apps.tenant.models import Domain, Tenant
from apps.tenant.public import forget

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        ("ACME.localhost", "acme.localhost"),
        ("acme.localhost.", "acme.localhost"),
        ("acme.localhost:8000", "acme.localhost"),
        (" acme.localhost ", "acme.localhost"),
        ("acme.localhost:", "acme.localhost"),
        ("acme.localhost.:80", "acme.localhost"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
    ],
)
def test_hosts_are_normalised(raw, host):
    assert normalize_host(raw) == host


@pytest.mark.parametrize(
    "raw",
    [
        "", "a" * 254, "a b", "../etc", "a..b", "-a.b", "a/b", "a%00b", "☃" * 80, ".", "a..", ":80", "a:b", "a:80:80",
        "acme.localhost@evil.example", "acme.localhost:80@evil.example", "user:pass@acme.localhost",
        "acme.localhost#evil", "acme.localhost?x", "acme.localhost\\evil", "acme.localhost,globex.localhost",
        "acme.localhost globex.localhost", "acme.localhost:999999", "acme.localhost:-1", "acme.localhost:８０",
        "[::1]", "[::1]:80", "::1", "[acme.localhost]", "[acme.localhost]:80", "fe80::1%eth0",
        "acme.localhost\n", "acme.localhost\r\nX: y", "acme.localhost\0", "acme\t.localhost", "\x1facme.localhost",
        "acme.localhost\x85", "*.localhost", "%61cme.localhost", "acme。localhost。。", "a" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_host_is_refused(raw):
    with pytest.raises(BadHost):
        normalize_host(raw)


@pytest.mark.parametrize(
    "raw", ["", "public", "pg_catalog", "information_schema", "_template", "a" * 64, "a.b", "ä", 'a"b', "a;b"]
)
def test_what_is_no_slug_is_refused(raw):
    with pytest.raises(BadSlug):
        normalize_slug(raw)


@pytest.mark.parametrize("host", ["acme.localhost", "ACME.LOCALHOST.", "acme.localhost:8000"])
def test_a_known_host_finds_its_tenant(db, host):
    answer = Client(HTTP_HOST=host).get("/api/v1/auth/me/")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "host",
    [
        "unknown.example", "acme.localhost.evil.example", "", "🦉", "a" * 300, "[::1]", "acme.localhost@evil.example",
        "acme.localhost,globex.localhost", "acme.localhost:80:80", "acme.localhost\0", "a" * 100_000,
    ],
)  # fmt: skip
def test_an_unknown_host_is_404_and_learns_nothing(db, host):
    answer = Client(HTTP_HOST=host).get("/api/v1/auth/me/")
    assert answer.status_code == 404
    assert b"acme" not in answer.content
    assert b"tenant" not in answer.content.lower()


def test_what_a_proxy_or_a_client_says_of_another_host_is_not_heard(db):
    headers = {"HTTP_X_FORWARDED_HOST": "acme.localhost", "HTTP_FORWARDED": "host=acme.localhost"}
    assert Client(HTTP_HOST="unknown.example", **headers).get("/api/v1/auth/me/").status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/auth/me/", "/", "/admin/"])
def test_suspended_being_set_up_leaving_unverified_and_unknown_all_look_the_same(db, path):
    answers = []
    for slug, change in {
        "s": {"status": "suspended"}, "p": {"status": "preparing"},
        "l": {"status": "leaving", "delete_after": "2030-01-01T00:00Z"}, "v": {},
    }.items():  # fmt: skip
        tenant = Tenant.objects.create(slug=slug, schema_name=slug, name=slug, **change)
        verified = None if slug == "v" else "2026-01-01T00:00Z"
        Domain.objects.create(tenant=tenant, domain=f"{slug}.example", is_primary=bool(verified), verified_at=verified)
        answers.append(Client(HTTP_HOST=f"{slug}.example").get(path))
    answers.append(Client(HTTP_HOST="unknown.example").get(path))
    assert {answer.status_code for answer in answers} == {404}
    shapes = {tuple(sorted(set(answer.headers) - {"Content-Length"})) for answer in answers}
    assert len(shapes) == 1
    assert len({re.sub(rb'"trace_id":"[^"]*"', b"", answer.content) for answer in answers}) == 1


@pytest.mark.parametrize("path", ["/api/v1/auth/me/", "/"])
def test_who_cannot_be_looked_up_now_is_told_to_come_back(db, path, monkeypatch):
    from apps.tenant.resolver import TenantLookupBusy, lookup

    def busy(key):
        raise TenantLookupBusy

    monkeypatch.setattr(lookup, "load", busy)
    answer = Client(HTTP_HOST="acme.localhost").get(path)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "1"
    if path.startswith("/api/"):
        assert answer.json()["code"] == "tenant_lookup_busy"


def test_a_suspended_tenant_is_as_unknown_as_any(db):
    Tenant.objects.filter(slug="acme").update(status=Tenant.Status.SUSPENDED)
    forget()
    assert Client(HTTP_HOST="acme.localhost").get("/api/v1/auth/me/").status_code == 404


def test_the_header_selects_a_tenant_on_the_platform_host_only(db):
    ask = Client().get
    assert ask("/api/v1/auth/me/", HTTP_HOST="localhost", HTTP_X_TENANT="acme").status_code == 401
    assert ask("/api/v1/auth/me/", HTTP_HOST="localhost", HTTP_X_TENANT="nobody").status_code == 404
    answer = ask("/api/v1/auth/me/", HTTP_HOST="globex.localhost", HTTP_X_TENANT="../acme")
    assert answer.status_code == 401


def test_the_header_means_nothing_when_it_is_switched_off(db, settings):
    settings.TENANT_HEADER_ENABLED = False
    answer = Client().post(
        "/api/v1/auth/login/", {}, content_type="application/json", HTTP_HOST="localhost", HTTP_X_TENANT="nobody"
    )
    assert answer.status_code == 400


def test_resolving_again_asks_no_database(db, django_assert_num_queries):
    from apps.tenant.resolver import resolve_host

    resolve_host("acme.localhost")
    with django_assert_num_queries(0):
        assert resolve_host("ACME.localhost").slug == "acme"
        assert resolve_host("not a host") is None
