"""Rows inside a page: whoever may not change them changes none, and nobody reaches the rows of another object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from apps.navigation.services import set_menu
from apps.rbac.services import save_role
from rustok.kernel.access import Actor
from tests.admin.conftest import words
from tests.conftest import make_user
from tests.content.factories import make_page
from tests.product.factories import CollectionFactory, ProductFactory

SYSTEM = Actor.system("tests")

pytestmark = pytest.mark.usefixtures("acme")


def _menu(place: str) -> Any:
    items = [{"labels": {"en": name}, "url": f"/{name.lower()}/"} for name in ("Shop", "Blog")]
    return set_menu(actor=SYSTEM, location=place, items=items)


def _collection(_place: str) -> Any:
    return CollectionFactory(products=[ProductFactory().pk, ProductFactory().pk])


def _page(_place: str) -> Any:
    text = [{"type": "text", "data": {"body": body}} for body in ("First.", "Second.")]
    return make_page(blocks={"en": text})


def _product(_place: str) -> Any:
    return ProductFactory(sized=True)


@dataclass(frozen=True)
class Rows:
    """Rows of a page under attack: where they are, what makes a page with them, and what is typed into one."""

    page: str
    prefix: str
    resource: str
    make: Callable[[str], Any]
    typed: dict[str, str]

    def of(self, obj: Any) -> list[dict[str, Any]]:
        """Read what stands in the database."""
        obj = type(obj)._base_manager.get(pk=obj.pk)
        name = self.prefix.partition("_")[0]
        return list(getattr(obj, name).order_by("pk").values())


ROWS = [
    Rows("product_product", "options", "products", _product, {"name": "Hacked"}),
    Rows("product_product", "variants", "products", _product, {"sku": "HACKED", "weight_g": "7"}),
    Rows("product_collection", "items", "products", _collection, {"position": "9"}),
    Rows("pages_page", "blocks_en", "pages", _page, {"type": "text", "body": "Hacked."}),
    Rows("navigation_menu", "items", "pages", _menu, {"label_en": "Hacked", "url": "/hacked/"}),
]
each = pytest.mark.parametrize("rows", ROWS, ids=lambda rows: f"{rows.page}-{rows.prefix}")


def staff(rows: Rows, *actions: str) -> Any:
    """Make staff who may just this with pages of a kind."""
    save_role(
        actor=SYSTEM, slug="attacker", name="Attacker", permissions={f"{rows.resource}.{one}": "all" for one in actions}
    )
    return make_user("attacker@acme.test", role="attacker", is_staff=True)


def address(rows: Rows, obj: Any) -> str:
    return reverse(f"admin:{rows.page}_change", args=[obj.pk])


def test_every_inline_is_attacked_here(browser, admin_user, rf):
    request = rf.get("/")
    request.actor = SYSTEM
    found = set()
    for model, page in admin.site._registry.items():
        if page.inlines or type(page).get_inlines is not admin.ModelAdmin.get_inlines:
            obj = next((rows.make("header") for rows in ROWS if rows.page.endswith(model._meta.model_name)), None)
            shown = page.get_object(request, str(obj.pk)) if obj else None
            found |= {inline.model._meta.label for inline in page.get_inlines(request, shown)}
    assert found == {
        "product.Option",
        "product.Variant",
        "product.CollectionItem",
        "pages.Block",
        "navigation.MenuItem",
    }


@each
def test_who_may_only_look_writes_no_row(rows, browser, admin_user):
    obj = rows.make("header")
    sent = browser(admin_user).filled(address(rows, obj))
    before = rows.of(obj)
    client = browser(staff(rows, "read", "list"))
    assert client.get(address(rows, obj)).status_code == 200
    typed = {f"{rows.prefix}-0-{name}": value for name, value in rows.typed.items()}
    assert client.post(address(rows, obj), sent | typed).status_code == 403
    assert client.post(address(rows, obj), sent | {f"{rows.prefix}-0-DELETE": "on"}).status_code == 403
    assert rows.of(obj) == before


@each
def test_the_rows_of_another_object_are_not_reached_through_this_one(rows, browser, admin_user):
    mine, other = rows.make("header"), rows.make("footer")
    client = browser(admin_user)
    sent = client.filled(address(rows, mine))
    theirs = client.filled(address(rows, other))[f"{rows.prefix}-0-id"]
    before = rows.of(mine), rows.of(other)
    typed = {f"{rows.prefix}-0-{name}": value for name, value in rows.typed.items()}
    for more in (typed, {f"{rows.prefix}-0-DELETE": "on"}, {}):
        answer = client.post(address(rows, mine), sent | {f"{rows.prefix}-0-id": theirs} | more)
        assert answer.status_code == 200  # the form again
    assert (rows.of(mine), rows.of(other)) == before


@each
def test_rows_do_not_go_by_being_left_out(rows, browser, admin_user):
    obj = rows.make("header")
    client = browser(admin_user)
    sent = client.filled(address(rows, obj))
    before = rows.of(obj)
    own = f"{rows.prefix}-0-"
    first = {name: value for name, value in sent.items() if name.startswith(own)} | {
        f"{own}{name}": value for name, value in rows.typed.items()
    }
    none = {name: value for name, value in sent.items() if not name.startswith(f"{rows.prefix}-")}
    for total, kept in (("0", {}), ("1", first)):
        count = {f"{rows.prefix}-TOTAL_FORMS": total, f"{rows.prefix}-INITIAL_FORMS": total}
        answer = client.post(address(rows, obj), none | kept | count)
        assert "These rows are not those that stand here now" in words(answer)
    assert rows.of(obj) == before
    assert client.post(address(rows, obj), none).status_code == 200  # without a word about the rows
    assert rows.of(obj) == before


@each
def test_who_may_change_but_neither_add_nor_delete_leaves_as_many_rows(rows, browser, admin_user):
    obj = rows.make("header")
    sent = browser(admin_user).filled(address(rows, obj))
    before = rows.of(obj)
    client = browser(staff(rows, "read", "list", "update"))
    count = len(before)
    own = f"{rows.prefix}-{count}-"
    added = {f"{own}{name}": value for name, value in rows.typed.items()} | {
        f"{rows.prefix}-TOTAL_FORMS": str(count + 1)
    }
    client.post(address(rows, obj), sent | added)
    client.post(address(rows, obj), sent | {f"{rows.prefix}-0-DELETE": "on"})
    assert len(rows.of(obj)) == count
    assert "Hacked" not in str(rows.of(obj))


@each
def test_an_unchanged_page_is_saved_as_it_was(rows, browser, admin_user):
    obj = rows.make("header")
    client = browser(admin_user)
    count = len(rows.of(obj))
    answer = client.send(address(rows, obj))
    assert answer.status_code == 302, words(answer)
    assert len(rows.of(obj)) == count
