"""A list shows exactly what each of its rows would allow, and a page of it is read by indexes."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from guardian.models import GroupObjectPermission, UserObjectPermission

from apps.product.models import Product
from apps.rbac.conditions.branches import MAX_BRANCHES
from rustok.kernel.access import Actor, allows, restrict
from rustok.kernel.context import because
from rustok.kernel.tenancy import current_tenant, use_tenant
from tests.rbac.factories import fresh_actor, person, policy

PAGE = 20
BIG = 20_000


def _give(holder: Any, products: Any, verb: str = "view") -> None:
    """Share products with a person or a team, as guardian keeps it."""
    kind = ContentType.objects.get_for_model(Product)
    permission = Permission.objects.get(content_type=kind, codename=f"{verb}_product")
    team = isinstance(holder, Group)
    table: Any = GroupObjectPermission if team else UserObjectPermission
    table.objects.bulk_create(
        table(**{"group" if team else "user": holder}, permission=permission, content_type=kind, object_pk=str(one.pk))
        for one in products
    )


def _team(user: Any, name: str) -> Group:
    team = Group.objects.create(name=name)
    user.groups.add(team)
    return team


@pytest.fixture
def shelf(acme: Any) -> list[Product]:
    """Sixty products of three vendors and three statuses."""
    with because("tests"):
        Product.objects.bulk_create(
            Product(handle=f"p-{n}", vendor=f"v{n % 3}", status=("draft", "active", "archived")[n // 3 % 3])
            for n in range(60)
        )
        return list(Product.objects.order_by("-id"))


GRANTED, TEAM, OTHER_TEAM = slice(0, 12, 2), slice(6, 30, 5), slice(40, 60, 3)
WAYS: dict[str, Callable[[Any, list[Product]], Any]] = {
    "person": lambda user, shelf: _give(user, shelf[GRANTED]),
    "team": lambda user, shelf: _give(_team(user, "a"), shelf[TEAM]),
    "two teams": lambda user, shelf: [
        _give(_team(user, "b"), shelf[TEAM]), _give(_team(user, "c"), shelf[OTHER_TEAM]),
    ],
    "allow": lambda user, shelf: policy("object.vendor == subject.vendor"),
    "second allow": lambda user, shelf: policy('object.status == "draft"'),
    "deny": lambda user, shelf: policy('object.status == "archived"', effect="deny"),
}  # fmt: skip
COMBINATIONS = [
    (), ("person",), ("team",), ("allow",), ("deny",), ("person", "team"), ("person", "allow"), ("team", "allow"),
    ("two teams",), ("person", "two teams"), ("person", "deny"), ("allow", "second allow"), ("allow", "deny"),
    ("person", "allow", "deny"), ("person", "two teams", "allow", "second allow", "deny"),
]  # fmt: skip


def _all_agree(actor: Actor, shelf: list[Product]) -> set[Any]:
    """Compare every way to read a list with what is said of each row."""
    rows = restrict(actor, Product.objects.order_by("-id"), "products.read")
    right = [one.pk for one in shelf if allows(actor, "products.read", one)]
    assert [one.pk for one in rows.all()] == right
    assert [one.pk for one in rows[:7]] == right[:7]
    assert [one.pk for one in rows[5:12]] == right[5:12]
    assert list(rows.values_list("pk", flat=True)[:9]) == right[:9]
    assert [one.pk for one in rows.reverse()[:6]] == right[::-1][:6]
    assert rows.count() == len(right)
    assert rows[:8].count() == len(right[:8])
    assert rows.exists() == bool(right)
    assert rows.order_by("vendor", "-id").first() == next(
        iter(sorted((o for o in shelf if o.pk in right), key=lambda o: (o.vendor, -o.pk.int))), None
    )
    assert {one.pk for one in rows.filter(status="draft")[:40]} == {
        o.pk for o in shelf if o.pk in right and o.status == "draft"
    }
    assert set(rows.exclude(status="draft").values_list("pk", flat=True)[:60]) == {
        o.pk for o in shelf if o.pk in right and o.status != "draft"
    }
    assert sum(row["n"] for row in rows.order_by().values("vendor").annotate(n=Count("pk"))[:5]) == len(right)
    assert Product.objects.filter(pk__in=rows.values("pk")).count() == len(right)
    assert {o.pk for o in rows | Product.objects.filter(handle="p-1")} == {*right} | {
        o.pk for o in shelf if o.handle == "p-1"
    }
    assert {o.pk for o in rows.union(rows)} == {*right}
    return set(right)


@pytest.mark.parametrize("ways", COMBINATIONS, ids=lambda ways: " + ".join(ways) or "nothing")
@pytest.mark.parametrize("role", ["", "manager"])
def test_a_list_has_the_rows_that_each_would_allow(shelf: list[Product], ways: tuple[str, ...], role: str) -> None:
    from tests.conftest import make_user

    user = make_user("m@acme.test", role=role) if role else person("p@acme.test", vendor="v1")
    for way in ways:
        WAYS[way](user, shelf)
    actor = fresh_actor(user)
    found = _all_agree(actor, shelf)
    if not role and "deny" not in ways:
        assert ({o.pk for o in shelf[GRANTED]} <= found) == ("person" in ways)
    _all_agree(replace(actor, grants={}, ceiling=frozenset(["orders.read"])), shelf)
    _all_agree(replace(actor, ceiling=frozenset(["products.read"])), shelf)


def test_whoever_lacks_the_second_step_has_no_grants_and_no_policy_that_allows(shelf: list[Product]) -> None:
    user = person("p@acme.test", vendor="v1")
    for way in ("person", "two teams", "allow"):
        WAYS[way](user, shelf)
    strict = copy(current_tenant())
    strict.staff_second_factor = True
    with use_tenant(strict):
        assert _all_agree(fresh_actor(user), shelf) == set()
    assert _all_agree(fresh_actor(user), shelf)


def test_a_restricted_list_that_is_restricted_again_keeps_what_both_keep(shelf: list[Product]) -> None:
    one, two = person("a@acme.test", vendor="v1"), person("b@acme.test")
    WAYS["allow"](one, shelf)
    WAYS["person"](one, shelf)
    WAYS["team"](two, shelf)
    _give(two, shelf[30:])
    rows = restrict(fresh_actor(one), Product.objects.order_by("-id"), "products.read")
    both = restrict(fresh_actor(two), rows, "products.read")
    right = [o.pk for o in shelf if allows(fresh_actor(one), "products.read", o)
             and allows(fresh_actor(two), "products.read", o)]  # fmt: skip
    assert [o.pk for o in both.all()] == right
    assert [o.pk for o in both[:4]] == right[:4]


def test_more_ways_than_are_read_alone_are_all_read(shelf: list[Product]) -> None:
    user = person("p@acme.test")
    for number in range(MAX_BRANCHES + 4):
        _give(_team(user, f"team {number}"), [shelf[number * 2]])
    assert len(_all_agree(fresh_actor(user), shelf)) == MAX_BRANCHES + 4


def test_a_page_is_one_query_however_much_was_given(shelf: list[Product]) -> None:
    user = person("p@acme.test", vendor="v1")

    def queries() -> int:
        actor = fresh_actor(user)
        rows = restrict(actor, Product.objects.order_by("-id"), "products.read")
        with CaptureQueriesContext(connection) as seen:
            list(rows[:PAGE])
        return len(seen)

    for way in ("person", "two teams", "allow", "second allow", "deny"):
        WAYS[way](user, shelf)
        assert queries() == 1


# --- plans ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def warehouse(acme: Any) -> None:
    """Twenty thousand products, as PostgreSQL's statistics know."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO product_product (id, created_at, updated_at, handle, status, kind, vendor, external_url,"
            " button_text, version) SELECT uuidv7(make_interval(secs => n - 40000)), now(),"
            " now() - make_interval(secs => hashint4(n) %% 100000), 'big-' || n,"
            " (ARRAY['draft', 'active', 'archived'])[1 + n %% 3], 'physical', 'Vendor ' || n %% 20, '', '', 1"
            " FROM generate_series(1, %s) n",
            [BIG],
        )


def _analyse() -> None:
    with connection.cursor() as cursor:
        for table in ("product_product", "guardian_userobjectpermission", "guardian_groupobjectpermission"):
            cursor.execute(f"ANALYZE {table}")


def _scanned(rows: Any) -> list[tuple[str, int]]:
    """Answer what a query reads from end to end, and how many rows each part of its plan had at most."""
    text, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", parameters)
        (plan,) = cursor.fetchone()
    found: list[tuple[str, int]] = []

    def walk(node: dict[str, Any]) -> None:
        removed = node.get("Rows Removed by Filter", 0)
        if "Relation Name" in node:
            found.append((f"{node['Node Type']} on {node['Relation Name']}",
                          int((node["Actual Rows"] + removed) * node["Actual Loops"])))  # fmt: skip
        for part in node.get("Plans", ()):
            walk(part)

    walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return found


@pytest.mark.parametrize("order", [("-id",), ("-updated_at", "-id")], ids=["newest", "changed"])
@pytest.mark.parametrize("vendor", ["Vendor 7", "Nobody"])
def test_a_page_reads_few_rows_and_no_table_from_end_to_end(warehouse: Any, order: Any, vendor: str) -> None:
    policy("object.vendor == subject.vendor")
    policy('object.status == "archived"', effect="deny")
    user = person("p@acme.test", vendor=vendor)
    products = Product.objects.order_by("id").only("pk")
    _give(user, products[:2000])
    _give(_team(user, "b"), products[1000:3000])
    _give(_team(user, "c"), Product.objects.filter(handle__endswith="5").only("pk"))
    _analyse()
    rows = restrict(fresh_actor(user), Product.objects.order_by(*order), "products.read")
    read = _scanned(rows[:PAGE])
    tables = ("product_product", "objectpermission")
    assert not [what for what, _ in read if what.startswith("Seq Scan") and what.endswith(tables)]
    assert sum(many for _, many in read) < (2_000 if order == ("-id",) else BIG), read
