"""For any condition, SQL and memory give the same answer for any row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from apps.pricing.models import Price
from apps.product.models import Product, Variant
from apps.rbac.conditions import ConditionError, Facts, check, compile_q, holds, parse
from apps.taxonomy.models import Category
from rustok.kernel.access import Actor, Rule, allows, restrict
from rustok.kernel.attributes import attributes_of
from tests.rbac.factories import fresh_actor, person

VENDORS = ["", "acme", "Acme", "globex"]
ZONE = ZoneInfo("Pacific/Auckland")
MOMENTS = [None, datetime(2026, 1, 30, 10, 59, tzinfo=UTC), datetime(2026, 1, 30, 11, 0, tzinfo=UTC)]


@pytest.fixture
def rows(acme: Any) -> dict[type[Any], list[Any]]:
    """Products of all sorts, some with a category, some with none; each with a price."""
    category = Category.objects.create(slug="shoes", path="shoes")
    products = [
        Product(handle=f"p-{number}", vendor=VENDORS[number % 4], category=category if number % 3 else None,
                status=("draft", "active", "archived")[number % 3], published_at=MOMENTS[number % 5 % 3])
        for number in range(24)
    ]  # fmt: skip
    Product.objects.bulk_create(products)
    variants = Variant.objects.bulk_create(Variant(product=one, sku=one.handle) for one in products)
    Price.objects.bulk_create(
        Price(variant=one, currency="USD", amount=(0, 5, 6, 50_000)[at % 4], compare_at=None)
        for at, one in enumerate(variants)
    )
    prices = Price.objects.select_related("variant__product__category")
    return {Product: list(Product.objects.select_related("category")), Price: list(prices)}


TEXTS = st.sampled_from(['"acme"', '"Acme"', '""', '"draft"', '"active"', '"shoes"', "subject.vendor", "subject.nothing",
                         "subject.limit", "environment.via"])  # fmt: skip
NUMBERS = st.sampled_from(["0", "5", "5.5", "-1", "50000", "999999999999999", "subject.limit", "environment.hour"])
DAYS = st.sampled_from(["2026-01-30", "2026-01-31", "environment.date"])
IDS = st.sampled_from(["subject.id", '"01890000-0000-7000-8000-000000000000"'])
TEXT_NAMES = st.sampled_from([f"object.{name}" for name in ("vendor", "status", "category", "handle", "currency")])
ORDER = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
EQUAL = st.sampled_from(["==", "!="])
MEMBER = st.sampled_from(["in", "not in"])


def _joined(*parts: Any) -> Any:
    return st.tuples(*parts).map(" ".join)


def _list(items: Any) -> Any:
    return st.lists(items, max_size=3).map(lambda found: f"[{', '.join(found)}]")


LEAVES = st.one_of(
    _joined(TEXT_NAMES, EQUAL, TEXTS),
    _joined(TEXTS, EQUAL, TEXT_NAMES),
    _joined(TEXT_NAMES, EQUAL, TEXT_NAMES),
    _joined(TEXT_NAMES, MEMBER, _list(TEXTS)),
    _joined(TEXT_NAMES, MEMBER, st.just("subject.roles")),
    _joined(st.just("object.price"), ORDER, NUMBERS),
    _joined(NUMBERS, ORDER, st.just("object.price")),
    _joined(st.just("object.price"), MEMBER, _list(NUMBERS)),
    _joined(st.sampled_from(["object.published", "object.created"]), ORDER, DAYS),
    _joined(DAYS, ORDER, st.just("object.published")),
    _joined(st.just("object.published"), ORDER, st.just("object.created")),
    _joined(st.just("object.published"), MEMBER, _list(DAYS)),
    _joined(st.sampled_from(["object.category", "object.published", "subject.nothing"]), EQUAL, st.just("null")),
    _joined(NUMBERS, ORDER, NUMBERS),
    _joined(IDS, EQUAL, IDS),
    st.just('environment.address in "10.0.0.0/8"'),
    st.sampled_from(["true", "false"]),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' and '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' or '.join(parts)})"),
    ),
    max_leaves=8,
)
FACTS = Facts(
    {"id": UUID(int=7), "email": "a@b.test", "roles": ("acme", "shoes"), "is_staff": True, "locale": "en",
     "vendor": "acme", "limit": Decimal("5.5")},
    datetime(2026, 1, 30, 20, tzinfo=UTC), ZONE, address="10.1.2.3", via="token",
)  # fmt: skip
PATIENT = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def _understood(text: str) -> Any:
    known = dict(attributes_of(Price)) | dict(attributes_of(Product))
    try:
        tree = parse(text)
        check(tree, known)
    except ConditionError:
        assume(False)
    return tree


def _ids(model: type[Any], part: Q | bool) -> set[Any]:
    kept = model.objects.filter(part) if isinstance(part, Q) else model.objects.all() if part else model.objects.none()
    return set(kept.values_list("pk", flat=True))


@pytest.mark.parametrize("model", [Product, Price])
@PATIENT
@given(text=CONDITIONS)
def test_a_condition_keeps_the_same_rows_in_sql_as_in_memory(rows: Any, model: Any, text: str) -> None:
    tree = _understood(text)
    by_memory = {row.pk for row in rows[model] if holds(tree, FACTS, row)}
    assert _ids(model, compile_q(tree, FACTS, model)) == by_memory


@PATIENT
@given(
    scope=st.sampled_from([None, "all"]),
    rules=st.lists(st.tuples(st.booleans(), st.sampled_from(["read", "manage", "update"]), CONDITIONS), max_size=4),
)
def test_a_list_and_a_single_object_get_the_same_answer_of_roles_and_policies_together(
    rows: Any, scope: Any, rules: Any
) -> None:
    for _, _, text in rules:
        _understood(text)
    actor = _somebody()
    actor = replace(
        actor, grants={"products.read": scope} if scope else {},
        rules=tuple(Rule("", allow, frozenset([f"products.{action}"]), text) for allow, action, text in rules),
    )  # fmt: skip
    listed = set(restrict(actor, Product.objects.all(), "products.read").values_list("pk", flat=True))
    assert listed == {row.pk for row in rows[Product] if allows(actor, "products.read", row)}
    if listed:
        assert allows(actor, "products.read")


def _somebody() -> Actor:
    from django.contrib.auth import get_user_model

    found = get_user_model().objects.filter(email="some@acme.test").first()
    return fresh_actor(found or person("some@acme.test", vendor="acme"))
