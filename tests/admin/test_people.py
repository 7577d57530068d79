"""People, roles and tenants."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from apps.accounts.public import log_in
from apps.rbac.models import Role
from apps.rbac.public import assign_role
from apps.rbac.services.roles import MoreThanOwn, save_role
from apps.tenant.models import Job, Tenant
from apps.tenant.public import find, use_tenant
from apps.tenant.services import run
from rustok.kernel.access import actor_for
from tests.accounts.letters import letters, token_in
from tests.admin.conftest import Browser, words
from tests.conftest import make_user

User = get_user_model()


@pytest.fixture
def boss(browser, admin_user):
    return browser(admin_user)


def roles_of(user):
    return sorted(user.role_assignments.values_list("role__slug", flat=True))


# --- people -----------------------------------------------------------------------------------------------------------


def test_somebody_is_made_with_a_password_and_a_role_and_can_log_in(boss, events_of):
    answer = boss.send(
        "/admin/accounts/user/add/", email=" New@Acme.test ", name="New Person", password="correct-horse-9",
        is_staff="on", roles="manager",
    )  # fmt: skip
    assert answer.status_code == 302
    user = User.objects.get(email="new@acme.test")
    assert roles_of(user) == ["manager"]
    assert log_in(email="new@acme.test", password="correct-horse-9", device="", now=timezone.now())
    assert [event["user_id"] for event in events_of("user.registered")][-1] == str(user.pk)


def test_a_weak_password_and_a_taken_address_are_refused_beside_the_field(boss, customer):
    answer = boss.send("/admin/accounts/user/add/", email="new@acme.test", password="12345")
    assert answer.status_code == 200
    assert "password" in answer.context["adminform"].form.errors
    answer = boss.send("/admin/accounts/user/add/", email=customer.email.upper(), password="correct-horse-9")
    assert answer.status_code == 200
    assert "email" in answer.context["adminform"].form.errors
    assert not User.objects.filter(email="new@acme.test").exists()


def test_roles_and_state_are_changed_on_the_page(boss, manager):
    path = reverse("admin:accounts_user_change", args=[manager.pk])
    boss.send(path, roles=["admin", "customer"], name="Boss")
    manager.refresh_from_db()
    assert manager.name == "Boss"
    assert roles_of(manager) == ["admin", "customer"]
    boss.send(path, is_active=None)
    manager.refresh_from_db()
    assert not manager.is_active


def test_the_page_shows_no_password_and_no_matrix_of_django(boss, manager):
    page = boss.get(reverse("admin:accounts_user_change", args=[manager.pk])).content.decode()
    for gone in ('name="password"', "user_permissions", 'name="groups"', "is_superuser", manager.password):
        assert gone not in page


def test_nobody_shuts_themselves_out(boss, admin_user):
    path = reverse("admin:accounts_user_change", args=[admin_user.pk])
    for typed in ({"is_active": None}, {"is_staff": None}, {"roles": None}):
        answer = boss.send(path, **typed)
        assert answer.status_code == 200, typed
        assert "themselves" in words(answer) or "own access" in words(answer)
    admin_user.refresh_from_db()
    assert admin_user.is_active
    assert roles_of(admin_user) == ["admin"]


def test_an_admin_cannot_make_anybody_more_than_an_admin(boss, manager):
    answer = boss.send(reverse("admin:accounts_user_change", args=[manager.pk]), roles=["superadmin"])
    assert answer.status_code == 200
    assert "tenants.manage" in words(answer)
    assert roles_of(manager) == ["manager"]


def test_a_new_password_ends_the_sessions(boss, manager, events_of):
    tokens = log_in(email=manager.email, password="correct-horse-9", device="", now=timezone.now())
    assert tokens
    path = reverse("admin:accounts_user_do_give_password", args=[manager.pk])
    assert boss.post(path, {"password": "short"}).status_code == 422
    boss.post(path, {"password": "another-horse-10"})
    manager.refresh_from_db()
    assert manager.check_password("another-horse-10")
    assert not manager.api_sessions.filter(revoked_at=None).exists()
    assert len(events_of("user.password_changed")) == 1


def test_logging_out_everywhere(boss, manager):
    log_in(email=manager.email, password="correct-horse-9", device="", now=timezone.now())
    answer = boss.post(reverse("admin:accounts_user_do_log_out_everywhere", args=[manager.pk]), follow=True)
    assert "1 session ended." in words(answer)
    assert not manager.api_sessions.filter(revoked_at=None).exists()


def test_accounts_are_never_deleted(boss, customer):
    path = reverse("admin:accounts_user_delete", args=[customer.pk])
    assert boss.post(path, {"post": "yes"}).status_code == 403


def test_a_manager_cannot_reach_people_by_address(browser, manager, admin_user):
    client = browser(manager)
    assert client.get(reverse("admin:accounts_user_change", args=[admin_user.pk])).status_code == 403
    path = reverse("admin:accounts_user_do_give_password", args=[admin_user.pk])
    assert client.post(path, {"password": "another-horse-10"}).status_code in (403, 404)
    admin_user.refresh_from_db()
    assert admin_user.check_password("correct-horse-9")


# --- roles ------------------------------------------------------------------------------------------------------------


def test_a_role_is_made_of_levels_and_works(boss, browser):
    boss.send(
        "/admin/rbac/role/add/", name="Warehouse", slug="warehouse", may_inventory="manage", may_orders="edit",
        may_products="read",
    )  # fmt: skip
    role = Role.objects.get(slug="warehouse")
    assert set(role.permissions.values_list("permission", flat=True)) == {
        "inventory.manage", "orders.read", "orders.list", "orders.create", "orders.update", "products.read",
        "products.list",
    }  # fmt: skip
    hand = browser(make_user("hand@acme.test", role="warehouse", is_staff=True))
    page = words(hand.get("/admin/"))
    assert "Stock levels" in page
    assert "Users" not in page
    assert hand.get("/admin/product/product/").status_code == 200
    assert hand.get("/admin/product/product/add/").status_code == 403
    path = reverse("admin:rbac_role_change", args=[role.pk])
    assert boss.filled(path)["may_orders"] == "edit"
    boss.send(path, may_orders="")
    assert not role.permissions.filter(permission__startswith="orders.").exists()


def test_built_in_roles_are_only_shown(boss):
    role = Role.objects.get(slug="manager")
    path = reverse("admin:rbac_role_change", args=[role.pk])
    assert boss.get(path).status_code == 200
    assert boss.post(path, {"name": "Hacked", "slug": "manager"}).status_code == 403
    assert boss.post(reverse("admin:rbac_role_delete", args=[role.pk]), {"post": "yes"}).status_code == 403


def test_nobody_builds_a_role_beyond_their_own(admin_user, acme):
    with pytest.raises(MoreThanOwn):
        save_role(actor=actor_for(admin_user), slug="god", name="God", permissions={"tenants.manage": "all"})
    assert not Role.objects.filter(slug="god").exists()


def test_a_role_that_somebody_has_stays_and_says_why(boss, system, manager):
    role = save_role(actor=system, slug="hand", name="Hand", permissions={"orders.read": "all"})
    assign_role(actor=system, user_id=manager.pk, role="hand")
    answer = boss.post(reverse("admin:rbac_role_delete", args=[role.pk]), {"post": "yes"}, follow=True)
    assert "Somebody has this role" in words(answer)
    assert Role.objects.filter(slug="hand").exists()


# --- tenants ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def platform(operator):
    client = Browser("localhost")
    with use_tenant(find("platform")):
        client.force_login(operator, backend="apps.accounts.backends.EmailBackend")
        yield client


def accept_invitation(tenant, token):
    answer = Browser(tenant.domains.get(is_primary=True).domain).post(
        "/account/invitation/", {"token": token, "name": "Boss", "password": "correct-horse-9"}
    )
    assert "/admin/login/" in answer.content.decode()


def test_a_tenant_is_made_and_the_first_person_who_is_invited_logs_in(platform, deliver_events):
    answer = platform.send(
        "/admin/tenant/tenant/add/", name="Initech", slug="initech", domains="initech.localhost, shop.initech.test",
        locales="en de", currencies="EUR", timezone="Europe/Berlin", accent="#aa3300",
    )  # fmt: skip
    assert answer.status_code == 302
    tenant = Tenant.objects.get(slug="initech")
    assert (tenant.locales, tenant.currencies, tenant.theme) == (["en", "de"], ["EUR"], {"accent": "#aa3300"})
    assert tenant.domains.get(is_primary=True).domain == "initech.localhost"
    run(Job.objects.get(tenant_id=tenant.pk).pk)
    platform.post(
        reverse("admin:tenant_tenant_do_invite_to_shop", args=[tenant.pk]),
        {"email": "boss@initech.test", "role": "admin"},
    )
    deliver_events()
    accept_invitation(tenant, token_in(letters("boss@initech.test")[0]))
    answer = Browser("initech.localhost").post(
        "/admin/login/?next=/admin/", {"username": "boss@initech.test", "password": "correct-horse-9"}
    )
    assert answer.status_code == 302
    with use_tenant(tenant):
        assert roles_of(User.objects.get()) == ["admin"]
    assert not User.objects.filter(email="boss@initech.test").exists()


def test_bad_settings_are_refused_beside_their_fields(platform):
    values = {"name": "X", "slug": "Admin", "domains": "x.test", "locales": "en", "currencies": "EUR"}
    answer = platform.send("/admin/tenant/tenant/add/", **values)
    assert "slug" in answer.context["adminform"].form.errors
    answer = platform.send("/admin/tenant/tenant/add/", **(values | {"slug": "x", "domains": "acme.localhost"}))
    assert "domains" in answer.context["adminform"].form.errors
    answer = platform.send("/admin/tenant/tenant/add/", **(values | {"slug": "x", "currencies": "DOLLARS"}))
    assert answer.status_code == 200
    assert not Tenant.objects.filter(slug__in=("x", "admin")).exists()


def test_settings_are_changed_and_the_slug_is_not(platform):
    tenant = Tenant.objects.get(slug="globex")
    path = reverse("admin:tenant_tenant_change", args=[tenant.pk])
    platform.send(path, name="Globex 2", slug="stolen", locales="en, ru, de")
    tenant.refresh_from_db()
    assert (tenant.slug, tenant.name, tenant.locales) == ("globex", "Globex 2", ["en", "ru", "de"])
    assert platform.post(reverse("admin:tenant_tenant_delete", args=[tenant.pk]), {"post": "yes"}).status_code == 403
