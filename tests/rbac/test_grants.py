"""Sharing one object by name: what a grant shows and lets do, on every edge, until it is withdrawn."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from guardian.models import GroupObjectPermission, UserObjectPermission

from apps.rbac.services import (
    Grantee,
    grant_access,
    grants_of,
    grants_on,
    save_role,
    save_team,
    set_grants,
    withdraw_access,
)
from rustok.kernel.access import actor_for, allows, restrict
from rustok.kernel.errors import DomainError
from tests.admin.conftest import Browser
from tests.conftest import make_user
from tests.product.factories import ProductFactory


@pytest.fixture
def editor(acme):
    """Staff with no role at all."""
    return make_user("editor@acme.test", is_staff=True)


@pytest.fixture
def shirt(acme):
    return ProductFactory(handle="shirt")


@pytest.fixture
def hat(acme):
    return ProductFactory(handle="hat")


@pytest.fixture
def boss(manager):
    """A manager, as an actor: may do everything with products."""
    return actor_for(manager)


def fresh(user):
    """Answer the actor that a user is now."""
    return actor_for(type(user)._base_manager.get(pk=user.pk))


def to(user):
    return Grantee("user", user.pk)


def share(boss, obj, user, action="update"):
    return grant_access(actor=boss, permission=f"products.{action}", obj=obj, to=to(user))


def test_a_grant_lets_do_it_to_that_object_alone(boss, editor, shirt, hat):
    assert not allows(fresh(editor), "products.update", shirt)
    assert share(boss, shirt, editor)
    actor = fresh(editor)
    assert allows(actor, "products.update", shirt)
    assert allows(actor, "products.read", shirt)
    assert not allows(actor, "products.delete", shirt)
    assert not allows(actor, "products.update", hat)
    assert list(restrict(actor, type(shirt).objects.all(), "products.read")) == [shirt]


def test_withdrawing_takes_it_back(boss, editor, shirt):
    share(boss, shirt, editor)
    assert withdraw_access(actor=boss, permission="products.update", obj=shirt, to=to(editor))
    assert allows(fresh(editor), "products.read", shirt)
    assert not allows(fresh(editor), "products.update", shirt)
    assert withdraw_access(actor=boss, permission="products.read", obj=shirt, to=to(editor))
    assert not allows(fresh(editor), "products.read", shirt)


def test_who_may_not_read_may_do_nothing(boss, editor, shirt):
    share(boss, shirt, editor, "update")
    share(boss, shirt, editor, "delete")
    withdraw_access(actor=boss, permission="products.read", obj=shirt, to=to(editor))
    assert UserObjectPermission.objects.count() == 0


def test_a_team_shares_what_is_shared_with_it(boss, admin_user, editor, shirt, hat):
    team = save_team(actor=actor_for(admin_user), name="Writers", members=[editor.pk])
    grant_access(actor=boss, permission="products.update", obj=shirt, to=Grantee("team", team.pk))
    assert allows(fresh(editor), "products.update", shirt)
    assert not allows(fresh(editor), "products.update", hat)
    save_team(actor=actor_for(admin_user), name="Writers", members=[], team_id=team.pk)
    assert not allows(fresh(editor), "products.update", shirt)


def test_it_is_announced_once(boss, editor, shirt, events_of):
    assert share(boss, shirt, editor)
    assert not share(boss, shirt, editor)
    withdraw_access(actor=boss, permission="products.read", obj=shirt, to=to(editor))
    assert [one["permission"] for one in events_of("grant.given")] == ["products.update"]
    assert [one["permission"] for one in events_of("grant.withdrawn")] == ["products.read"]


@pytest.mark.parametrize(
    ("who", "code"), [("editor", "more_than_own"), ("customer", "forbidden"), ("grantee", "more_than_own")]
)
def test_nobody_gives_more_than_they_may_by_role(boss, editor, customer, shirt, events_of, who, code):
    other = make_user("other@acme.test", is_staff=True)
    if who == "grantee":
        share(boss, shirt, editor)
    giver = fresh(customer if who == "customer" else editor)
    before = (UserObjectPermission.objects.count(), len(events_of("grant.given")))
    with pytest.raises(DomainError) as refusal:
        share(giver, shirt, other)
    assert refusal.value.code == code
    assert (UserObjectPermission.objects.count(), len(events_of("grant.given"))) == before


def test_things_are_not_shared_with_customers(boss, customer, shirt):
    with pytest.raises(DomainError) as refusal:
        share(boss, shirt, customer)
    assert refusal.value.code == "not_staff"
    assert not UserObjectPermission.objects.exists()


def test_what_belongs_to_no_resource_is_not_shared(admin_user, editor, boss):
    with pytest.raises(DomainError) as refusal:
        grant_access(actor=actor_for(admin_user), permission="users.update", obj=editor, to=to(editor))
    assert refusal.value.code == "not_shareable"


@pytest.mark.parametrize("permission", ["products.create", "products.manage", "orders.update", "products", ""])
def test_only_reading_changing_and_deleting_are_shared(boss, editor, shirt, permission):
    with pytest.raises(DomainError) as refusal:
        grant_access(actor=boss, permission=permission, obj=shirt, to=to(editor))
    assert refusal.value.code == "not_shareable"


def test_an_object_is_shared_with_two_hundred_at_most(boss, editor, shirt, monkeypatch):
    monkeypatch.setattr("apps.rbac.services.grants.MAX_GRANTS", 3)
    share(boss, shirt, editor)
    share(boss, shirt, make_user("b@acme.test", is_staff=True))
    with pytest.raises(DomainError) as refusal:
        share(boss, shirt, make_user("c@acme.test", is_staff=True))
    assert refusal.value.code == "too_many_grants"


def test_grants_go_with_their_object_however_it_is_deleted(boss, admin_user, editor, shirt, hat):
    team = save_team(actor=actor_for(admin_user), name="Writers", members=[editor.pk])
    for one in (shirt, hat):
        share(boss, one, editor)
        grant_access(actor=boss, permission="products.read", obj=one, to=Grantee("team", team.pk))
    shirt.delete()
    assert {row.object_pk for row in UserObjectPermission.objects.all()} == {str(hat.pk)}
    type(hat).objects.filter(pk=hat.pk).delete()
    assert not UserObjectPermission.objects.exists()
    assert not GroupObjectPermission.objects.exists()


def test_set_grants_leaves_exactly_what_was_asked_for(boss, editor, shirt):
    set_grants(actor=boss, obj=shirt, to=to(editor), actions=["update", "delete"])
    assert {one.permission for one in grants_on(actor=boss, obj=shirt)} == {
        "products.read", "products.update", "products.delete",
    }  # fmt: skip
    set_grants(actor=boss, obj=shirt, to=to(editor), actions=["read"])
    assert [one.permission for one in grants_on(actor=boss, obj=shirt)] == ["products.read"]
    set_grants(actor=boss, obj=shirt, to=to(editor), actions=[])
    assert grants_on(actor=boss, obj=shirt) == []


def test_people_see_what_is_shared_with_them_and_nobody_elses(boss, editor, customer, admin_user, shirt):
    share(boss, shirt, editor)
    mine = grants_of(actor=fresh(editor), to=to(editor))
    assert {(one.permission, one.object_kind, one.object_id) for one in mine} == {
        ("products.read", "product", shirt.pk), ("products.update", "product", shirt.pk),
    }  # fmt: skip
    assert len(grants_of(actor=actor_for(admin_user), to=to(editor))) == 2
    for other in (boss, fresh(customer)):
        with pytest.raises(DomainError):
            grants_of(actor=other, to=to(editor))


# --- on every edge ---------------------------------------------------------------------------------------------------


def test_an_editor_who_was_given_one_product_edits_it_over_rest_and_no_other(api, boss, editor, shirt, hat):
    share(boss, shirt, editor)
    client = api(editor)
    assert client.patch(f"/api/v1/products/{shirt.handle}/", {"vendor": "Us"}).status_code in (200, 404)
    refused = client.patch(f"/api/v1/products/{hat.handle}/", {"vendor": "Us"})
    assert refused.status_code in (403, 404)
    hat.refresh_from_db()
    assert hat.vendor != "Us"
    assert client.delete(f"/api/v1/products/{shirt.handle}/").status_code in (403, 404)
    assert client.post("/api/v1/products/", {"handle": "x", "title": "X"}).status_code == 403


def test_an_editor_who_was_given_one_product_sees_it_alone_in_the_admin(boss, editor, shirt, hat):
    client = Browser("acme.localhost", editor)
    assert client.get("/admin/product/product/").status_code == 403
    share(boss, shirt, editor)
    seen = client.get("/admin/product/product/").content.decode()
    assert str(shirt.pk) in seen
    assert str(hat.pk) not in seen
    assert client.get(f"/admin/product/product/{shirt.pk}/change/").status_code == 200
    assert client.get(f"/admin/product/product/{hat.pk}/change/").status_code == 404
    assert client.get("/admin/product/product/add/").status_code == 403
    withdraw_access(actor=boss, permission="products.read", obj=shirt, to=to(editor))
    assert client.get(f"/admin/product/product/{shirt.pk}/change/").status_code in (403, 404)


def test_a_grant_on_one_product_opens_nothing_that_asks_for_all(api, boss, editor, shirt):
    share(boss, shirt, editor)
    client = api(editor)
    menus = client.patch("/api/v1/menus/header/", {"items": []})
    assert menus.status_code in (403, 404, 405)


def test_the_share_button_lets_somebody_in_and_takes_it_back(manager, editor, shirt):
    client = Browser("acme.localhost", manager)
    where = f"/admin/product/product/{shirt.pk}/do/share/"
    assert b"Shared now with nobody yet." in client.get(where).content
    assert client.post(where, {"to": f"user:{editor.pk}", "level": "edit"}).status_code == 302
    assert allows(fresh(editor), "products.update", shirt)
    assert b"editor@acme.test: see and change it" in client.get(where).content
    client.post(where, {"to": f"user:{editor.pk}", "level": "nothing"})
    assert not allows(fresh(editor), "products.read", shirt)


def test_a_grantee_cannot_share_on(boss, editor, shirt):
    share(boss, shirt, editor)
    other = make_user("other@acme.test", is_staff=True)
    where = f"/admin/product/product/{shirt.pk}/do/share/"
    Browser("acme.localhost", editor).post(where, {"to": f"user:{other.pk}", "level": "see"})
    assert not allows(fresh(other), "products.read", shirt)


# --- over the APIs ----------------------------------------------------------------------------------------------------


def test_sharing_over_rest(api, manager, editor, shirt):
    client = api(manager)
    about = {"kind": "product", "object_id": str(shirt.pk)}
    assert client.get("/api/v1/grants/", about).json() == []
    made = client.post("/api/v1/grants/", about | {"action": "update", "user_id": str(editor.pk)})
    assert made.status_code == 201, made.content
    assert {one["permission"] for one in made.json()} == {"products.read", "products.update"}
    assert {one["user_id"] for one in made.json()} == {str(editor.pk)}
    own = api(editor).get(f"/api/v1/users/{editor.pk}/grants/")
    assert len(own.json()) == 2
    gone = client.delete(f"/api/v1/grants/?kind=product&object_id={shirt.pk}&action=read&user_id={editor.pk}")
    assert gone.status_code == 204, gone.content
    assert client.get("/api/v1/grants/", about).json() == []


def test_a_grant_names_a_person_or_a_team(api, manager, editor, shirt):
    about = {"kind": "product", "object_id": str(shirt.pk), "action": "read"}
    for more in ({}, {"user_id": str(editor.pk), "team_id": 1}):
        answer = api(manager).post("/api/v1/grants/", about | more)
        assert (answer.status_code, answer.json()["code"]) == (400, "one_grantee")


def test_what_one_may_not_read_cannot_be_shared_or_looked_at(api, editor, customer, shirt):
    about = {"kind": "product", "object_id": str(shirt.pk)}
    for who in (editor, customer):
        assert api(who).get("/api/v1/grants/", about).status_code == 404
    assert api().get("/api/v1/grants/", about).status_code == 401


def test_sharing_over_graphql(api, manager, editor, shirt):
    document = """mutation($input: GrantGiveInput!) { grantGive(input: $input) {
        grants { permission userId } errors { code } } }"""
    sent = {"kind": "product", "objectId": str(shirt.pk), "action": "read", "userId": str(editor.pk)}
    answer = api(manager).graphql(document, input=sent)
    assert answer["data"]["grantGive"]["grants"] == [{"permission": "products.read", "userId": str(editor.pk)}]
    refused = api(editor).graphql(document, input=sent)
    assert refused["data"]["grantGive"]["errors"][0]["code"] == "more_than_own"


def test_teams_over_rest(api, admin_user, editor, customer):
    client = api(admin_user)
    made = client.post("/api/v1/teams/", {"name": "Writers", "members": [str(editor.pk)]})
    assert made.status_code == 201, made.content
    assert [one["email"] for one in made.json()["members"]] == [editor.email]
    again = client.post("/api/v1/teams/", {"name": "Writers"})
    assert (again.status_code, again.json()["code"]) == (409, "team_name_taken")
    wrong = client.post("/api/v1/teams/", {"name": "Buyers", "members": [str(customer.pk)]})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "no_such_member")
    where = f"/api/v1/teams/{made.json()['id']}/"
    assert client.put(where, {"name": "Authors", "members": []}).json()["members"] == []
    assert client.delete(where).status_code == 204
    assert not Group.objects.exists()
    assert api(editor).get("/api/v1/teams/").status_code == 403


def test_listing_grants_asks_no_more_with_more_of_them(boss, shirt, django_assert_max_num_queries):
    for number in range(12):
        share(boss, shirt, make_user(f"e{number}@acme.test", is_staff=True))
    with django_assert_max_num_queries(4):
        assert len(grants_on(actor=boss, obj=shirt)) == 24


def test_a_role_with_own_scope_shares_its_own_only(acme, admin_user, editor):
    from tests.order.factories import make_order

    save_role(
        actor=actor_for(admin_user), slug="seller", name="Seller", permissions={"orders.read": "own"}
    )  # fmt: skip
    other = make_user("seller@acme.test", role="seller", is_staff=True)
    order = make_order()
    with pytest.raises(DomainError) as refusal:
        grant_access(actor=fresh(other), permission="orders.read", obj=order, to=to(editor))
    assert refusal.value.code == "more_than_own"
