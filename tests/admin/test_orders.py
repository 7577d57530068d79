"""Orders in the back office: read as documents, moved along by POST, counted on the dashboard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.inventory.public import available
from apps.order.admin.figures import sales
from apps.order.models import Order
from apps.order.public import cancel_order
from apps.rbac.services import save_role
from tests.admin.conftest import words
from tests.cart.factories import make_variant
from tests.conftest import make_user
from tests.order.factories import SYSTEM, LineDraft, make_order


def page_of(order):
    return reverse("admin:order_order_change", args=[order.pk])


def do(client, order, action, **data):
    return client.post(reverse(f"admin:order_order_do_{action}", args=[order.pk]), data, follow=True)


@pytest.fixture
def client(browser, manager):
    return browser(manager)


def test_an_order_reads_like_a_document(client):
    order = make_order("paid", email="ann@example.com")
    page = words(client.get(page_of(order)))
    for said in (f"Order #{order.number}", "ann@example.com", "Tent", "$19.99", "Portland", "Timeline", "Paid"):
        assert said in page


def test_only_legal_steps_are_offered(client):
    offered = {}
    for status in ("pending", "confirmed", "paid"):
        page = words(client.get(page_of(make_order(status))))
        names = ("Confirm", "Mark as paid", "Ship", "Mark as delivered", "Cancel order")
        offered[status] = [name for name in names if name in page.partition("Order #")[0]]
    assert "Confirm" in offered["pending"]
    assert "Mark as paid" in offered["confirmed"]
    assert "Ship" in offered["paid"]
    assert "Ship" not in offered["pending"]
    assert all("Cancel order" in names for names in offered.values())


def test_an_order_walks_from_pending_to_delivered(client, manager, events_of):
    order = make_order("pending")
    do(client, order, "confirm")
    do(client, order, "mark_paid", note="transfer 77")
    do(client, order, "ship", carrier="DHL", tracking_number="JD01", tracking_url="https://example.com/JD01")
    page = words(do(client, order, "deliver"))
    order.refresh_from_db()
    assert order.status == "delivered"
    assert (order.carrier, order.tracking_number) == ("DHL", "JD01")
    assert [event["to_status"] for event in events_of("order.status_changed")] == [
        "confirmed", "paid", "shipped", "delivered",
    ]  # fmt: skip
    assert {step.actor_label for step in order.transitions.all()} >= {manager.email}
    assert "transfer 77" in page
    assert "JD01" in page


def test_an_illegal_step_is_refused_with_its_reason_and_changes_nothing(client, events_of):
    order = make_order("pending")
    answer = do(client, order, "ship", carrier="DHL")
    assert answer.status_code == 422
    assert "the order is pending" in words(answer)
    order.refresh_from_db()
    assert order.status == "pending"
    assert order.carrier == ""
    assert events_of("order.status_changed") == []


def test_cancelling_asks_for_a_reason_and_gives_the_stock_back(client):
    variant = make_variant("stove", stock=3)
    line = LineDraft(variant_id=variant, sku="stove", title="Stove", unit_price=500, quantity=2)
    order = make_order("confirmed", lines=(line,), total=1000)
    assert available([variant]) == {variant: 1}
    path = reverse("admin:order_order_do_cancel", args=[order.pk])
    assert "Reason" in words(client.get(path))
    assert client.post(path, {"reason": ""}).status_code == 422
    order.refresh_from_db()
    assert order.status != "cancelled"
    answer = client.post(path, {"reason": "changed their mind"}, follow=True)
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert available([variant]) == {variant: 3}
    assert "changed their mind" in words(answer)


def test_bulk_shipping_sends_what_is_paid_and_names_the_rest(client):
    paid, pending = make_order("paid"), make_order("pending")
    answer = client.post(
        "/admin/order/order/", {"action": "ship_all", "_selected_action": [str(paid.pk), str(pending.pk)]}, follow=True
    )
    paid.refresh_from_db()
    pending.refresh_from_db()
    assert (paid.status, pending.status) == ("shipped", "pending")
    assert f"#{pending.number}" in words(answer)


def test_a_bulk_action_in_the_address_does_nothing(client):
    order = make_order("paid")
    client.get("/admin/order/order/", {"action": "ship_all", "_selected_action": str(order.pk)})
    order.refresh_from_db()
    assert order.status == "paid"


def test_orders_cannot_be_added_edited_or_deleted(client):
    order = make_order("pending")
    assert client.get("/admin/order/order/add/").status_code == 403
    assert client.post(page_of(order), {"number": "1"}).status_code == 403
    assert client.post(reverse("admin:order_order_delete", args=[order.pk]), {"post": "yes"}).status_code == 403
    assert Order.objects.filter(pk=order.pk, number=order.number).exists()


def test_the_list_filters_and_searches(client):
    one, two = make_order("paid", email="one@example.com"), make_order("pending", email="two@example.com")
    page = words(client.get("/admin/order/order/", {"status__in": "paid"}))
    assert f"#{one.number}" in page
    assert f"#{two.number}" not in page
    for term in (two.number, "two@example"):
        found = words(client.get("/admin/order/order/", {"q": term}))
        assert f"#{two.number}" in found
        assert f"#{one.number}" not in found


def test_the_list_costs_the_same_for_any_number_of_orders(client):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get("/admin/order/order/")
        return len(captured)

    make_order("paid")
    queries()
    few = queries()
    for _ in range(5):
        make_order("paid")
    assert queries() == few


# --- the dashboard ----------------------------------------------------------------------------------------------------


def place(at, *, currency="USD"):
    order = make_order("paid", currency=currency)
    Order.objects.filter(pk=order.pk).update(placed_at=at)
    order.refresh_from_db()
    return order


def test_sales_are_summed_by_the_days_of_the_shop_without_cancelled_orders(acme):
    acme.timezone = "America/New_York"
    now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    place(datetime(2026, 3, 31, 3, tzinfo=UTC))  # still the 30th in New York
    place(datetime(2026, 3, 31, 5, tzinfo=UTC))
    place(datetime(2026, 3, 31, 6, tzinfo=UTC), currency="EUR")
    place(datetime(2026, 2, 20, 6, tzinfo=UTC))
    place(datetime(2025, 12, 20, 6, tzinfo=UTC))
    cancelled = place(datetime(2026, 3, 30, 15, tzinfo=UTC))
    cancel_order(actor=SYSTEM, order_id=cancelled.pk, now=now)

    data = sales(now, "USD")
    assert len(data.days) == 30
    assert [(day.on.day, day.orders, day.revenue) for day in data.days[-2:]] == [(30, 1, 1999), (31, 2, 1999)]
    assert (data.orders, data.revenue, data.paid) == (3, 3998, 2)
    assert (data.orders_before, data.revenue_before) == (1, 1999)


def test_the_dashboard_shows_the_figures(client):
    now = timezone.now()
    order = place(now - timedelta(hours=2))
    place(now - timedelta(days=1))
    place(now - timedelta(days=40))
    page = words(client.get("/admin/"))
    assert "Revenue $39.98" in page
    assert "▲ 100 % before: $19.99" in page
    assert "To be sent 3" in page
    assert f"#{order.number}" in page
    assert "<svg" in client.get("/admin/").content.decode()


def test_the_dashboard_speaks_the_readers_language_and_the_asked_currency(client):
    place(timezone.now(), currency="EUR")
    client.post("/admin/language/", {"language": "de"})
    page = words(client.get("/admin/", {"currency": "EUR"}))
    assert "19,99 €" in page
    assert "Umsatz" in page


def test_an_unknown_currency_in_the_address_is_ignored(client):
    assert "$0.00" in words(client.get("/admin/", {"currency": "<script>"}))


def test_the_dashboard_costs_a_fixed_number_of_queries(client):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/admin/").status_code == 200
        return len(captured)

    make_order("paid")
    queries()
    few = queries()
    for number in range(6):
        make_order(("pending", "confirmed", "paid")[number % 3])
    assert queries() == few
    assert few <= 30


def test_a_reader_without_orders_sees_no_figures(browser, system):
    make_order("paid")
    save_role(actor=system, slug="writer", name="Writer", permissions={"posts.manage": "all"})
    page = words(browser(make_user("writer@acme.test", role="writer", is_staff=True)).get("/admin/"))
    for hidden in ("Revenue", "To be sent", "Latest orders", "Orders"):
        assert hidden not in page
    assert "Posts" in page


def test_low_stock_is_shown_emptiest_first(client):
    make_variant("scarce", stock=2)
    make_variant("gone", stock=0)
    make_variant("plenty", stock=50)
    page = words(client.get("/admin/")).partition("Low stock")[2]
    assert page.index("gone") < page.index("scarce")
    assert "plenty" not in page
