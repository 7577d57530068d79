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
#: In which the APIs and the back office list products.
ORDERS = {"newest first": ("-id",), "changed last first": ("-updated_at", "-id")}
SYSTEM = Actor.system("benchmark")


def main(options: Any, command: Sequence[str]) -> None:
    """Measure in a tenant that may be filled; leave a table and JSON."""
    with because("a benchmark"):
        _products()
        figures = list(_figures())
    show(figures, "restrict")
    write(figures, command, name="restrict")


def _figures() -> Iterator[Figure]:
    lists = {name: Product.objects.order_by(*order) for name, order in ORDERS.items()}
    plain = {name: _cost(rows) for name, rows in lists.items()}
    for name, (cost, note) in plain.items():
        yield Figure(f"a page of anybody's products, {name}", cost, "ms", "", note)
    for who, actor, truth in _people():
        for name, rows in lists.items():
            yield _added(f"{who}, {name}", actor, rows, truth, plain[name][0])


def _added(name: str, actor: Actor, rows: QuerySet[Any], truth: str, plain: float) -> Figure:
    """Check that the page is the right one, then measure what it costs more than an unrestricted one.

    :raises SystemExit: if it is not
    """
    own = restrict(actor, rows, "products.read")
    right = rows.extra(where=[truth]).values_list("pk", flat=True)[:PAGE]
    if [row.pk for row in own[:PAGE]] != list(right):
        raise SystemExit(f"benchmarks: {name}: these are not the right rows")
    if str(own.query) == str(rows.query):
        return Figure(f"added for {name}", 0, "ms", "≤ 0", "the same SQL, letter by letter")
    cost, note = _cost(own)
    return Figure(f"added for {name}", round(cost - plain, 3), "ms", f"≤ {GOAL:g}", note)


def _people() -> Iterator[tuple[str, Actor, str]]:
    """Make people of all sorts, one after the other, each with what they see: policies bind everybody who follows."""
    old, over = _chosen("ORDER BY id"), _chosen("ORDER BY md5(id::text)")
    both = "(vendor = 'Vendor 7' OR {})".format
    yield "a manager, who may see everything", _person("manager", role="manager"), "true"
    yield f"{GRANTS:,} grants on the oldest products", _shared("old", "ORDER BY id"), old
    yield f"{GRANTS:,} grants all over the products", _shared("over", "ORDER BY md5(id::text)"), over
    yield f"{GRANTS:,} grants to a team", _shared("team", "ORDER BY md5(id::text)", team=True), over
    two = _shared("two", "ORDER BY id", also_team=True)
    yield f"{GRANTS:,} grants, and as many to a team", two, f"({old} OR {over})"
    _allow("object.vendor == subject.vendor")
    yield "a policy of the vendor (1 in 20)", _person("vendor", vendor="Vendor 7"), "vendor = 'Vendor 7'"
    yield f"that policy and {GRANTS:,} grants", _shared("both", "ORDER BY id", vendor="Vendor 7"), both(old)
    yield "that policy for no rows, and as many grants", _shared("none", "ORDER BY id", vendor="Nobody"), old
    _allow('object.status == "archived"', effect="deny")
    kept = "status <> 'archived' AND "
    yield "a manager under a denial", _person("denied", role="manager"), f"{kept} true"
    everything = _shared("all", "ORDER BY id", also_team=True, vendor="Vendor 7")
    yield "all of these at once", everything, f"{kept} {both(f'{old} OR {over}')}"


def _chosen(order: str) -> str:
    return f"id IN (SELECT id FROM product_product {order} LIMIT {GRANTS})"


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
            " button_text, version) SELECT uuidv7(make_interval(secs => n - 200000)), now(),"
            " now() - make_interval(secs => abs(hashint4(n) %% 1000000)), 'bench-' || n,"
            " (ARRAY['draft', 'active', 'archived'])[1 + n %% 3], 'physical', 'Vendor ' || n %% 20, '', '', 1"
            " FROM generate_series(1, %s) n",
            [PRODUCTS],
        )
        cursor.execute("VACUUM ANALYZE product_product")


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


def _shared(name: str, order: str, *, team: bool = False, also_team: bool = False, vendor: str = "") -> Actor:
    """Share products with somebody, or with a group of theirs, or some with either."""
    user = _user(name, vendor=vendor)
    if not team:
        _grant("user", user.pk, order)
    if team or also_team:
        group = Group.objects.create(name=name)
        user.groups.add(group)
        _grant("group", group.pk, "ORDER BY md5(id::text)")
    return actor_for(get_user_model().objects.get(pk=user.pk))


def _grant(holder: str, key: Any, order: str) -> None:
    kind = ContentType.objects.get_for_model(Product)
    permission = Permission.objects.get(content_type=kind, codename="view_product")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO guardian_{holder}objectpermission ({holder}_id, permission_id, content_type_id, object_pk)"
            f" SELECT %s, %s, %s, id::text FROM (SELECT id FROM product_product {order} LIMIT %s) chosen",
            [key, permission.pk, kind.pk, GRANTS],
        )
        cursor.execute(f"ANALYZE guardian_{holder}objectpermission")


def _allow(condition: str, effect: str = "allow") -> None:
    save_policy(
        actor=SYSTEM, name=condition, effect=effect, resource="products", actions=["manage"], condition=condition
    )
