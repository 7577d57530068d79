"""Tenants over GraphQL on the platform, and a shop's own settings and domains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apps.tenant.models import Domain, Job, Tenant
from apps.tenant.public import find, use_tenant
from apps.tenant.services.domains import record_name, record_value
from tests.conftest import ApiClient, make_user
from tests.dns import name_server


@pytest.fixture
def platform(acme: Tenant) -> Iterator[Tenant]:
    """The platform's own tenant."""
    tenant = find("platform")
    assert tenant
    with use_tenant(tenant):
        yield tenant


@pytest.fixture
def operator(platform: Tenant) -> Any:
    """Somebody who runs the platform."""
    return make_user("operator@platform.test", role="superadmin", is_staff=True)


@pytest.fixture
def ask(operator: Any) -> Any:
    """The operator's GraphQL."""
    return ApiClient("localhost", operator).graphql


TENANT = "tenant { slug name status statusReason deleteAfter domains limits }"
TENANTS = "query ($first: Int, $status: String) { tenants(first: $first, status: $status) { nodes { slug domains } } }"


def test_the_platform_lists_its_tenants(acme, globex, ask):
    slugs = [node["slug"] for node in ask(TENANTS)["data"]["tenants"]["nodes"]]
    assert slugs == sorted(slugs)
    assert {"acme", "globex", "platform"} <= set(slugs)
    assert len(ask(TENANTS, first=1)["data"]["tenants"]["nodes"]) == 1
    assert ask(TENANTS, status="suspended")["data"]["tenants"]["nodes"] == []


def test_more_tenants_cost_no_more_queries(acme, globex, ask, django_assert_max_num_queries):
    ask(TENANTS)
    with django_assert_max_num_queries(12) as few:
        ask(TENANTS, first=1)
    with django_assert_max_num_queries(len(few)):
        ask(TENANTS, first=3)


def test_a_tenant_that_is_not_there_is_null(ask):
    assert ask('{ tenant(slug: "nobody") { slug } }')["data"] == {"tenant": None}


def test_a_tenant_lives_and_leaves(ask):
    made = act(ask, "tenantCreate", f"{TENANT} job {{ kind }}", slug="nile", name="Nile", domains=["nile.example"])
    assert (made["tenant"]["slug"], made["tenant"]["status"], made["job"]["kind"]) == ("nile", "preparing", "create")
    Job.objects.filter(tenant_slug="nile").delete()
    Tenant.objects.filter(slug="nile").update(status="active")

    done = act(ask, "tenantSuspend", slug="nile", reason="unpaid")
    assert (done["tenant"]["status"], done["tenant"]["statusReason"]) == ("suspended", "unpaid")
    assert act(ask, "tenantResume", slug="nile")["tenant"]["status"] == "active"
    assert act(ask, "tenantDelete", slug="nile", confirm="nil")["errors"][0]["code"] == "not_confirmed"
    done = act(ask, "tenantDelete", slug="nile", confirm="nile", graceDays=30)
    assert (done["tenant"]["status"], bool(done["tenant"]["deleteAfter"])) == ("leaving", True)
    jobs = ask('{ tenantJobs(tenant: "nile") { nodes { kind tenant state } } }')["data"]["tenantJobs"]["nodes"]
    assert {"suspend", "resume"} <= {job["kind"] for job in jobs}
    assert {job["tenant"] for job in jobs} == {"nile"}


def act(ask: Any, name: str, fields: str = TENANT, /, **data: Any) -> dict[str, Any]:
    kind = name[0].upper() + name[1:]
    document = f"mutation ($i: {kind}Input!) {{ {name}(input: $i) {{ {fields} errors {{ field code }} }} }}"
    answer = ask(document, i=data)
    done: dict[str, Any] = answer["data"][name]
    return done


def test_an_export_is_a_job(acme, ask):
    assert act(ask, "tenantExport", "job { kind tenant state }", slug="acme")["job"] == {
        "kind": "export", "tenant": "acme", "state": "waiting",
    }  # fmt: skip


def test_limits_are_set_kept_and_taken_away(acme, ask):
    done = act(ask, "tenantSetLimits", slug="acme", requestsPerMinute=600, mediaBytes=5_000_000_000)
    assert done["tenant"]["limits"] == {"requests_per_minute": 600, "media_bytes": 5_000_000_000}
    done = act(ask, "tenantSetLimits", slug="acme", requestsPerMinute=None)
    assert done["tenant"]["limits"] == {"media_bytes": 5_000_000_000}
    assert act(ask, "tenantSetLimits", slug="acme", uploadBytes=1)["errors"][0]["field"] == "limits.upload_bytes"
    assert act(ask, "tenantSetLimits", slug="nobody", uploadBytes=100_000)["errors"][0]["code"] == "not_found"


def test_limits_are_set_over_rest_as_well(acme, operator):
    client = ApiClient("localhost", operator)
    answer = client.patch("/api/v1/tenants/acme/limits/", {"upload_bytes": 2_000_000})
    assert (answer.status_code, answer.json()["limits"]) == (200, {"upload_bytes": 2_000_000})


@pytest.mark.parametrize("query", ["{ tenants { nodes { slug } } }", '{ tenant(slug: "acme") { slug } }',
                                   "{ tenantJobs { nodes { id } } }"])  # fmt: skip
def test_in_a_shop_there_are_no_tenants(acme, globex, admin_user, query):
    answer = ApiClient("acme.localhost", admin_user).graphql(query)
    assert answer["errors"][0]["extensions"]["code"] == "not_found"


@pytest.mark.parametrize("name", ["tenantSuspend", "tenantResume", "tenantExport", "tenantSetLimits"])
def test_in_a_shop_nothing_can_be_done_with_tenants(acme, globex, admin_user, name):
    kind = name[0].upper() + name[1:]
    document = f"mutation ($i: {kind}Input!) {{ {name}(input: $i) {{ errors {{ code }} }} }}"
    answer = ApiClient("acme.localhost", admin_user).graphql(document, i={"slug": "globex"})
    assert answer["errors"][0]["extensions"]["code"] == "not_found"
    assert Tenant.objects.get(slug="globex").status == "active"
    assert not Job.objects.filter(tenant_slug="globex", kind__in=["suspend", "resume", "export"]).exists()


def test_on_the_platform_a_customer_may_not(platform):
    customer = make_user("someone@platform.test")
    answer = ApiClient("localhost", customer).graphql("{ tenants { nodes { slug } } }")
    assert answer["errors"][0]["extensions"]["code"] == "forbidden"


# --- a shop's own ---------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(acme, admin_user):
    """The shop's admin's GraphQL."""
    return ApiClient("acme.localhost", admin_user).graphql


def test_a_shop_reads_and_changes_its_settings(acme, shop):
    fields = "settings { name locales defaultLocale theme { accent } staffSecondFactor limits }"
    assert shop(f"{{ {fields} }}")["data"]["settings"]["defaultLocale"] == acme.default_locale
    done = act(shop, "settingsUpdate", fields, name="Acme Two", theme={"accent": "#112233"}, locales=["de", "en"])
    assert done["settings"]["theme"]["accent"] == "#112233"
    assert (done["settings"]["name"], done["settings"]["defaultLocale"]) == ("Acme Two", "de")
    assert (
        act(shop, "settingsUpdate", fields, timezone="Mars/Olympus")["errors"][0]["code"] == "invalid_tenant_settings"
    )


def test_a_domain_is_named_shown_made_primary_and_let_go(acme, shop, settings):
    fields = "domain { id domain isPrimary verifiedAt record { name value } }"
    named = act(shop, "domainAdd", fields, domain="shop.acme.example")["domain"]
    assert named["record"]["name"] == "_rustok.shop.acme.example"
    domain = Domain.objects.get(domain="shop.acme.example")
    assert act(shop, "domainMakePrimary", fields, id=named["id"])["errors"][0]["code"] == "domain_not_verified"
    with name_server() as server:
        settings.DNS_SERVERS = [server.address]
        server.records[record_name(domain)] = [record_value(domain)]
        assert act(shop, "domainVerify", fields, id=named["id"])["domain"]["verifiedAt"]
    assert act(shop, "domainMakePrimary", fields, id=named["id"])["domain"]["isPrimary"]
    assert act(shop, "domainRemove", "__typename", id=named["id"])["errors"][0]["code"] == "primary_domain"
    old = next(row for row in shop("{ domains { id domain } }")["data"]["domains"] if row["domain"] == "acme.localhost")
    assert act(shop, "domainRemove", "__typename", id=old["id"])["errors"] == []
    assert [row.domain for row in Domain.objects.filter(tenant_id=acme.pk)] == ["shop.acme.example"]


def test_another_shops_domain_is_not_found(acme, globex, shop):
    with use_tenant(None):
        theirs = Domain.objects.get(domain="globex.localhost")
    assert act(shop, "domainRemove", "__typename", id=str(theirs.pk))["errors"][0]["code"] == "not_found"


def test_a_customer_sees_no_settings(acme, customer):
    answer = ApiClient("acme.localhost", customer).graphql("{ settings { name } domains { domain } }")
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"forbidden"}
