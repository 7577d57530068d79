"""Pages have one address: other domains of a tenant lead to its primary one, and to nowhere else."""

import pytest
from django.test import Client

from apps.tenant.models import Domain, Tenant
from apps.tenant.resolver import forget

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _second_domain(db):
    tenant = Tenant.objects.get(slug="acme")
    Domain.objects.create(domain="www.acme.localhost", tenant=tenant, is_primary=False, verified_at="2026-01-01T00:00Z")


def ask(path="/", host="www.acme.localhost", method="get", **headers):
    return getattr(Client(), method)(path, HTTP_HOST=host, **headers)


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("path", ["/", "/products/?page=2&q=a%26b", "/%D0%BC%D0%B8%D1%80/"])
def test_a_page_on_another_domain_is_at_the_primary_one(method, path):
    answer = ask(path, method=method)
    assert answer.status_code == 301
    assert answer["Location"] == f"http://acme.localhost{path}"
    assert "max-age" in answer["Cache-Control"]


@pytest.mark.parametrize("host", ["WWW.ACME.localhost", "www.acme.localhost.", "www.acme.localhost"])
def test_however_the_host_is_written_the_answer_is_the_same(host):
    assert ask(host=host)["Location"] == "http://acme.localhost/"


def test_on_plain_http_the_port_stays(settings):
    assert ask(host="www.acme.localhost:8000")["Location"] == "http://acme.localhost:8000/"


def test_with_https_neither_port_nor_plain_http_is_kept(settings):
    settings.HTTPS = True
    assert ask(host="www.acme.localhost:8000", secure=True)["Location"] == "https://acme.localhost/"


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example/%2e%2e", "/\\evil.example", "/%0d%0aSet-Cookie:a=b", "/@evil.example/"]
)
def test_no_path_leads_away_from_the_tenant(path):
    location = ask(path)["Location"]
    assert location.startswith("http://acme.localhost/")
    assert "\r" not in location
    assert "\n" not in location


@pytest.mark.parametrize("header", [{"HTTP_X_FORWARDED_HOST": "evil.example"}, {"HTTP_FORWARDED": "host=evil.example"}])
def test_what_a_proxy_header_says_changes_nothing(header):
    assert ask(**header)["Location"] == "http://acme.localhost/"


@pytest.mark.parametrize("path", ["/api/v1/products/", "/admin/login/", "/.well-known/rustok", "/media/none.jpg"])
def test_what_must_answer_on_every_domain_is_not_redirected(path):
    assert not ask(path).get("Location", "").startswith("http")


def test_a_form_that_is_sent_is_not_redirected():
    assert ask("/cart/", method="post").status_code != 301


def test_a_part_of_a_page_is_not_redirected():
    assert ask("/", HTTP_HX_REQUEST="true").status_code == 200


def test_the_primary_domain_answers_itself():
    assert ask(host="acme.localhost:8000").status_code == 200


def test_the_platform_answers_on_every_address_of_its_machines():
    assert ask("/admin/login/", host="127.0.0.1").status_code == 200
    assert ask("/", host="127.0.0.1").status_code != 301


def test_a_domain_that_was_not_verified_is_redirected_nowhere():
    Domain.objects.filter(domain="www.acme.localhost").update(verified_at=None)
    forget()
    assert ask().status_code == 404


def test_a_redirect_takes_no_more_than_one_step():
    first = ask("/")["Location"]
    assert Client().get("/", HTTP_HOST=first.split("/")[2]).status_code == 200
