"""What it costs the database to show a page of 20 out of 100,000 products to somebody who may see some of them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import QuerySet

from apps.product.models import Product
from apps.rbac.public import assign_role
from apps.rbac.services import save_policy, set_attributes
from benchmarks.events.report import Figure, show, write
from rustok.kernel.access import Actor, actor_for, restrict
from rustok.kernel.context import because

__all__ = ["main"]

PRODUCTS, GRANTS, PAGE, ROUNDS = 100_000, 10_000, 20, 41
GOAL = 3.0
SYSTEM = Actor.system("benchmark")


def main(options: Any, command: Sequence[str]) -> None:
    """Measure in a tenant that may be filled; leave a table and JSON."""
    with because("a benchmark"):
        _products()
        figures = list(_figures())
    show(figures, "restrict")
    write(figures, command, name="restrict")


def _figures() -> Iterator[Figure]:
    rows = Product.objects.order_by("-id")
    plain = _cost(rows)
    yield Figure("a page of anybody's products, not restricted at all", plain[0], "ms", "", plain[1])
    for name, actor in _people():
        own = restrict(actor, rows, "products.read")
        if str(own.query) == str(rows.query):
            yield Figure(f"added for {name}", 0, "ms", "≤ 0", "the same SQL, letter by letter")
            continue
        cost, note = _cost(own)
        yield Figure(f"added for {name}", round(cost - plain[0], 3), "ms", f"≤ {GOAL:g}", note)


def _people() -> Iterator[tuple[str, Actor]]:
    """Make people of all sorts, one after the other: policies bind everybody who comes after them."""
    yield "a manager, who may see everything", _person("manager", role="manager")
    yield f"{GRANTS:,} grants on the oldest products", _shared("old", "ORDER BY id")
    yield f"{GRANTS:,} grants all over the products", _shared("over", "ORDER BY md5(id::text)")
    yield f"{GRANTS:,} grants to a team", _shared("team", "ORDER BY md5(id::text)", team=True)
    _allow("object.vendor == subject.vendor")
    yield "a policy of the vendor (1 in 20)", _person("vendor", vendor="Vendor 7")
    yield f"that policy and {GRANTS:,} grants on the oldest", _shared("both", "ORDER BY id", vendor="Vendor 7")
    yield "that policy for no rows, and as many grants", _shared("none", "ORDER BY id", vendor="Nobody")
    _allow('object.status == "archived"', effect="deny")
    yield "a manager under a denial", _person("denied", role="manager")


def _cost(rows: QuerySet[Any]) -> tuple[float, str]:
    """Answer the median of what planning and running a page takes the database, in ms."""
    text, parameters = rows[:PAGE].query.sql_with_params()
    found = []
    with connection.cursor() as cursor:
        for _ in range(ROUNDS):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {text}", parameters)
            (plan,) = cursor.fetchone()
            told = (json.loads(plan) if isinstance(plan, str) else plan)[0]
            found.append(told["Planning Time"] + told["Execution Time"])
    found.sort()
    return round(statistics.median(found), 3), f"{found[0]:.2f}-{found[-1]:.2f} in all, median of {ROUNDS}"


# --- what is measured -----------------------------------------------------------------------------------------------


def _products() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO product_product (id, created_at, updated_at, handle, status, kind, vendor, external_url,"
            " button_text, version) SELECT uuidv7(make_interval(secs => n - 200000)), now(), now(), 'bench-' || n,"
            " (ARRAY['draft', 'active', 'archived'])[1 + n %% 3], 'physical', 'Vendor ' || n %% 20, '', '', 1"
            " FROM generate_series(1, %s) n",
            [PRODUCTS],
        )
        cursor.execute("ANALYZE product_product")


def _person(name: str, *, role: str = "", vendor: str = "") -> Actor:
    user = _user(name, role=role, vendor=vendor)
    return actor_for(get_user_model().objects.get(pk=user.pk))


def _user(name: str, *, role: str = "", vendor: str = "") -> Any:
    user = get_user_model().objects.create(email=f"{name}@bench.test", is_staff=True)
    if role:
        assign_role(actor=SYSTEM, user_id=user.pk, role=role)
    if vendor:
        set_attributes(actor=SYSTEM, user_id=user.pk, attributes={"vendor": vendor})
    return user


def _shared(name: str, order: str, *, team: bool = False, vendor: str = "") -> Actor:
    """Share products with somebody, or with a group of theirs."""
    user = _user(name, vendor=vendor)
    holder: Any = user.pk
    if team:
        group = Group.objects.create(name=name)
        user.groups.add(group)
        holder = group.pk
    kind = ContentType.objects.get_for_model(Product)
    permission = Permission.objects.get(content_type=kind, codename="view_product")
    table, column = ("group", "group_id") if team else ("user", "user_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO guardian_{table}objectpermission ({column}, permission_id, content_type_id, object_pk)"
            f" SELECT %s, %s, %s, id::text FROM (SELECT id FROM product_product {order} LIMIT %s) chosen",
            [holder, permission.pk, kind.pk, GRANTS],
        )
        cursor.execute(f"ANALYZE guardian_{table}objectpermission")
    return actor_for(get_user_model().objects.get(pk=user.pk))


def _allow(condition: str, effect: str = "allow") -> None:
    save_policy(
        actor=SYSTEM, name=condition, effect=effect, resource="products", actions=["manage"], condition=condition
    )
