"""A page that is saved as it was leaves nothing in the log but what changed; and what is there can be read."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.audit.models import AuditEntry
from apps.navigation.services import set_menu
from apps.product import services
from apps.rbac.services import save_team
from tests.admin.conftest import Browser, words
from tests.conftest import make_user
from tests.content.factories import SYSTEM, make_page, make_post
from tests.product.factories import NOW, CollectionFactory, ProductFactory, asset

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

TRANSLATED = [{"name": "Size", "values": ["S", "M"], "translations": {"de": {"name": "Größe", "values": {"S": "K"}}}}]


def whole_product() -> Any:
    """Make a product with everything that a page replaces as a list."""
    images = [asset("red"), asset("blue")]
    return ProductFactory(tags=["new", "blue"], images=images, options=TRANSLATED, variants=[
        {"options": {"Size": "S"}, "image_id": images[0]}, {"options": {"Size": "M"}},
    ])  # fmt: skip


def rows_since(last: AuditEntry | None) -> list[tuple[str, str, str]]:
    """List what the database wrote down of rows since an entry: what was done, to what, and what that is called."""
    found = AuditEntry.objects.filter(action__startswith="row.").exclude(object_type="admin.logentry").order_by("id")
    newer = found.filter(id__gt=last.pk) if last else found
    return [(one.action, one.object_type, one.object_label) for one in newer]


def newest() -> AuditEntry | None:
    return AuditEntry.objects.order_by("id").last()


MADE = {
    "product_product": whole_product,
    "product_collection": lambda: CollectionFactory(products=[ProductFactory().pk, ProductFactory().pk]),
    "navigation_menu": lambda: set_menu(actor=SYSTEM, location="header", items=[
        {"labels": {"en": "Shop", "de": "Laden"}, "url": "/products/", "children": [
            {"labels": {"en": "Tents"}, "url": "/categories/tents/"},
        ]},
        {"labels": {"en": "Blog"}, "url": "/blog/"},
    ]),
    "pages_page": make_page,
    "blog_post": lambda: make_post(tags=["news", "tents"]),
    "rbac_team": lambda: save_team(actor=SYSTEM, name="W", members=[make_user("w@acme.test", is_staff=True).pk]),
}  # fmt: skip


@pytest.mark.parametrize("page", MADE)
def test_an_unchanged_page_leaves_nothing(page: str, admin_user: Any) -> None:
    obj = MADE[page]()
    client, where = Browser(user=admin_user), reverse(f"admin:{page}_change", args=[obj.pk])
    sent = client.filled(where)
    last = newest()
    answer = client.post(where, sent)
    assert answer.status_code == 302, words(answer)
    assert rows_since(last) == []


def test_a_changed_tag_leaves_that_tag_alone(admin_user: Any) -> None:
    product = whole_product()
    client, where = Browser(user=admin_user), reverse("admin:product_product_change", args=[product.pk])
    sent = client.filled(where)
    last = newest()
    assert client.post(where, sent | {"tag_names": "blue, warm"}).status_code == 302
    assert sorted(rows_since(last)) == [
        ("row.delete", "product.producttag", "new"),
        ("row.insert", "product.producttag", "warm"),
        ("row.insert", "taxonomy.tag", "warm"),
    ]


def test_images_in_another_order_are_moved_and_not_made_anew(system: Any) -> None:
    product = whole_product()
    before = {image.asset_id: image.pk for image in product.images.filter(variant=None)}
    red, blue = product.images.filter(variant=None).order_by("position").values_list("asset_id", flat=True)
    last = newest()
    services.update_product(actor=system, product_id=product.pk, now=NOW, images=[blue, red])
    assert rows_since(last) == [("row.update", "product.productimage", name) for name in ("blue.png", "red.png")]
    assert {image.asset_id: image.pk for image in product.images.filter(variant=None)} == before


def test_options_and_members_that_are_given_again_leave_nothing(system: Any) -> None:
    product, first, second = whole_product(), ProductFactory(), ProductFactory()
    group = ProductFactory(kind="grouped", members=[first.pk, second.pk])
    variant = product.variants.first()
    last = newest()
    services.update_product(actor=system, product_id=product.pk, now=NOW, options=TRANSLATED, tags=["blue", "new"])
    services.update_product(actor=system, product_id=group.pk, now=NOW, members=[first.pk, second.pk])
    services.update_variant(actor=system, variant_id=variant.pk, options={"Size": variant.choices.get().value.value})
    assert rows_since(last) == []
    services.update_product(actor=system, product_id=group.pk, now=NOW, members=[second.pk])
    assert rows_since(last) == [
        ("row.delete", "product.productlink", first.handle), ("row.update", "product.productlink", second.handle),
    ]  # fmt: skip


def test_a_translation_that_is_no_longer_said_goes_and_the_others_stay(system: Any) -> None:
    product = whole_product()
    option = product.options.get()
    said = option.translations.get()
    services.update_product(actor=system, product_id=product.pk, now=NOW, options=[
        {"name": "Size", "values": ["S", "M"], "translations": {"de": {"name": "Gr."}}},
    ])  # fmt: skip
    again = option.translations.get()
    assert (again.pk, again.name) == (said.pk, "Gr.")
    assert not option.values.get(value="S").translations.exists()


def test_a_menu_keeps_what_stays_where_it_was(system: Any) -> None:
    menu = MADE["navigation_menu"]()
    shop = menu.items.get(url="/products/")
    last = newest()
    set_menu(actor=system, location="header", items=[{"labels": {"en": "All"}, "url": "/products/"}])
    assert [one.pk for one in menu.items.all()] == [shop.pk]
    assert [one.label for one in shop.translations.all()] == ["All"]
    assert sorted({kind for _action, kind, _label in rows_since(last)}) == [
        "navigation.menuitem", "navigation.menuitemtranslation",
    ]  # fmt: skip


def test_a_menu_that_is_turned_inside_out_is_as_it_was_asked_for(system: Any) -> None:
    from apps.navigation.selectors import menu

    MADE["navigation_menu"]()
    set_menu(actor=system, location="header", items=[
        {"labels": {"en": "Blog"}, "url": "/blog/", "children": [
            {"labels": {"en": "Shop"}, "url": "/products/", "children": [{"labels": {"en": "Tents"}, "url": "/t/"}]},
        ]},
        {"labels": {"en": "More"}, "url": "/more/"},
    ])  # fmt: skip

    def tree(items: Any) -> Any:
        return [(one["label"], tree(one["children"])) for one in items]

    assert tree(menu("header", "en")) == [("Blog", [("Shop", [("Tents", [])])]), ("More", [])]


def test_rows_that_only_link_are_called_like_what_they_link() -> None:
    """Each table of two foreign keys; and what is written of one reads well."""
    from rustok.kernel.audit import audited_models

    nameless = []
    for model, audited in audited_models():
        own = {field.name for field in model._meta.concrete_fields} - {"id", "position", "created_at", "updated_at"}
        if all(model._meta.get_field(name).is_relation for name in own) and not audited.label_of(model):
            nameless.append(model._meta.label)
    assert nameless == ["accounts.User_user_permissions", "auth.Group_permissions"]  # Django's; nobody uses them


def test_a_role_and_a_team_are_named_in_the_log_of_a_person(system: Any) -> None:
    last = newest()
    user: User = make_user("ann@acme.test", role="manager", is_staff=True)
    save_team(actor=system, name="Writers", members=[user.pk])
    found = rows_since(last)
    assert ("row.insert", "rbac.roleassignment", "Manager") in found
    assert ("row.insert", "accounts.user_groups", "Writers") in found
