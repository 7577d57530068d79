"""The page where a shop's admins switch modules, and the operators' on a tenant."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.tenant.public import create_tenant, find, use_tenant
from apps.tenant.services.modules import disable_module
from rustok.kernel.access import Actor
from tests.conftest import TenantClient, make_user

SYSTEM = Actor.system("tests")


@pytest.fixture
def office(admin_user):
    return TenantClient(user=admin_user)


def test_the_page_shows_every_module_and_what_each_is_for(office):
    page = office.get("/admin/tenant/module/").content.decode()
    for text in (
        "Posts with a cover, tags and comments.",
        "In use",
        "Always there",
        "/admin/tenant/module/blog/switch/",
    ):
        assert text in page
    assert "Switched off" not in page
    assert "/admin/tenant/module/accounts/switch/" not in page
    assert 'href="/admin/tenant/module/"' in office.get("/admin/").content.decode()


def test_it_asks_first_and_says_what_goes_along(office):
    page = office.get("/admin/tenant/module/product/switch/").content.decode()
    for text in ("Switch off: Products", "Prices", "Checkout", "Nothing is deleted"):
        assert text in page
    assert find("acme").disabled_modules == []
    answer = office.post("/admin/tenant/module/product/switch/", {"enabled": "false"}, follow=True)
    page = answer.content.decode()
    assert "Switched off: Carts, Checkout, Importer, Orders, Prices, Products, Stock." in page
    assert "Off because this is off: Products." in page
    assert find("acme").disabled_modules == ["product"]
    page = office.get("/admin/tenant/module/pricing/switch/").content.decode()
    assert "This is switched on with it:" in page
    office.post("/admin/tenant/module/product/switch/", {"enabled": "true"})
    assert find("acme").disabled_modules == []


def test_a_page_that_is_sent_twice_does_not_switch_back(office):
    for _ in range(2):
        office.post("/admin/tenant/module/forum/switch/", {"enabled": "false"})
    assert find("acme").disabled_modules == ["forum"]


def test_what_cannot_be_switched_has_no_page(office):
    for slug in ("accounts", "nothing"):
        assert office.get(f"/admin/tenant/module/{slug}/switch/").status_code == 404
        assert office.post(f"/admin/tenant/module/{slug}/switch/", {"enabled": "false"}).status_code == 404


def test_who_may_not_sees_and_switches_nothing(manager):
    client = TenantClient(user=manager)
    assert client.get("/admin/tenant/module/").status_code == 403
    assert client.post("/admin/tenant/module/blog/switch/", {"enabled": "false"}).status_code == 403
    assert find("acme").disabled_modules == []


def test_prices_and_stock_leave_the_page_of_a_product_with_their_modules(office):
    assert "price" in office.get("/admin/product/product/add/").content.decode().lower()
    before = connection.tenant
    disable_module(actor=SYSTEM, slug="pricing", with_dependencies=True)
    disable_module(actor=SYSTEM, slug="inventory", with_dependencies=True)
    connection.set_tenant(before)
    page = office.get("/admin/product/product/add/")
    assert page.status_code == 200
    assert 'name="variants-0-price' not in page.content.decode()


@pytest.fixture
def operator(db):
    """A browser of an operator, in the platform's own back office."""
    platform = find("platform") or create_tenant(actor=SYSTEM, slug="platform", name="RusToK", domains=["localhost"])
    with use_tenant(platform):
        user = make_user("operator@rustok.test", role="superadmin", is_staff=True)
        return TenantClient("localhost", user)


def test_an_operator_chooses_the_modules_of_a_tenant(acme, operator):
    url = f"/admin/tenant/tenant/{acme.pk}/do/choose_modules/"
    page = operator.get(url).content.decode()
    assert "Prices" in page
    assert 'value="cart"' in page
    assert 'value="accounts"' not in page
    wanted = ["comments", "blog", "pages", "navigation", "storefront"]
    answer = operator.post(url, {"modules": wanted})
    assert answer.status_code == 302, answer.content.decode()
    assert set(find("acme").disabled_modules).isdisjoint(wanted)
    assert {"product", "cart", "forum"} <= set(find("acme").disabled_modules)
    refused = operator.post(url, {"modules": [*wanted, "cart"]})
    assert refused.status_code == 422
    assert "cannot work without" in refused.content.decode()
    assert "cart" in find("acme").disabled_modules


def test_the_platform_s_own_back_office_has_no_such_page(operator):
    assert operator.get("/admin/tenant/module/").status_code == 403


def test_an_admin_of_a_shop_reaches_no_other_shop(office, acme, globex):
    url = f"/admin/tenant/tenant/{globex.pk}/do/choose_modules/"
    assert office.post(url, {"modules": []}).status_code in (403, 404)
    assert find("globex").disabled_modules == []
