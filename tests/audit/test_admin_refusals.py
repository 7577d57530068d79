"""Who is refused something in the back office: the log keeps it, whichever way it was tried."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from apps.audit.models import AuditEntry
from apps.navigation.services import set_menu
from apps.rbac.services import Grantee, grant_access, save_role
from rustok.kernel.access import Actor
from rustok.kernel.context import bind, current_work
from rustok.kernel.edges.declared import DeclaredViewsMiddleware, NotGranted, declared
from tests.admin.conftest import Browser
from tests.conftest import make_user
from tests.content.factories import make_page
from tests.order.factories import make_order
from tests.product.factories import ProductFactory

SYSTEM = Actor.system("tests")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


@pytest.fixture
def looker(acme):
    """Staff who may only look, at whatever there is."""
    seen = ("products", "orders", "pages", "logs", "modules", "inventory")
    save_role(actor=SYSTEM, slug="looker", name="Looker", permissions={f"{one}.read": "all" for one in seen})
    return make_user("looker@acme.test", role="looker", is_staff=True)


def refusals():
    return list(AuditEntry.objects.filter(action="permission.refused").order_by("id"))


def the_refusal():
    (entry,) = refusals()
    return entry.after["permission"], entry.object_type, entry.object_id


def test_a_button_is_on_record_with_its_object(looker):
    order = make_order("pending")
    path = reverse("admin:order_order_do_confirm", args=[order.pk])
    assert Browser(user=looker).post(path).status_code == 403
    assert the_refusal() == ("orders.update", "order.order", str(order.pk))
    assert (refusals()[0].actor_id, refusals()[0].address) == (looker.pk, "127.0.0.1")


def test_an_action_on_many_is_refused_and_on_record(looker):
    product = ProductFactory()
    sent = {"action": "publish_all", "_selected_action": [str(product.pk)], "index": "0"}
    assert Browser(user=looker).post("/admin/product/product/", sent).status_code == 403
    assert the_refusal() == ("products.update", "", "")
    product.refresh_from_db()
    assert not product.is_on_sale


@pytest.mark.parametrize(("step", "permission"), [
    ("add", "products.create"), ("change", "products.update"), ("delete", "products.delete"),
])  # fmt: skip
def test_a_form_is_on_record(step, permission, looker):
    product = ProductFactory()
    path = reverse(f"admin:product_product_{step}", args=[] if step == "add" else [product.pk])
    assert Browser(user=looker).post(path, {"post": "yes"}).status_code == 403
    about = ("", "") if step == "add" else ("product.product", str(product.pk))
    assert the_refusal() == (permission, *about)


@pytest.mark.parametrize(("path", "permission"), [
    ("/admin/tenant/module/blog/switch/", "modules.update"),
    ("/admin/outbox/deadletter/matching/retry/", "logs.manage"),
    ("/admin/audit/auditentry/export/csv/", "logs.export"),
])  # fmt: skip
def test_a_pages_own_address_is_on_record(path, permission, looker):
    assert Browser(user=looker).post(path).status_code == 403
    assert the_refusal()[0] == permission


def test_what_one_may_not_even_see_is_on_record_like_the_apis():
    blind = make_user("blind@acme.test", is_staff=True)
    product = ProductFactory()
    assert Browser(user=blind).post(reverse("admin:product_product_do_publish", args=[product.pk])).status_code == 404
    assert the_refusal() == ("products.update", "", "")


def test_what_is_not_there_is_no_refusal(manager):
    path = reverse("admin:product_product_change", args=["019bc0fd-89c0-789d-ab69-60453241bc5b"])
    assert Browser(user=manager).post(path).status_code == 404
    assert refusals() == []


def test_a_customer_who_tries_the_back_office_is_on_record(customer):
    order = make_order("pending")
    path = reverse("admin:order_order_do_confirm", args=[order.pk])
    assert Browser(user=customer).post(path).status_code == 302
    assert the_refusal()[0] == "orders.update"


def test_looking_around_leaves_nothing(looker, customer):
    for user in (looker, customer, None):
        for path in ("/admin/", "/admin/accounts/user/", "/admin/product/product/add/", "/admin/logout/"):
            Browser(user=user).get(path)
    Browser(user=customer).post("/admin/logout/")
    assert refusals() == []


def test_a_plain_view_is_on_record(customer, actor):
    request = RequestFactory().post("/")
    request.resolver_match, request.actor = None, actor(customer)
    view = declared("products.import")(lambda request: HttpResponse())
    with bind(replace(current_work(), is_write=True)), pytest.raises(NotGranted):
        DeclaredViewsMiddleware(HttpResponse).process_view(request, view, (), {})
    assert the_refusal()[0] == "products.import"


def test_who_may_change_some_pages_may_not_replace_a_menu_and_that_is_on_record(api):
    """Own pages, one shared page, and a policy for some pages: none of them is the right to change what all see."""
    from apps.navigation.selectors import menu
    from apps.rbac.services import save_policy

    set_menu(actor=SYSTEM, location="header", items=[{"labels": {"en": "Shop"}, "url": "/products/"}])
    save_role(actor=SYSTEM, slug="own", name="Own", permissions={"pages.manage": "own"})
    page = make_page()
    shared = make_user("shared@acme.test", is_staff=True)
    grant_access(actor=SYSTEM, permission="pages.update", obj=page, to=Grantee("user", shared.pk))
    people = [make_user("own@acme.test", role="own", is_staff=True), shared]
    body = {"items": [{"labels": {"en": "Hacked"}, "url": "/hacked/"}]}
    for user in people:
        assert api(user).put("/api/v1/menus/header/", body).status_code == 403
        assert "sources" not in api(user).get("/api/v1/menus/header/?include=translations").json()
        assert Browser(user=user).get("/admin/navigation/menu/").status_code == 403
        values = {"location": "footer", "items-TOTAL_FORMS": "0", "items-INITIAL_FORMS": "0"}
        assert Browser(user=user).post("/admin/navigation/menu/add/", values).status_code in (200, 403)
    save_policy(
        actor=SYSTEM, name="about", effect="allow", resource="pages", actions=["read", "update"],
        condition='object.path == "about"',
    )  # fmt: skip
    ruled = make_user("ruled@acme.test", is_staff=True)
    assert api(ruled).put("/api/v1/menus/header/", body).status_code == 403
    assert [one["label"] for one in menu("header", "en")] == ["Shop"]
    assert menu("footer", "en") == []
    assert {one.actor_id for one in refusals()} == {one.pk for one in (*people, ruled)}


def test_a_policy_that_forbids_holds_for_menus_too(api, manager):
    from apps.rbac.services import save_policy

    body = {"items": [{"labels": {"en": "News"}, "url": "/blog/"}]}
    assert api(manager).put("/api/v1/menus/header/", body).status_code == 200
    save_policy(
        actor=SYSTEM, name="not by token", effect="deny", resource="pages", actions=["update"],
        condition='environment.via == "token"',
    )  # fmt: skip
    assert api(manager).put("/api/v1/menus/header/", body).status_code == 403
