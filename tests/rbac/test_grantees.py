"""Staff without a role to whom one object was given by name: what each edge shows them, lets them do, and refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from apps.rbac.services import Grantee, grant_access, withdraw_access
from rustok.kernel.access import Actor
from tests.admin.conftest import Browser
from tests.conftest import make_user
from tests.content.factories import make_page, make_post
from tests.order.factories import make_order
from tests.product.factories import ProductFactory

SYSTEM = Actor.system("tests")


def _pages() -> tuple[Any, Any]:
    return tuple(make_page(path=path, published=False) for path in ("mine", "other"))  # type: ignore[return-value]


def _posts() -> tuple[Any, Any]:
    return tuple(
        make_post(published=False, translations={"en": {"title": slug, "body": "Words."}}) for slug in ("mine", "other")
    )  # type: ignore[return-value]


def _products() -> tuple[Any, Any]:
    return ProductFactory(handle="mine", status="draft"), ProductFactory(handle="other", status="draft")


@dataclass(frozen=True)
class Kind:
    """One kind of object that editors work with."""

    make: Callable[[], tuple[Any, Any]]
    resource: str
    rest: str
    admin: str
    change: dict[str, Any]

    def at(self, obj: Any) -> str:
        """Answer where an object is; a draft of a post is found by its id."""
        return self.rest.format(obj.pk)

    def given(self, obj: Any, user: Any, action: str = "update") -> Any:
        """Give somebody the object."""
        return {"actor": SYSTEM, "permission": f"{self.resource}.{action}", "obj": obj, "to": Grantee("user", user.pk)}


KINDS = {
    "page": Kind(_pages, "pages", "/api/v1/pages/{}/", "/admin/pages/page/",
                 {"translations": {"en": {"title": "Changed"}}}),
    "post": Kind(_posts, "posts", "/api/v1/posts/{}/", "/admin/blog/post/",
                 {"translations": {"en": {"title": "Changed", "body": "Words."}}}),
    "product": Kind(_products, "products", "/api/v1/products/{}/", "/admin/product/product/",
                    {"vendor": "Changed"}),
}  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


@pytest.fixture
def editor(acme):
    """Staff with no role at all."""
    return make_user("editor@acme.test", is_staff=True)


@pytest.fixture(params=list(KINDS))
def kind(request):
    return KINDS[request.param]


@pytest.fixture
def pair(kind, deliver_events):
    """Two drafts of a kind, the index knowing of them: the one that will be given, and another."""
    made = kind.make()
    deliver_events()
    return made


def test_over_rest_the_one_that_was_given_is_read_and_changed_and_no_other(api, kind, pair, editor):
    client = api(editor)
    assert client.get(kind.at(pair[0])).status_code == 404
    assert client.patch(kind.at(pair[0]), kind.change).status_code == 403
    grant_access(**kind.given(pair[0], editor))
    assert client.get(kind.at(pair[0])).status_code == 200
    changed = client.patch(kind.at(pair[0]), kind.change)
    assert changed.status_code == 200, changed.content
    assert b"Changed" in changed.content
    assert client.get(kind.at(pair[1])).status_code == 404
    assert client.patch(kind.at(pair[1]), kind.change).status_code in (403, 404)
    assert client.delete(kind.at(pair[0])).status_code == 403
    assert client.post(kind.rest.rpartition("{}")[0], {"handle": "new", "path": "new"}).status_code == 403


def test_over_rest_a_list_of_drafts_holds_what_was_given_and_no_other(api, kind, pair, editor):
    client, folder = api(editor), kind.rest.rpartition("{}")[0]
    grant_access(**kind.given(pair[0], editor, "read"))
    assert [one["id"] for one in client.get(f"{folder}?status=draft").json()["results"]] == [str(pair[0].pk)]
    assert client.get(folder).json()["results"] == []
    withdraw_access(**kind.given(pair[0], editor, "read"))
    assert str(pair[0].pk) not in client.get(f"{folder}?status=draft").content.decode()


def test_over_rest_it_is_lost_with_the_grant(api, kind, pair, editor):
    grant_access(**kind.given(pair[0], editor))
    client = api(editor)
    assert client.patch(kind.at(pair[0]), kind.change).status_code == 200
    withdraw_access(**kind.given(pair[0], editor, "read"))
    assert client.get(kind.at(pair[0])).status_code == 404
    assert client.patch(kind.at(pair[0]), kind.change).status_code == 403


def test_in_the_admin_the_one_that_was_given_is_listed_and_opened_and_no_other(kind, pair, editor):
    mine, other = pair
    client = Browser("acme.localhost", editor)
    assert client.get(kind.admin).status_code == 403
    grant_access(**kind.given(mine, editor))
    page = client.get(kind.admin).content.decode()
    assert str(mine.pk) in page
    assert str(other.pk) not in page
    assert client.get(f"{kind.admin}{mine.pk}/change/").status_code == 200
    for way in ("change", "history", "delete"):
        assert client.get(f"{kind.admin}{other.pk}/{way}/").status_code in (403, 404), way
    assert client.get(f"{kind.admin}add/").status_code == 403
    assert client.post(f"{kind.admin}{mine.pk}/delete/", {"post": "yes"}).status_code == 403
    withdraw_access(**kind.given(mine, editor, "read"))
    assert client.get(kind.admin).status_code == 403
    assert client.get(f"{kind.admin}{mine.pk}/change/").status_code in (403, 404)


def test_what_was_given_opens_no_other_kind_of_thing(api, kind, pair, editor, admin_user, deliver_events):
    grant_access(**kind.given(pair[0], editor))
    client, browser = api(editor), Browser("acme.localhost", editor)
    before = api(admin_user).get("/api/v1/menus/header/").content
    assert client.put("/api/v1/menus/header/", {"items": []}).status_code == 403
    assert api(admin_user).get("/api/v1/menus/header/").content == before
    for path in ("users", "roles", "policies", "orders", "teams", "invitations"):
        answer = client.get(f"/api/v1/{path}/")
        assert answer.status_code == 403 or answer.json().get("results") == [], (path, answer.content)
    for other in KINDS.values():
        if other is not kind:
            theirs = other.make()[0]
            deliver_events()
            assert str(theirs.pk) not in browser.get(other.admin).content.decode()
            assert browser.get(f"{other.admin}{theirs.pk}/change/").status_code in (403, 404)
            assert client.patch(other.at(theirs), other.change).status_code in (403, 404)
            assert client.get(other.at(theirs)).status_code == 404


def test_over_graphql_the_product_that_was_given_is_changed_and_no_other(api, editor):
    mine, other = _products()
    kind = KINDS["product"]
    document = """mutation($input: ProductUpdateInput!) {
        productUpdate(input: $input) { product { vendor } errors { code } } }"""

    def change(product: Any) -> Any:
        return api(editor).graphql(document, input={"id": str(product.pk), "vendor": "Changed"})

    assert codes(change(mine)) == {"forbidden"}
    grant_access(**kind.given(mine, editor))
    assert change(mine)["data"]["productUpdate"] == {"product": {"vendor": "Changed"}, "errors": []}
    assert codes(change(other)) <= {"forbidden", "not_found"}
    withdraw_access(**kind.given(mine, editor, "read"))
    assert codes(change(mine)) == {"forbidden"}
    other.refresh_from_db()
    assert other.vendor != "Changed"


def codes(answer: dict[str, Any]) -> set[str]:
    """Name what a document was refused for."""
    said = {error["extensions"]["code"] for error in answer.get("errors") or ()}
    payload = (answer.get("data") or {}).get("productUpdate") or {}
    return said | {error["code"] for error in payload.get("errors") or ()}


def test_who_was_given_an_order_to_read_reads_it_and_moves_nothing(api, editor):
    mine, other = make_order(email="mine@example.com"), make_order(email="other@example.com")
    client, browser = api(editor), Browser("acme.localhost", editor)
    assert client.get(f"/api/v1/orders/{mine.number}/").status_code == 404
    given = {"actor": SYSTEM, "permission": "orders.read", "obj": mine, "to": Grantee("user", editor.pk)}
    grant_access(**given)
    assert client.get(f"/api/v1/orders/{mine.number}/").status_code == 200
    assert client.get(f"/api/v1/orders/{other.number}/").status_code == 404
    assert [one["number"] for one in client.get("/api/v1/orders/").json()["results"]] == [mine.number]
    assert client.post(f"/api/v1/orders/{mine.number}/confirm/").status_code == 403
    page = browser.get("/admin/order/order/").content.decode()
    assert "mine@example.com" in page
    assert "other@example.com" not in page
    for path in (f"{other.pk}/change/", f"{other.pk}/history/"):
        assert browser.get(f"/admin/order/order/{path}").status_code in (403, 404)
    chosen = {"action": "confirm_all", "_selected_action": [str(mine.pk), str(other.pk)]}
    browser.post("/admin/order/order/", chosen)
    for order in (mine, other):
        order.refresh_from_db()
        assert order.status == "pending"
    withdraw_access(**given)
    assert client.get(f"/api/v1/orders/{mine.number}/").status_code in (403, 404)
    assert "mine@example.com" not in browser.get("/admin/order/order/").content.decode()


def test_nobody_sets_prices_of_what_was_not_given_to_them(acme, editor):
    from apps.pricing.models import Price
    from apps.pricing.services import set_prices
    from rustok.kernel.errors import Forbidden
    from rustok.kernel.money import Money
    from tests.rbac.factories import fresh_actor

    mine, other = ProductFactory(handle="mine"), ProductFactory(handle="other")
    before = sorted(Price.objects.values_list("pk", "amount"))
    grant_access(**KINDS["product"].given(mine, editor))
    price = Money(700, acme.default_currency)
    with pytest.raises(Forbidden):
        set_prices(actor=fresh_actor(editor), prices=[(other.variants.get().pk, price, None)])
    assert sorted(Price.objects.values_list("pk", "amount")) == before


@pytest.mark.parametrize("who", [None, "customer", "editor"])
def test_drafts_leave_by_no_address_for_those_who_may_not_see_them(api, kind, pair, request, who):
    client = api(request.getfixturevalue(who) if who else None)
    folder = kind.rest.rpartition("{}")[0]
    for path in (kind.at(pair[0]), kind.rest.format("mine")):
        assert client.get(path).status_code == 404, path
    for query in ("", "?status=draft", "?include=translations", "?search=mine", "?q=mine"):
        listed = client.get(folder + query)
        assert str(pair[0].pk) not in listed.content.decode(), query
