"""From a host or a header to a tenant."""

import pytest
from django.test import Client

from apps.tenant.identifiers import BadHost, BadSlug, normalize_host, normalize_slug
from apps.tenant.models import Tenant
from apps.tenant.public import forget

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        ("ACME.localhost", "acme.localhost"),
        ("acme.localhost.", "acme.localhost"),
        ("acme.localhost:8000", "acme.localhost"),
        (" acme.localhost ", "acme.localhost"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_hosts_are_normalised(raw, host):
    assert normalize_host(raw) == host


@pytest.mark.parametrize("raw", ["", "a" * 254, "a b", "../etc", "a..b", "-a.b", "a/b", "a%00b", "☃" * 80])
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


@pytest.mark.parametrize("host", ["unknown.example", "acme.localhost.evil.example", "", "🦉", "a" * 300])
def test_an_unknown_host_is_404_and_learns_nothing(db, host):
    answer = Client(HTTP_HOST=host).get("/api/v1/auth/me/")
    assert answer.status_code == 404
    assert b"acme" not in answer.content
    assert b"tenant" not in answer.content.lower()


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
