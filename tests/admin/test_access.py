"""Who gets into the back office, what they see there, and what they are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django import forms
from django.contrib import admin
from django.http import HttpResponse
from django.urls import reverse

from rustok.access_audit import audit
from rustok.kernel.access import Actor
from rustok.kernel.edges.admin import Admin
from tests.admin.conftest import Browser, words
from tests.conftest import make_user
from tests.order.factories import make_order
from tests.product.factories import ProductFactory

SHOP_GROUPS = ("Sales", "Catalogue", "Content")


def test_every_page_declares_what_it_is_about():
    gaps = [entry for entry in audit() if entry.edge == "admin" and entry.permission is None]
    assert gaps == []
    assert all(isinstance(page, Admin) for page in admin.site._registry.values())


def test_groups_and_tables_of_other_packages_have_no_page():
    registered = {model._meta.label for model in admin.site._registry}
    assert "auth.Group" not in registered
    assert not [label for label in registered if label.startswith(("guardian.", "auth.", "sessions."))]


def test_anonymous_is_sent_to_the_login(browser):
    answer = browser().get("/admin/order/order/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_a_customer_cannot_log_in(browser, customer):
    client = browser()
    answer = client.post("/admin/login/?next=/admin/", {"username": customer.email, "password": "correct-horse-9"})
    assert answer.status_code == 200
    assert "this account may not work here" in words(answer)
    assert "_auth_user_id" not in client.session


def test_a_customer_with_a_session_sees_nothing(browser, customer):
    client = browser(customer)
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/", follow=True).content.count(b"Orders") == 0


def test_staff_log_in_with_address_and_password(browser, manager):
    answer = browser().post(
        "/admin/login/?next=/admin/", {"username": " Manager@acme.test", "password": "correct-horse-9"}
    )
    assert answer.status_code == 302
    assert answer["Location"] == "/admin/"


def test_the_login_leads_to_the_back_office_and_not_to_the_shop(browser, manager):
    answer = browser().post("/admin/login/", {"username": manager.email, "password": "correct-horse-9"})
    assert answer["Location"] == "/admin/"
    answer = browser().post("/admin/login/?next=https://evil.example/", {
        "username": manager.email, "password": "correct-horse-9",
    })  # fmt: skip
    assert "evil" not in answer["Location"]


def test_a_manager_sees_the_shop_but_neither_people_nor_settings(browser, manager):
    client = browser(manager)
    page = words(client.get("/admin/"))
    for group in SHOP_GROUPS:
        assert group in page
    for hidden in ("Users", "Roles", "Tenants", "Dead letters", "Tax rates", "Shipping methods"):
        assert hidden not in page
    for model in ("accounts_user", "rbac_role", "outbox_deadletter", "tax_taxrate", "tenant_tenant"):
        assert client.get(reverse(f"admin:{model}_changelist")).status_code == 403, model


def test_an_admin_sees_people_and_settings_but_no_tenants(browser, admin_user):
    client = browser(admin_user)
    page = words(client.get("/admin/"))
    for shown in ("Users", "Roles", "Dead letters", "Tax rates", "Shipping methods", "Orders"):
        assert shown in page
    assert "Tenants" not in page
    assert client.get(reverse("admin:tenant_tenant_changelist")).status_code == 403


def test_not_even_a_superuser_of_a_shop_sees_the_tenants(browser, acme):
    from django.contrib.auth import get_user_model

    root = get_user_model().objects.create_superuser("root@acme.test", "correct-horse-9")
    client = browser(root)
    assert "Tenants" not in words(client.get("/admin/"))
    assert client.get(reverse("admin:tenant_tenant_changelist")).status_code == 403
    assert client.get(reverse("admin:tenant_tenant_add")).status_code == 403


def test_the_platform_shows_tenants_and_no_shop(operator):
    client = Browser("localhost", None)
    from apps.tenant.public import find, use_tenant

    with use_tenant(find("platform")):
        client.force_login(operator, backend="apps.accounts.backends.EmailBackend")
    page = words(client.get("/admin/"))
    assert "Tenants" in page
    assert "Events on their way" in page
    for hidden in ("Orders", "Products", "Categories"):
        assert hidden not in page
    assert client.get("/admin/product/product/").status_code == 403
    assert client.get("/admin/tenant/tenant/").status_code == 200


def test_a_session_of_one_tenant_is_nothing_in_another(browser, admin_user):
    client = browser(admin_user)
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/", HTTP_HOST="globex.localhost").status_code == 302


def test_an_object_of_another_tenant_is_not_found(browser, admin_user, globex):
    from apps.taxonomy.public import create_category
    from apps.tenant.public import use_tenant

    with use_tenant(globex):
        theirs = create_category(actor=Actor.system("tests"), translations={"en": {"name": "Books"}})
    client = browser(admin_user)
    assert client.get(reverse("admin:taxonomy_category_change", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("admin:taxonomy_category_delete", args=[theirs.pk]), {"post": "yes"}).status_code == 404
    with use_tenant(globex):
        assert type(theirs).objects.filter(pk=theirs.pk).exists()


def test_somebody_who_may_only_look_cannot_save(browser, acme, system):
    from apps.rbac.services import save_role
    from apps.taxonomy.public import create_category

    save_role(actor=system, slug="looker", name="Looker", permissions={"categories.read": "all"})
    looker = make_user("looker@acme.test", role="looker", is_staff=True)
    category = create_category(actor=system, translations={"en": {"name": "Tents"}})
    client = browser(looker)
    path = reverse("admin:taxonomy_category_change", args=[category.pk])
    page = client.get(path)
    assert page.status_code == 200
    assert "Tents" in words(page)
    assert client.post(path, {"name_en": "Gone", "slug": "gone", "position": "0"}).status_code == 403
    assert client.get("/admin/taxonomy/category/add/").status_code == 403
    category.refresh_from_db()
    assert category.slug == "tents"


# --- actions --------------------------------------------------------------------------------------------------------


def _actions():
    for page in admin.site._registry.values():
        for action in page.object_actions():
            yield page, action


@pytest.mark.parametrize(("page", "action"), list(_actions()), ids=lambda one: getattr(one, "name", str(one)))
def test_no_action_acts_by_get(page, action, rf, monkeypatch, acme):
    """A GET shows the question or is refused; only a POST acts."""
    called = []
    spied = replace(action, run=lambda *args: called.append(args), form=forms.Form if action.form else None)
    request = rf.get("/")
    request.actor = Actor.system("tests")
    monkeypatch.setattr(page, "get_object", lambda *args: page.model())
    monkeypatch.setattr(page, "_ask", lambda *args: HttpResponse("asked"))
    assert page._act(request, "1", spied).status_code == (200 if action.form else 405)
    assert called == []


def test_an_action_without_a_form_refuses_get(browser, manager):
    order = make_order("pending")
    path = reverse("admin:order_order_do_confirm", args=[order.pk])
    client = browser(manager)
    assert client.get(path).status_code == 405
    order.refresh_from_db()
    assert order.status == "pending"


def test_an_action_needs_the_csrf_token(acme, manager):
    order = make_order("pending")
    client = Browser("acme.localhost", manager)
    client.handler.enforce_csrf_checks = True
    assert client.post(reverse("admin:order_order_do_confirm", args=[order.pk])).status_code == 403
    order.refresh_from_db()
    assert order.status == "pending"


def test_an_action_needs_its_permission(browser, system):
    from apps.rbac.services import save_role

    save_role(actor=system, slug="reader", name="Reader", permissions={"orders.read": "all", "orders.list": "all"})
    order = make_order("pending")
    client = browser(make_user("reader@acme.test", role="reader", is_staff=True))
    page = client.get(reverse("admin:order_order_change", args=[order.pk]))
    assert page.status_code == 200
    assert "Confirm" not in words(page)
    assert client.post(reverse("admin:order_order_do_confirm", args=[order.pk])).status_code == 403
    order.refresh_from_db()
    assert order.status == "pending"


# --- search -----------------------------------------------------------------------------------------------------------


def test_the_search_finds_pages_and_objects_that_the_reader_may_see(browser, manager, admin_user):
    order = make_order("pending", email="needle@example.com")
    hit = browser(manager).get("/admin/search/?extended=1&s=needle")
    assert f"#{order.number}" in words(hit)
    assert "Users" not in words(browser(manager).get("/admin/search/?extended=1&s=users"))
    assert "Users" in words(browser(admin_user).get("/admin/search/?extended=1&s=users"))


def test_the_search_of_one_tenant_never_shows_hits_of_another(browser, admin_user, globex):
    """User 1 of B asks for what user 1 of A has just found (pitfall 30)."""
    from apps.tenant.public import use_tenant

    make_order("pending", email="secret@example.com")
    first = browser(admin_user)
    assert "secret@example.com" in words(first.get("/admin/search/?extended=1&s=secret"))
    with use_tenant(globex):
        twin = make_user("admin@globex.test", role="admin", is_staff=True)
        type(twin).objects.filter(pk=twin.pk).update(email="twin@globex.test")
        from django.contrib.auth import get_user_model

        same_key = get_user_model()(pk=admin_user.pk, email="same@globex.test", is_staff=True)
        same_key.set_password("correct-horse-9")
        same_key.save(force_insert=True)
        from apps.rbac.public import assign_role

        assign_role(actor=Actor.system("tests"), user_id=same_key.pk, role="admin")
        second = Browser("globex.localhost", same_key)
    answer = second.get("/admin/search/?extended=1&s=secret")
    assert answer.status_code == 200
    assert "secret@example.com" not in words(answer)


def test_the_search_is_bounded(browser, manager, django_assert_max_num_queries):
    for number in range(12):
        make_order("pending", email=f"many{number}@example.com")
    client = browser(manager)
    with django_assert_max_num_queries(60):
        answer = client.get("/admin/search/?extended=1&s=many")
    assert words(answer).count("@example.com") == 5


def test_a_product_of_many_variants_is_one_hit(browser, manager):
    ProductFactory(title="Hoodie", sized=True)
    assert words(browser(manager).get("/admin/search/?extended=1&s=hoodie")).count("Hoodie") == 1
