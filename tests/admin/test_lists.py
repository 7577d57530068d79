"""Lists of the back office: they count no further than they page, and say so; actions on many say where they end."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.product.models import Product
from rustok.kernel.edges.admin_lists import MAX_BULK, MAX_COUNT
from tests.admin.conftest import words

LISTS = sorted(f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry)
PRODUCTS = "/admin/product/product/"


@pytest.fixture
def many_products(acme):
    """More products than a list counts; all but ten of one vendor."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO product_product (id, created_at, updated_at, handle, status, kind, vendor, external_url,"
            " button_text, version) SELECT uuidv7(), now(), now(), 'many-' || n, 'draft', 'physical',"
            " CASE WHEN n <= 10 THEN 'Needle' ELSE 'Hay' END, '', '', 1 FROM generate_series(1, %s) n",
            [MAX_COUNT + 60],
        )


def counting(queries):
    """Answer the queries that count rows by the thousand, not the parts of a page."""
    return [one["sql"] for one in queries if re.match(r"SELECT COUNT\(", one["sql"], re.I)]


def test_no_list_and_no_badge_counts_without_a_bound(browser, admin_user):
    client = browser(admin_user)
    unbounded = {}
    for name in LISTS:
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse(f"admin:{name}_changelist") + "?_facets=True")
        unbounded[name] = [sql for sql in counting(seen) if not re.search(r" LIMIT \d+\) subquery$", sql)]
    assert {name: found for name, found in unbounded.items() if found} == {}


def test_a_long_list_says_that_there_is_more_and_how_to_reach_it(browser, manager, many_products):
    client = browser(manager)
    page = words(client.get(PRODUCTS))
    assert "10,000+ products" in page
    assert "Only the first 10,000 can be paged through. Search or filter to reach the others." in page
    assert "Select all 10,000+ products" in page
    assert "results (" not in page
    last = client.get(f"{PRODUCTS}?p={MAX_COUNT // 50}")
    assert last.status_code == 200
    assert len(last.context["cl"].result_list) == 50
    assert client.get(f"{PRODUCTS}?p={MAX_COUNT // 50 + 1}").status_code == 302


def test_what_no_page_shows_is_found_by_the_search(browser, manager, many_products):
    page = words(browser(manager).get(f"{PRODUCTS}?q=needle"))
    assert "Products: 10" in page
    assert "10 results (" in page
    assert "Only the first" not in page


def test_a_count_is_written_as_the_reader_writes_numbers(browser, manager, many_products):
    client = browser(manager)
    client.cookies["django_language"] = "de"
    assert "10.000+" in words(client.get(PRODUCTS))


def test_a_restricted_list_is_counted_in_one_bounded_query(browser, many_products, system):
    from apps.rbac.services import save_policy, save_role
    from tests.conftest import make_user

    save_role(actor=system, slug="seller", name="Seller", permissions={"categories.read": "all"})
    save_policy(
        actor=system, name="hay", effect="allow", resource="products", actions=["read", "list"],
        condition='object.vendor == "Hay"',
    )  # fmt: skip
    client = browser(make_user("seller@acme.test", role="seller", is_staff=True))
    with CaptureQueriesContext(connection) as seen:
        assert "Products: 10,000+" in words(client.get(PRODUCTS))
    counts = counting(seen)
    assert len(counts) == 1
    assert "ORDER BY" not in counts[0]  # the database may take any rows, and stop
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {counts[0]}")
        plan = cursor.fetchone()[0][0]["Plan"]
    (limited,) = plan["Plans"]
    assert limited["Node Type"] == "Limit"
    assert limited["Actual Rows"] == MAX_COUNT + 1


def test_an_action_on_more_than_it_may_touch_says_where_it_ends(browser, manager, many_products):
    first = Product.objects.first()
    answer = browser(manager).post(
        PRODUCTS, {"action": "unpublish_all", "_selected_action": [str(first.pk)], "select_across": "1", "index": "0"},
        follow=True,
    )  # fmt: skip
    assert f"At most {MAX_BULK} objects at a time: choose the others afterwards." in words(answer)
