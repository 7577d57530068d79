"""Policies in the back office: the page that makes them, and what an editor with one sees there."""

from __future__ import annotations

from typing import Any

import pytest

from apps.product.models import Product
from apps.rbac.models import Policy
from tests.admin.conftest import Browser, words
from tests.product.factories import ProductFactory
from tests.rbac.factories import fresh_actor, person, policy

GIVEN = {"name": "Vendors", "effect": "allow", "resource": "products", "actions": ["read", "update"], "enabled": "on",
         "condition": "object.vendor == subject.vendor"}  # fmt: skip


@pytest.fixture
def boss(browser: Any, admin_user: Any) -> Browser:
    return browser(admin_user)


def test_an_admin_makes_a_policy_and_sees_what_it_may_say(boss: Browser) -> None:
    page = words(boss.get("/admin/rbac/policy/add/"))
    assert "object.vendor" in page
    assert "subject.roles" in page
    assert boss.send("/admin/rbac/policy/add/", **GIVEN).status_code == 302
    assert Policy.objects.get().actions == ["read", "update"]
    assert "forbids" not in words(boss.get("/admin/rbac/policy/"))


def test_an_error_stands_beside_the_condition_and_what_was_written_stays(boss: Browser) -> None:
    answer = boss.send("/admin/rbac/policy/add/", **(GIVEN | {"condition": "object.vendr == 1"}))
    assert answer.status_code == 200
    assert "object.vendor" in answer.context["adminform"].form.errors["condition"][0]
    assert not Policy.objects.exists()


def test_a_policy_is_tried_on_somebody(boss: Browser, acme: Any) -> None:
    somebody = person("editor@acme.test", vendor="Acme")
    product = ProductFactory(vendor="Globex")
    one = policy("object.vendor == subject.vendor")
    path = f"/admin/rbac/policy/{one.pk}/do/try_it/"
    answer = boss.post(path, {"email": somebody.email, "action": "read", "kind": "product", "object_id": product.pk},
                       follow=True)  # fmt: skip
    assert "No, not allowed." in words(answer)


def test_attributes_of_a_person_are_said_on_their_page(boss: Browser, acme: Any) -> None:
    somebody = person("editor@acme.test")
    boss.post(f"/admin/accounts/user/{somebody.pk}/do/say_attributes/", {"attributes": "vendor = Acme\nlimit = 5"})
    assert fresh_actor(somebody).attributes == {"vendor": "Acme", "limit": 5}


def test_an_editor_with_a_policy_sees_and_changes_own_products_only(browser: Any, acme: Any) -> None:
    policy("object.vendor == subject.vendor", actions=["manage"])
    own, other = ProductFactory(vendor="Acme"), ProductFactory(vendor="Globex")
    editor = browser(person("editor@acme.test", vendor="Acme"))
    listed = editor.get("/admin/product/product/").context["cl"].result_list
    assert [row.pk for row in listed] == [own.pk]
    assert editor.get(f"/admin/product/product/{other.pk}/change/").status_code == 404
    path = f"/admin/product/product/{own.pk}/change/"
    answer = editor.send(path, vendor="Globex")
    assert answer.status_code == 200
    assert Product.objects.get(pk=own.pk).vendor == "Acme"
    assert editor.send(path, button_text="Buy").status_code == 302
    assert Product.objects.get(pk=own.pk).button_text == "Buy"
