"""Tenants and their jobs in the platform's admin and REST, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.tenant import services
from apps.tenant.models import Job, Tenant
from apps.tenant.public import find, use_tenant
from tests.conftest import ApiClient, make_user
from tests.tenant.lives import SYSTEM, finish, shop


@pytest.fixture
def platform(db: None) -> Iterator[Tenant]:
    """Work in the platform's own tenant."""
    tenant = find("platform")
    with use_tenant(tenant):
        yield tenant


@pytest.fixture
def operator(platform: Tenant) -> Any:
    """Somebody who runs the platform."""
    return make_user("operator@platform.test", role="superadmin", is_staff=True)


@pytest.fixture
def browser(operator: Any) -> Client:
    """The operator's browser."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(operator)
    return client


@pytest.fixture
def api(operator: Any) -> ApiClient:
    """The operator's API client."""
    return ApiClient("localhost", operator)


def page(obj: Any, action: str = "") -> str:
    name = f"admin:tenant_{obj._meta.model_name}_" + (f"do_{action}" if action else "change")
    return reverse(name, args=[obj.pk])


# --- the admin ----------------------------------------------------------------------------------------------------


def test_an_operator_creates_a_tenant_and_sees_how_far_it_is(browser):
    answer = browser.post(reverse("admin:tenant_tenant_add"), {
        "name": "Nile", "slug": "nile", "domains": "nile.localhost", "locales": "en", "currencies": "USD",
        "timezone": "UTC", "accent": "#3451b2",
    })  # fmt: skip
    assert answer.status_code == 302, answer.content
    tenant = Tenant.objects.get(slug="nile")
    assert tenant.status == "preparing"
    job = Job.objects.get(tenant_slug="nile")
    shown = browser.get(page(tenant)).content.decode()
    assert reverse("admin:tenant_job_progress", args=[job.pk]) in shown
    part = browser.get(reverse("admin:tenant_job_progress", args=[job.pk]))
    assert "every 2s" in part.content.decode()
    finish(job)
    over = browser.get(reverse("admin:tenant_job_progress", args=[job.pk]))
    assert over["HX-Refresh"] == "true"
    assert "every 2s" not in over.content.decode()


def test_an_operator_suspends_with_a_reason_and_resumes(browser):
    acme = find("acme")
    assert browser.get(page(acme, "suspend")).status_code == 200
    browser.post(page(acme, "suspend"), {"reason": "unpaid"})
    assert find("acme").status_reason == "unpaid"
    assert "unpaid" in browser.get(page(acme)).content.decode()
    browser.post(page(acme, "resume"))
    assert find("acme").status == "active"


def test_deleting_asks_for_the_short_name(browser):
    acme = find("acme")
    assert browser.post(page(acme, "leave"), {"days": 14, "slug": "globex"}).status_code == 422
    assert find("acme").status == "active"
    browser.post(page(acme, "leave"), {"days": 14, "slug": "acme"})
    assert find("acme").status == "leaving"
    assert "deleted on" in browser.get(page(acme)).content.decode()


def test_the_platform_offers_no_end_of_itself(browser, platform):
    shown = browser.get(page(platform)).content.decode()
    assert "do/suspend" not in shown
    assert "do/leave" not in shown


def test_jobs_are_listed_with_what_can_be_done_in_few_queries(browser, django_assert_max_num_queries):
    for number in range(30):
        Job.objects.create(kind="export", tenant_slug=f"t{number}", requested_by="x", step="write")
    with django_assert_max_num_queries(20):
        answer = browser.get(reverse("admin:tenant_job_changelist"))
    assert answer.status_code == 200
    job = Job.objects.filter(kind="export").first()
    assert "do/cancel" in browser.get(page(job)).content.decode()
    browser.post(page(job, "cancel"))
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_failed_job_says_why_and_runs_again(browser):
    job = services.begin_creation(actor=SYSTEM, slug="nile", name="Nile", domains=["nile.localhost"])
    Job.objects.filter(pk=job.pk).update(
        state="failed", error_code="odd", error="It rained.", finished_at="2026-01-01T00:00Z"
    )
    assert "It rained." in browser.get(page(job)).content.decode()
    browser.post(page(job, "run_again"))
    job.refresh_from_db()
    assert job.state == "waiting"


def test_only_operators_fetch_an_export(committed_db):
    shop("nile")
    job = finish(services.begin_export(actor=SYSTEM, slug="nile"))
    url = reverse("admin:tenant_job_archive", args=[job.pk])
    with use_tenant(find("platform")):
        operator = make_user("operator@platform.test", role="superadmin", is_staff=True)
        guest = make_user("guest@platform.test", is_staff=True)
    with use_tenant(find("acme")):
        boss = make_user("boss@acme.test", role="superadmin", is_staff=True)
    for host, user, status in (("localhost", operator, 200), ("localhost", guest, 404), ("acme.localhost", boss, 404)):
        client = Client(HTTP_HOST=host)
        with use_tenant(find("platform" if host == "localhost" else "acme")):
            client.force_login(user)
        answer = client.get(url)
        assert answer.status_code == status
        assert answer.get("Content-Disposition", "").startswith("attachment") == (status == 200)
        answer.close()
    assert Client(HTTP_HOST="localhost").get(url).status_code == 302


# --- REST ---------------------------------------------------------------------------------------------------------


def test_rest_creates_suspends_resumes_exports_and_deletes(api):
    made = api.post("/api/v1/tenants/", {"slug": "nile", "name": "Nile", "domains": ["nile.localhost"]})
    assert made.status_code == 202, made.content
    assert (made.json()["status"], made.json()["jobs"][0]["state"]) == ("preparing", "waiting")
    job_id = made.json()["jobs"][0]["id"]
    finish(Job.objects.get(pk=job_id))
    assert api.get(f"/api/v1/tenants/jobs/{job_id}/").json()["percent"] == 100
    assert api.post("/api/v1/tenants/nile/suspend/", {"reason": "x"}).json()["status"] == "suspended"
    assert api.post("/api/v1/tenants/nile/resume/").json()["status"] == "active"
    assert api.post("/api/v1/tenants/nile/export/").status_code == 202
    refused = api.post("/api/v1/tenants/nile/delete/", {"confirm": "acme"})
    assert (refused.status_code, refused.json()["code"]) == (400, "not_confirmed")
    assert api.post("/api/v1/tenants/nile/delete/", {"confirm": "nile"}).json()["delete_after"]


def test_lists_are_pages_with_few_queries(api, django_assert_max_num_queries):
    Tenant.objects.bulk_create(Tenant(slug=f"t{number}", schema_name=f"t{number}", name="T") for number in range(30))
    with django_assert_max_num_queries(12):
        body = api.get("/api/v1/tenants/?page_size=25").json()
    assert len(body["results"]) == 25
    assert body["next"]
    assert api.get("/api/v1/tenants/?status=suspended").json()["results"] == []
    assert api.get("/api/v1/tenants/jobs/?state=done").status_code == 200


@pytest.mark.parametrize(
    "path", ["tenants/", "tenants/acme/", "tenants/jobs/", "tenants/jobs/01a20891-0043-7239-9c2a-7e3738cd33b8/"]
)
def test_a_shops_superadmin_finds_no_tenants(acme, path):
    boss = make_user("boss@acme.test", role="superadmin", is_staff=True)
    client = ApiClient("acme.localhost", boss)
    assert client.get(f"/api/v1/{path}").status_code == 404
    assert client.post("/api/v1/tenants/acme/suspend/").status_code == 404
    assert ApiClient("localhost").get(f"/api/v1/{path}").status_code == 401


def test_a_shops_admin_shows_no_tenants(acme):
    boss = make_user("boss@acme.test", role="superadmin", is_staff=True)
    client = Client(HTTP_HOST="acme.localhost")
    client.force_login(boss)
    for name in ("admin:tenant_tenant_changelist", "admin:tenant_job_changelist"):
        assert client.get(reverse(name)).status_code in (403, 404)


def test_an_operator_sets_limits_on_the_tenants_page(acme, operator, browser):
    tenant = find("acme")
    assert browser.get(page(tenant, "limit")).status_code == 200
    done = browser.post(page(tenant, "limit"), {"requests_per_minute": "600", "media_bytes": ""}, follow=True)
    assert "Requests a minute: 600" in done.content.decode()
    assert find("acme").limits == {"requests_per_minute": 600}
    assert 'value="600"' in browser.get(page(tenant, "limit")).content.decode()
    browser.post(page(tenant, "limit"), {"requests_per_minute": "1"})
    assert find("acme").limits == {"requests_per_minute": 600}
    browser.post(page(tenant, "limit"), {})
    assert find("acme").limits == {}


def test_the_tenants_page_says_why_it_is_suspended_and_leads_to_its_jobs_and_domains(acme, operator, browser):
    services.suspend_tenant(actor=SYSTEM, slug="acme", reason="unpaid since May")
    html = browser.get(page(find("acme"))).content.decode()
    assert "unpaid since May" in html
    assert "/admin/tenant/job/?q=acme" in html
    assert "acme.localhost (primary)" in html
    assert "acme" in browser.get("/admin/tenant/job/?q=acme").content.decode()
