"""Somebody without a role, with whom one object was shared: they find it, and no list that holds nothing for them."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.product.models import Collection
from apps.rbac.services import Grantee, grant_access, save_policy, save_role, save_team
from rustok.kernel.access import Actor
from tests.admin.conftest import words
from tests.conftest import make_user
from tests.content.factories import make_board, make_page, make_post, make_topic
from tests.product.factories import ProductFactory

SYSTEM = Actor.system("tests")
LISTS = sorted(f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry)

pytestmark = pytest.mark.usefixtures("acme")


@pytest.fixture
def editor(acme):
    """Staff without a role; there is one object of each kind that can be shared, all of them by others."""
    make_board()
    return make_user("editor@acme.test", is_staff=True)


def make_collection():
    return Collection.objects.create(handle="summer")


MAKERS = {
    "pages_page": (make_page, "pages"), "blog_post": (make_post, "posts"), "forum_topic": (make_topic, "nodes"),
    "product_product": (ProductFactory, "products"), "product_collection": (make_collection, "products"),
}  # fmt: skip

#: Lists of what every customer may have of their own; the menu of the back office leaves them out.
OWN = {"comments_comment", "forum_reply", "order_order"}


def opened(client):
    """Name the lists that open, beyond everybody's own."""
    return {name for name in LISTS if client.get(reverse(f"admin:{name}_changelist")).status_code == 200} - OWN


def in_menu(client):
    """Name the lists that the sidebar and the first page lead to."""
    page = client.get("/admin/").content.decode()
    return {name for name in LISTS if f'href="{reverse(f"admin:{name}_changelist")}"' in page}


@pytest.mark.parametrize("through_team", [False, True], ids=["to a person", "to a team"])
@pytest.mark.parametrize("kind", MAKERS)
def test_what_was_shared_opens_its_own_list_and_no_other(kind, through_team, browser, editor):
    made = {name: make() for name, (make, _resource) in MAKERS.items()}
    to = Grantee("user", editor.pk)
    if through_team:
        to = Grantee("team", save_team(actor=SYSTEM, name="Writers", members=[editor.pk]).pk)
    client = browser(editor)
    assert opened(client) == in_menu(client) == set()
    grant_access(actor=SYSTEM, permission=f"{MAKERS[kind][1]}.update", obj=made[kind], to=to)
    assert opened(client) == in_menu(client) == {kind}
    page = client.get(reverse(f"admin:{kind}_changelist"))
    assert [row.pk for row in page.context["cl"].result_list] == [made[kind].pk]
    assert client.get(reverse(f"admin:{kind}_change", args=[made[kind].pk])).status_code == 200


def test_the_search_of_somebody_with_one_page_looks_at_pages_only(browser, editor):
    page = make_page(path="needle")
    make_post(translations={"en": {"title": "Needle post", "body": "x"}})
    grant_access(actor=SYSTEM, permission="pages.read", obj=page, to=Grantee("user", editor.pk))
    found = words(browser(editor).get("/admin/search/?extended=1&s=needle"))
    assert "A page" in found
    assert "Needle post" not in found
    assert "Posts" not in words(browser(editor).get("/admin/search/?s=posts"))


def test_an_author_has_a_list_before_the_first_post_but_none_of_what_nobody_owns(browser):
    save_role(
        actor=SYSTEM, slug="author", name="Author",
        permissions={"posts.read": "own", "posts.create": "own", "pages.read": "own", "nodes.read": "own"},
    )  # fmt: skip
    client = browser(make_user("author@acme.test", role="author", is_staff=True))
    assert opened(client) == {"blog_post", "pages_page", "forum_topic"}  # neither menus nor boards


def test_a_policy_about_products_opens_no_collections(browser, editor):
    save_policy(
        actor=SYSTEM, name="own brand", effect="allow", resource="products", actions=["read", "list"],
        condition='object.vendor == "Fjell"',
    )  # fmt: skip
    assert opened(browser(editor)) == {"product_product"}


def test_a_page_asks_once_whether_a_list_has_rows(browser, editor):
    counts = []
    for _round in range(2):
        for _page in range(3):
            page = make_page()
            grant_access(actor=SYSTEM, permission="pages.update", obj=page, to=Grantee("user", editor.pk))
        client = browser(editor)
        client.get("/admin/pages/page/")
        with CaptureQueriesContext(connection) as seen:
            client.get("/admin/pages/page/")
        asked = [one["sql"] for one in seen if one["sql"].startswith("SELECT 1 AS") and '"blog_post"' in one["sql"]]
        assert len(asked) == 1
        counts.append(len(seen))
    assert counts[0] == counts[1]
