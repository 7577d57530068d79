"""Policies: what they mean, who makes them, and what an editor reads when one is wrong."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from apps.product.models import Product
from apps.rbac import services
from apps.rbac.conditions import ConditionError, check, parse
from apps.rbac.explaining import explain
from apps.rbac.models import Policy
from apps.rbac.services.policies import InvalidPolicy, LastKey, OwnAttributes
from apps.rbac.services.roles import MoreThanOwn
from rustok.kernel.access import actor_for, allows, restrict
from rustok.kernel.attributes import declared
from rustok.kernel.context import Work, because, bind
from rustok.kernel.errors import Forbidden
from rustok.kernel.ids import new_id
from tests.product.factories import ProductFactory
from tests.rbac.factories import fresh_actor, person, policy


def handles(actor: Any, permission: str = "products.read") -> set[str]:
    return {row.vendor for row in restrict(actor, Product.objects.all(), permission)}


@pytest.fixture
def vendors(acme: Any) -> None:
    for vendor in ("Acme", "Globex", ""):
        ProductFactory(vendor=vendor)


# --- what they mean -------------------------------------------------------------------------------------------------


def test_a_policy_gives_somebody_without_roles_their_vendors_products(vendors: None) -> None:
    policy("object.vendor == subject.vendor")
    actor = fresh_actor(person("editor@acme.test", vendor="Acme"))
    assert handles(actor) == {"Acme"}
    assert allows(actor, "products.update")
    assert not allows(actor, "products.export")


def test_a_denial_wins_over_a_role_and_over_another_policy(vendors: None, admin_user: Any) -> None:
    policy('object.vendor == "Globex"')
    policy('object.vendor == "Globex"', effect="deny")
    assert handles(fresh_actor(admin_user)) == {"Acme", ""}
    assert handles(fresh_actor(person("editor@acme.test"))) == set()


def test_a_denial_of_everything_covers_each_action(vendors: None, manager: Any) -> None:
    policy("subject.email == 'manager@acme.test'", effect="deny", actions=["manage"])
    assert not allows(fresh_actor(manager), "products.read")
    assert allows(fresh_actor(manager), "orders.read")


def test_a_policy_that_is_out_of_force_does_nothing(vendors: None) -> None:
    policy("", enabled=False)
    assert handles(fresh_actor(person("editor@acme.test"))) == set()


def test_time_of_day_and_address_decide(vendors: None, manager: Any) -> None:
    policy('not (environment.address in "10.0.0.0/8")', effect="deny", actions=["manage"])
    for address, allowed in (("10.9.9.9", True), ("192.0.2.1", False), ("", False)):
        with bind(Work("t", new_id(), address=address)):
            assert allows(fresh_actor(manager), "products.update") is allowed


def test_policies_bind_customers_too(acme: Any, customer: Any) -> None:
    assert allows(fresh_actor(customer), "comments.create")
    policy("true", effect="deny", resource="comments", actions=["create"])
    assert not allows(fresh_actor(customer), "comments.create")


def test_a_key_gives_no_more_than_it_lists_whoever_gave_it(vendors: None, manager: Any) -> None:
    policy("", actions=["export"])
    manager.api_key = SimpleNamespace(pk=new_id(), permissions=["products.read"])
    actor = fresh_actor(manager)
    assert allows(actor, "products.export")  # without the key
    keyed = actor_for(manager)
    assert (keyed.via, keyed.grants["products.read"]) == ("api_key", "all")
    assert allows(keyed, "products.read")
    assert not allows(keyed, "products.export")
    assert not allows(keyed, "products.update")
    assert not allows(keyed, "orders.read")


def test_without_the_second_step_somebody_is_only_a_customer(vendors: None, manager: Any, acme: Any) -> None:
    policy("")
    acme.staff_second_factor = True
    actor = fresh_actor(manager)
    assert not actor.is_staff
    assert not allows(actor, "products.read")
    assert actor.scope("orders.read") == "own"


def test_a_superadmin_of_the_platform_is_above_denials_and_a_tenants_is_not(acme: Any) -> None:
    from apps.tenant.public import find, use_tenant
    from tests.conftest import make_user

    for slug, allowed in (("acme", False), ("platform", True)):
        with use_tenant(find(slug)):
            policy("true", effect="deny", resource="logs", actions=["read"])
            boss = make_user(f"boss@{slug}.test", role="superadmin", is_staff=True)
            assert allows(fresh_actor(boss), "logs.read") is allowed


def test_the_actor_is_one_query_and_lists_none_more(vendors: None, django_assert_num_queries: Any) -> None:
    policy("object.vendor == subject.vendor")
    user = person("editor@acme.test", vendor="Acme")
    with because("tests"):
        user = type(user).objects.get(pk=user.pk)

    with django_assert_num_queries(1):
        actor = actor_for(user)
        actor_for(user)
    with django_assert_num_queries(1):
        assert len(list(restrict(actor, Product.objects.all(), "products.read"))) == 1
    with django_assert_num_queries(0):
        allows(actor, "products.read")


# --- saying what is wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("object.vendr == 'x'", 0, "object.vendor"),
        ("object.vendor ==", 16, "at the end"),
        ("object.vendor == 5", 17, "number"),
        ("object.vendor < 'b'", 0, "numbers and days"),
        ("object.vendor = 'b'", 14, "="),
        ("vendor == 'b'", 0, "vendor"),
        ("object.vendor == 'b' object.vendor == 'c'", 21, "and"),
        ("object.vendor in 'b'", 17, "list"),
        ("object.vendor in [object.status]", 18, "values"),
        ("null == object.vendor", 0, "null"),
        ("object.vendor < null", 16, "null"),
        ("environment.address in '10.0.0.0/99'", 23, "network"),
        ("object.published < 2026-02-31", 19, "day"),
        ("(" * 11 + "true" + ")" * 11, 10, "levels"),
        ("object.vendor in [" + "'a'," * 100 + "'a']", 414, "parts"),
        ("x" * 1001, 1000, "characters"),
        ("__import__('os')", 0, "__import__"),
    ],
)
def test_an_error_points_at_its_place(text: str, at: int, says: str) -> None:
    with pytest.raises(ConditionError) as caught:
        check(parse(text), declared("products"))
    assert says in caught.value.message
    assert abs(caught.value.at - at) <= 4


def test_an_invalid_condition_is_refused_at_its_field_and_nothing_is_kept(acme: Any, events_of: Any) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        policy("object.vendr == 1")
    assert (caught.value.code, caught.value.errors[0].field) == ("invalid_policy", "condition")
    assert not Policy.objects.exists()
    assert not events_of("policy.saved")


# --- who makes them -------------------------------------------------------------------------------------------------


def test_nobody_gives_by_policy_what_they_may_not_do(acme: Any, admin_user: Any, manager: Any) -> None:
    given = {"name": "n", "effect": "allow", "actions": ["manage"], "condition": ""}
    with pytest.raises(MoreThanOwn):
        services.save_policy(actor=fresh_actor(admin_user), resource="tenants", **given)
    with pytest.raises(Forbidden):
        services.save_policy(actor=fresh_actor(manager), resource="products", **given)
    assert services.save_policy(actor=fresh_actor(admin_user), resource="products", **given).version == 1


def test_no_policy_takes_the_last_key(acme: Any) -> None:
    with pytest.raises(LastKey):
        policy("true", effect="deny", resource="users", actions=["manage"])


def test_nobody_changes_what_is_said_of_themselves(acme: Any, admin_user: Any) -> None:
    with pytest.raises(OwnAttributes):
        services.set_attributes(actor=fresh_actor(admin_user), user_id=admin_user.pk, attributes={"vendor": "Globex"})


def test_explaining_names_role_policy_and_outcome(vendors: None, manager: Any, admin_user: Any) -> None:
    policy('object.vendor == "Globex"', effect="deny", name="No Globex", actions=["update"])
    globex = Product.objects.get(vendor="Globex")
    asked = {"actor": fresh_actor(admin_user), "user_id": manager.pk, "permission": "products.update"}
    decision = explain(**asked, kind="product", object_id=globex.pk)
    assert not decision.allowed
    assert {(why.kind, why.name, why.allows) for why in decision.reasons} == {
        ("role", "Manager", True), ("policy", "No Globex", False),
    }  # fmt: skip
    assert explain(**asked, kind="product", object_id=Product.objects.get(vendor="Acme").pk).allowed


# --- edges ----------------------------------------------------------------------------------------------------------

GIVEN = {"name": "Vendors", "effect": "allow", "resource": "products", "actions": ["read"],
         "condition": "object.vendor == subject.vendor"}  # fmt: skip


def test_rest_makes_changes_asks_and_deletes(api: Any, admin_user: Any, vendors: None, events_of: Any) -> None:
    client = api(admin_user)
    made = client.post("/api/v1/policies/", GIVEN)
    assert made.status_code == 201, made.content
    path = f"/api/v1/policies/{made.json()['id']}/"
    wrong = client.patch(path, {"condition": "object.vendr == 1"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_policy")
    assert client.patch(path, {"enabled": False}, headers={"if-match": '"7"'}).status_code == 412
    assert client.patch(path, {"description": "Why"}).json()["version"] == 2
    somebody = person("editor@acme.test")
    said = client.put(
        f"/api/v1/users/{somebody.pk}/attributes/", {"attributes": {"vendor": "Acme", "limit": 5.5, "vip": True}}
    )
    assert said.json() == {"attributes": {"limit": 5.5, "vendor": "Acme", "vip": True}}
    own = Product.objects.get(vendor="Acme")
    question = {"user_id": str(somebody.pk), "permission": "products.read", "object_kind": "product"}
    assert client.post("/api/v1/policies/check/", question | {"object_id": str(own.pk)}).json()["allowed"] is True
    assert client.get("/api/v1/policies/attributes/products/").json()["object"]["vendor"] == "text"
    assert [one["name"] for one in client.get("/api/v1/policies/").json()["results"]] == ["Vendors"]
    assert client.delete(path).status_code == 204
    assert len(events_of("policy.saved")) == 2
    assert len(events_of("policy.deleted")) == 1


def test_a_manager_and_a_customer_may_not(api: Any, manager: Any, customer: Any) -> None:
    for user in (manager, customer):
        assert api(user).post("/api/v1/policies/", GIVEN).status_code == 403
        assert api(user).get("/api/v1/policies/").status_code == 403
    assert not Policy.objects.exists()


def test_graphql_makes_and_asks(api: Any, admin_user: Any) -> None:
    client = api(admin_user)
    made = client.graphql(
        "mutation($c: String) { policyCreate(input: {name: \"V\", effect: \"allow\", resource: \"products\","
        " actions: [\"read\"], condition: $c}) { policy { id version } errors { field code } } }",
        c="object.vendor == subject.vendor",
    )  # fmt: skip
    assert made["data"]["policyCreate"]["errors"] == []
    asked = client.graphql(
        "query($u: UUID!) { policies { nodes { name } } policyCheck(userId: $u, access: \"products.read\")"
        " { allowed reasons { kind name } } }", u=str(admin_user.pk),
    )  # fmt: skip
    assert asked["data"]["policies"]["nodes"] == [{"name": "V"}]
    assert asked["data"]["policyCheck"]["allowed"] is True


def test_an_actor_of_the_future_is_not_more_than_its_rules(acme: Any) -> None:
    actor = fresh_actor(person("editor@acme.test"))
    assert not allows(replace(actor, shares=frozenset([":product.change_product"])), "products.delete")
