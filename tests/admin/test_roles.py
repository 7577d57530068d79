"""The back office as each kind of staff: what lists, choices, searches, histories and direct addresses show them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.rbac.services import Grantee, grant_access, save_role, save_team
from rustok.kernel.access import Actor
from tests.admin.conftest import Browser, words
from tests.conftest import make_user
from tests.content.factories import make_page, make_post
from tests.order.factories import make_order
from tests.product.factories import ProductFactory

SYSTEM = Actor.system("tests")
LISTS = (
    "accounts_user", "rbac_role", "rbac_team", "rbac_policy", "audit_auditentry", "outbox_deadletter",
    "product_product", "product_collection", "pages_page", "blog_post", "media_asset", "taxonomy_category",
)  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


def staff(email: str, permissions: dict[str, str] | None = None) -> object:
    """Make staff with a role of just these permissions, or without any."""
    if permissions is None:
        return make_user(email, is_staff=True)
    slug = email.partition("@")[0]
    save_role(actor=SYSTEM, slug=slug, name=slug.title(), permissions=permissions)
    return make_user(email, role=slug, is_staff=True)


def written_by(author, post):
    """Make somebody the author of a post."""
    post.node.author_id = author.pk
    post.node.save(update_fields=["author_id"])
    return post


def test_staff_without_a_role_get_the_front_page_and_no_list(browser):
    client = browser(staff("bare@acme.test"))
    assert client.get("/admin/").status_code == 200
    for name in LISTS:
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403, name
        assert client.get(reverse(f"admin:{name}_changelist") + "add/").status_code == 403, name


def test_staff_without_a_role_find_nothing(browser):
    order = make_order("pending", email="needle@example.com")
    client = browser(staff("bare@acme.test"))
    assert "needle" not in words(client.get("/admin/search/?extended=1&s=needle")).replace("s=needle", "")
    assert client.get(reverse("admin:order_order_change", args=[order.pk])).status_code == 404


def test_a_manager_reaches_no_people_by_any_address(browser, manager, admin_user):
    client = browser(manager)
    for way in ("change", "history", "delete"):
        assert client.get(reverse(f"admin:accounts_user_{way}", args=[admin_user.pk])).status_code in (403, 404), way
    for action in ("give_password", "log_out_everywhere"):
        where = reverse(f"admin:accounts_user_do_{action}", args=[admin_user.pk])
        assert client.post(where, {"password": "another-horse-9"}).status_code in (403, 404)
    assert client.get("/admin/audit/auditentry/export/csv/").status_code == 403


def test_an_author_sees_and_changes_their_own_posts_alone(browser):
    author = staff("author@acme.test", {"posts.manage": "own"})
    mine = written_by(author, make_post(translations={"en": {"title": "Mine", "body": "."}}))
    other = make_post(translations={"en": {"title": "Foreign", "body": "."}})
    client = browser(author)
    page = words(client.get(reverse("admin:blog_post_changelist")))
    assert "Mine" in page
    assert "Foreign" not in page
    assert client.get(reverse("admin:blog_post_change", args=[mine.pk])).status_code == 200
    for way in ("change", "history", "delete"):
        assert client.get(reverse(f"admin:blog_post_{way}", args=[other.pk])).status_code in (403, 404), way
    found = words(client.get("/admin/search/?extended=1&s=foreign")).replace("s=foreign", "")
    assert "Foreign" not in found


def test_who_sees_all_and_changes_their_own_opens_the_others_to_read(browser):
    author = staff("author@acme.test", {"posts.read": "all", "posts.list": "all", "posts.update": "own"})
    mine = written_by(author, make_post(translations={"en": {"title": "Mine", "body": "."}}))
    other = make_post(translations={"en": {"title": "Foreign", "body": "."}})
    client = browser(author)
    assert b'name="_save"' in client.get(reverse("admin:blog_post_change", args=[mine.pk])).content
    page = client.get(reverse("admin:blog_post_change", args=[other.pk]))
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert client.post(reverse("admin:blog_post_change", args=[other.pk]), {"title_en": "Gone"}).status_code == 403


def test_choices_offer_what_the_reader_may_see(browser):
    from apps.taxonomy.public import create_category

    create_category(actor=SYSTEM, translations={"en": {"name": "Secret tents"}})
    product = ProductFactory(handle="one")
    only = staff("products@acme.test", {"products.manage": "all"})
    both = staff("both@acme.test", {"products.manage": "all", "categories.read": "all"})
    where = reverse("admin:product_product_change", args=[product.pk])
    assert "Secret tents" in browser(both).get(where).content.decode()
    assert "Secret tents" not in browser(only).get(where).content.decode()


def test_autocomplete_answers_nobody_without_the_permission(browser, manager):
    asked = "/admin/autocomplete/?app_label=order&model_name=order&field_name=customer&term=a"
    for client in (browser(staff("bare@acme.test")), browser(manager)):
        assert client.get(asked).status_code in (403, 404)


def test_the_search_never_shows_one_reader_what_another_found(browser, manager):
    """Two readers of one tenant ask for the same; nothing is remembered from the one for the other."""
    ProductFactory(title="Needle case")
    assert "Needle case" in words(browser(manager).get("/admin/search/?extended=1&s=needle"))
    assert "Needle case" not in words(browser(staff("bare@acme.test")).get("/admin/search/?extended=1&s=needle"))


def test_a_grantee_finds_what_was_given_and_nothing_else(browser):
    editor = staff("editor@acme.test")
    mine, _other = ProductFactory(title="Needle case"), ProductFactory(title="Needle box")
    grant_access(actor=SYSTEM, permission="products.read", obj=mine, to=Grantee("user", editor.pk))
    found = words(browser(editor).get("/admin/search/?extended=1&s=needle"))
    assert "Needle case" in found
    assert "Needle box" not in found


def test_a_bulk_action_that_does_not_say_who_may_is_a_gap_and_does_not_run(browser, manager, monkeypatch):
    from django.contrib import admin

    from rustok.access_audit import audit

    page = next(one for model, one in admin.site._registry.items() if model._meta.label == "order.Order")
    order = make_order("pending")
    monkeypatch.delattr(type(page).confirm_all, "allowed_permissions")
    assert ("action", "order.Order: confirm_all") in {(e.edge, e.path) for e in audit() if e.permission is None}
    client = browser(manager)
    client.post("/admin/order/order/", {"action": "confirm_all", "_selected_action": [str(order.pk)]})
    order.refresh_from_db()
    assert order.status == "pending"


# --- people, roles and what is shared, in words ---------------------------------------------------------------------


def test_a_role_can_be_given_for_what_is_somebodys_own(browser, admin_user):
    from apps.rbac.models import Role

    client = browser(admin_user)
    page = client.get("/admin/rbac/role/add/").content.decode()
    assert "see all, change their own" in page
    sent = {
        "name": "Author",
        "slug": "author",
        "may_posts": "mixed",
        "may_pages": "manage_own",
        "may_orders": "read_own",
    }
    assert client.post("/admin/rbac/role/add/", sent).status_code == 302
    role = Role.objects.because("tests").get(slug="author")
    assert dict(role.permissions.values_list("permission", "scope")) == {
        "posts.read": "all", "posts.list": "all", "posts.create": "own", "posts.update": "own",
        "pages.manage": "own", "orders.read": "own", "orders.list": "own",
    }  # fmt: skip
    values = client.filled(reverse("admin:rbac_role_change", args=[role.pk]))
    assert (values["may_posts"], values["may_pages"], values["may_orders"]) == ("mixed", "manage_own", "read_own")


def test_what_is_nobodys_own_is_not_offered_as_such(browser, admin_user):
    client = browser(admin_user)
    refused = client.post("/admin/rbac/role/add/", {"name": "X", "slug": "x", "may_settings": "manage_own"})
    assert refused.status_code == 200
    assert "manage_own is not one of the available choices" in words(refused)


def test_somebodys_page_says_what_was_shared_with_them_and_their_teams(browser, admin_user):
    editor = staff("editor@acme.test")
    team = save_team(actor=SYSTEM, name="Writers", members=[editor.pk])
    shirt, about = ProductFactory(title="Shirt"), make_page(path="about")
    client = browser(admin_user)
    where = reverse("admin:accounts_user_change", args=[editor.pk])
    assert "Nothing." in words(client.get(where))
    grant_access(actor=SYSTEM, permission="products.update", obj=shirt, to=Grantee("user", editor.pk))
    grant_access(actor=SYSTEM, permission="pages.read", obj=about, to=Grantee("team", team.pk))
    page = words(client.get(where))
    assert "(see and change it)" in page
    assert "through the team Writers" in page


def test_somebodys_page_names_only_what_its_reader_may_see(browser):
    editor = staff("editor@acme.test")
    grant_access(
        actor=SYSTEM, permission="products.read", obj=ProductFactory(title="Secret"), to=Grantee("user", editor.pk)
    )
    page = words(browser(staff("hr@acme.test", {"users.read": "all"})).get(
        reverse("admin:accounts_user_change", args=[editor.pk])
    ))  # fmt: skip
    assert "Secret" not in page
    assert "1 more" in page


def test_somebodys_page_asks_no_more_with_more_shared(browser, admin_user):
    editor = staff("editor@acme.test")
    client = browser(admin_user)
    where = reverse("admin:accounts_user_change", args=[editor.pk])
    counts = []
    for _round in range(3):
        for obj, permission in ((ProductFactory(), "products.read"), (make_page(), "pages.read")):
            grant_access(actor=SYSTEM, permission=permission, obj=obj, to=Grantee("user", editor.pk))
        client.get(where)
        with CaptureQueriesContext(connection) as asked:
            client.get(where)
        counts.append(len(asked))
    assert counts[0] == counts[1] == counts[2]


def test_who_helps_people_does_not_get_into_an_admins_account(browser, admin_user, customer):
    helper = staff("helper@acme.test", {"users.read": "all", "users.list": "all", "users.update": "all"})
    client = browser(helper)
    where = reverse("admin:accounts_user_do_give_password", args=[admin_user.pk])
    client.post(where, {"password": "another-horse-9"})
    client.send(reverse("admin:accounts_user_change", args=[admin_user.pk]), email="mine@evil.test")
    fresh = type(admin_user)._base_manager.get(pk=admin_user.pk)
    assert fresh.email == admin_user.email
    assert fresh.check_password("correct-horse-9")
    own = reverse("admin:accounts_user_do_give_password", args=[customer.pk])
    assert client.post(own, {"password": "another-horse-9"}).status_code == 302
    assert type(customer)._base_manager.get(pk=customer.pk).check_password("another-horse-9")


def test_a_session_shows_the_new_rights_with_the_next_click(browser):
    editor, product = staff("editor@acme.test"), ProductFactory()
    client = Browser("acme.localhost", editor)
    assert client.get("/admin/product/product/").status_code == 403
    grant_access(actor=SYSTEM, permission="products.read", obj=product, to=Grantee("user", editor.pk))
    assert client.get("/admin/product/product/").status_code == 200
