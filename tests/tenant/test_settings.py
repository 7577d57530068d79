"""A shop's own settings, its limits and its domains."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.storefront import theme
from apps.tenant.models import Domain, Tenant
from apps.tenant.resolver import resolve_host
from apps.tenant.services import add_domain, change_settings, set_limits, verify_domain
from apps.tenant.services.domains import MAX_DOMAINS, DomainNotShown, TooManyDomains, record_name, record_value
from apps.tenant.services.settings import LIMITS, THEME, BadLimit
from apps.tenant.services.tenants import DomainTaken
from rustok.kernel.errors import Forbidden, NotFound
from tests.dns import name_server


@pytest.fixture
def boss(admin_user, actor):
    return actor(admin_user)


# --- settings ---------------------------------------------------------------------------------------------------


def test_what_is_not_named_stays(acme, boss):
    changed = change_settings(actor=boss, changes={"name": "Acme Outdoors", "theme": {"accent": "#123456"}})
    assert (changed.name, changed.theme) == ("Acme Outdoors", {"accent": "#123456"})
    assert (changed.locales, changed.currencies) == (acme.locales, acme.currencies)


def test_a_change_is_announced_once_with_what_changed(acme, boss, events_of):
    change_settings(actor=boss, changes={"name": "Acme Outdoors"})
    change_settings(actor=boss, changes={"name": "Acme Outdoors"})
    assert [event["fields"] for event in events_of("tenant.updated")] == [["name"]]


def test_a_new_language_is_announced(acme, boss, events_of):
    change_settings(actor=boss, changes={"locales": ["en", "de", "fr"]})
    assert events_of("locale.enabled") == [{"locale": "fr"}]


def test_a_manager_does_not_change_settings(acme, manager, actor, events_of):
    with pytest.raises(Forbidden):
        change_settings(actor=actor(manager), changes={"name": "Mine"})
    assert Tenant.objects.get(pk=acme.pk).name == "Acme Outdoor"
    assert events_of("tenant.updated") == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"locales": []}, "min_length"),
        ({"currencies": ["XXQ"]}, "unknown_currency"),
        ({"timezone": "Mars/Olympus"}, "invalid_tenant_settings"),
        ({"cors_origins": ["https://app.example.com/path"]}, "invalid_origin"),
        ({"theme": {"typeface": "comic"}}, "invalid_choice"),
        ({"status": "active"}, "unknown_field"),
        ({"limits": {"upload_bytes": 1}}, "unknown_field"),
    ],
)
def test_bad_settings_are_refused_and_nothing_is_written(api, admin_user, acme, changes, code, events_of):
    answer = api(admin_user).patch("/api/v1/settings/", changes)
    assert answer.status_code == 400
    assert code in (answer.json()["code"], *(error["code"] for error in answer.json()["errors"]))
    assert events_of("tenant.updated") == []


def test_settings_are_read_and_written_over_rest(api, admin_user):
    client = api(admin_user)
    body = {"currencies": ["EUR", "USD"], "cors_origins": ["https://app.example.com"], "staff_second_factor": False}
    changed = client.patch("/api/v1/settings/", body)
    assert changed.status_code == 200, changed.content
    read = client.get("/api/v1/settings/").json()
    assert read == changed.json()
    assert (read["default_currency"], read["cors_origins"]) == ("EUR", ["https://app.example.com"])


def test_the_storefront_draws_what_a_theme_may_choose():
    assert set(THEME["typeface"]) == set(theme.TYPEFACES)
    assert set(THEME["corners"]) == set(theme.CORNERS)
    assert set(THEME["pattern"]) == set(theme.PATTERNS)


# --- limits -----------------------------------------------------------------------------------------------------


def test_the_platform_sets_limits_and_takes_them_away(acme, system):
    set_limits(actor=system, slug="acme", limits={"requests_per_minute": 600, "upload_bytes": 50_000})
    changed = set_limits(actor=system, slug="acme", limits={"upload_bytes": None})
    assert changed.limits == {"requests_per_minute": 600}


@pytest.mark.parametrize(
    "limits", [{"nonsense": 1}, {"upload_bytes": 1}, {"upload_bytes": "many"}, {"upload_bytes": True}]
)
def test_a_limit_is_known_and_within_bounds(acme, system, limits):
    with pytest.raises(BadLimit):
        set_limits(actor=system, slug="acme", limits=limits)


def test_a_shop_does_not_set_its_own_limits(acme, boss):
    with pytest.raises(NotFound):
        set_limits(actor=boss, slug="acme", limits={"requests_per_minute": LIMITS["requests_per_minute"][1]})


# --- domains ----------------------------------------------------------------------------------------------------


@pytest.fixture
def dns(settings):
    with name_server() as server:
        settings.DNS_SERVERS = [server.address]
        yield server


def test_a_domain_leads_here_once_its_record_is_there(api, admin_user, dns, acme):
    client = api(admin_user)
    added = client.post("/api/v1/domains/", {"domain": "Shop.Example.com."})
    assert added.status_code == 201, added.content
    path, record = f"/api/v1/domains/{added.json()['id']}/", added.json()["record"]
    assert record["name"] == "_rustok.shop.example.com"
    assert resolve_host("shop.example.com") is None
    refused = client.post(f"{path}verify/")
    assert (refused.status_code, refused.json()["code"]) == (409, "domain_not_verified")
    dns.records[record["name"]] = ["v=spf1 -all", record["value"]]
    shown = client.post(f"{path}verify/")
    assert shown.status_code == 200, shown.content
    assert shown.json()["verified_at"]
    assert dns.asked == ["_rustok.shop.example.com"] * 2
    assert Domain.objects.get(domain="shop.example.com").verified_at


def test_naming_a_domain_keeps_its_owner_from_nothing(acme, globex, boss, system):
    from rustok.kernel.tenancy import use_tenant

    add_domain(actor=boss, domain="books.example.com")
    with use_tenant(globex):
        theirs = add_domain(actor=system, domain="books.example.com")
        verify_domain(
            actor=system, domain_id=theirs.pk, look_up=lambda name: [record_value(theirs)], now=timezone.now()
        )
    mine = Domain.objects.get(domain="books.example.com", tenant=acme)
    both = [record_value(mine), record_value(theirs)]
    with pytest.raises(DomainTaken):
        verify_domain(actor=boss, domain_id=mine.pk, look_up=lambda name: both, now=timezone.now())


def test_the_record_of_one_shop_shows_nothing_for_another(acme, globex, boss, system):
    from rustok.kernel.tenancy import use_tenant

    mine = add_domain(actor=boss, domain="books.example.com")
    with use_tenant(globex):
        theirs = add_domain(actor=system, domain="books.example.com")
        with pytest.raises(DomainNotShown):
            verify_domain(
                actor=system, domain_id=theirs.pk, look_up=lambda name: [record_value(mine)], now=timezone.now()
            )
    assert record_name(mine) == record_name(theirs)


def test_another_shops_domain_is_not_found(api, admin_user, globex):
    foreign = Domain.objects.get(tenant=globex)
    client = api(admin_user)
    for answer in (
        client.delete(f"/api/v1/domains/{foreign.pk}/"),
        client.post(f"/api/v1/domains/{foreign.pk}/verify/"),
        client.post(f"/api/v1/domains/{foreign.pk}/primary/"),
    ):
        assert answer.status_code == 404
    assert Domain.objects.filter(pk=foreign.pk, is_primary=True).exists()


def test_the_primary_domain_is_shown_and_stays(api, admin_user, acme, boss):
    client = api(admin_user)
    named = add_domain(actor=boss, domain="new.example.com")
    assert client.post(f"/api/v1/domains/{named.pk}/primary/").json()["code"] == "domain_not_verified"
    verify_domain(actor=boss, domain_id=named.pk, look_up=lambda name: [record_value(named)], now=timezone.now())
    assert client.post(f"/api/v1/domains/{named.pk}/primary/").json()["is_primary"]
    assert [one.domain for one in acme.domains.filter(is_primary=True)] == ["new.example.com"]
    assert client.delete(f"/api/v1/domains/{named.pk}/").json()["code"] == "primary_domain"
    old = Domain.objects.get(domain="acme.localhost")
    assert client.delete(f"/api/v1/domains/{old.pk}/").status_code == 204


def test_domains_are_bounded(acme, boss):
    for n in range(MAX_DOMAINS - acme.domains.count()):
        add_domain(actor=boss, domain=f"d{n}.example.com")
    with pytest.raises(TooManyDomains):
        add_domain(actor=boss, domain="more.example.com")


# --- the admin --------------------------------------------------------------------------------------------------


@pytest.fixture
def office(api, admin_user):
    client = api()
    client.force_login(admin_user)
    return client


def test_an_admin_changes_the_settings_on_one_page(office, acme):
    listing = office.get("/admin/tenant/shop/")
    assert listing.status_code == 302
    page = office.get(listing["Location"])
    assert page.status_code == 200
    form = {
        "name": "Acme & Sons", "locales": "en, de", "currencies": "USD", "timezone": "Europe/Berlin",
        "accent": "#e8590c", "ground": "", "tagline": "Since 1949", "announcement": "", "typeface": "signage",
        "corners": "sharp", "pattern": "contours", "cors_origins": "https://app.example.com",
    }  # fmt: skip
    saved = super(type(office), office).post(listing["Location"], form)
    assert saved.status_code == 302, saved.content.decode()[:3000]
    now = Tenant.objects.get(pk=acme.pk)
    assert (now.name, now.currencies, now.timezone) == ("Acme & Sons", ["USD"], "Europe/Berlin")
    assert now.theme["tagline"] == "Since 1949"
    assert now.cors_origins == ["https://app.example.com"]


def test_a_refusal_stands_on_the_page(office, acme):
    path = f"/admin/tenant/shop/{acme.pk}/change/"
    form = {
        "name": "Acme", "locales": "en", "currencies": "USD", "timezone": "UTC", "accent": "#e8590c",
        "typeface": "plain", "corners": "soft", "cors_origins": "not-an-origin",
    }  # fmt: skip
    answer = super(type(office), office).post(path, form)
    assert answer.status_code == 200
    assert "An origin is a scheme and a host" in answer.content.decode()
    assert Tenant.objects.get(pk=acme.pk).name == "Acme Outdoor"


def test_the_domains_page_says_what_to_do(office, acme, dns):
    added = super(type(office), office).post("/admin/tenant/domain/add/", {"domain": "shop.example.com"})
    assert added.status_code == 302
    domain = Domain.objects.get(domain="shop.example.com")
    page = office.get(f"/admin/tenant/domain/{domain.pk}/change/").content.decode()
    assert record_value(domain) in page
    act = f"/admin/tenant/domain/{domain.pk}/do/check_now/"
    office.post(act)
    assert Domain.objects.get(pk=domain.pk).verified_at is None
    dns.records[record_name(domain)] = [record_value(domain)]
    office.post(act)
    assert Domain.objects.get(pk=domain.pk).verified_at


def test_another_shop_is_not_in_the_admin(office, globex):
    foreign = Domain.objects.get(tenant=globex)
    for path in (f"/admin/tenant/shop/{globex.pk}/change/", f"/admin/tenant/domain/{foreign.pk}/change/"):
        assert office.get(path).status_code == 404
    assert "globex" not in office.get("/admin/tenant/domain/").content.decode()
