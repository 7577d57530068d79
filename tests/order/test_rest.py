"""Orders over REST."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.order.models import Order
from tests.order.factories import make_order

pytestmark = pytest.mark.django_db
ORDERS = "/api/v1/orders/"


def test_staff_see_all_orders_and_customers_their_own(api, customer, manager):
    mine, other = make_order(customer_id=customer.pk), make_order()
    assert [o["number"] for o in api(manager).get(ORDERS).json()["results"]] == [other.number, mine.number]
    client = api(customer)
    assert [o["number"] for o in client.get(ORDERS).json()["results"]] == [mine.number]
    assert client.get(f"{ORDERS}{mine.number}/").json()["total"] == {"amount": "19.99", "currency": "USD"}
    assert client.get(f"{ORDERS}{other.number}/").status_code == 404
    assert api().get(ORDERS).status_code == api().get(f"{ORDERS}{mine.number}/").status_code == 401


def test_orders_come_page_by_page_in_a_constant_number_of_queries(api, manager, django_assert_max_num_queries):
    client = api(manager)
    make_order()
    with CaptureQueriesContext(connection) as one:
        client.get(ORDERS)
    budget = len(one) + 1
    numbers = ["1001", *(make_order().number for _ in range(6))]
    with django_assert_max_num_queries(budget):
        first = client.get(f"{ORDERS}?page_size=4&include=count").json()
    rest = client.get(first["next"]).json()
    assert [o["number"] for o in first["results"] + rest["results"]] == numbers[::-1]
    assert (first["count"], rest["next"]) == (7, None)


def test_a_list_is_narrowed_by_status(api, manager):
    make_order(), make_order("paid")
    client = api(manager)
    assert [o["status"] for o in client.get(f"{ORDERS}?status=paid").json()["results"]] == ["paid"]
    assert client.get(f"{ORDERS}?status=lost").status_code == 400


def test_an_order_says_all_that_was_agreed(api, manager):
    order = make_order("paid")
    answer = api(manager).get(f"{ORDERS}{order.number}/")
    document = answer.json()
    assert document.keys() >= {
        "id", "number", "status", "payment_status", "fulfillment_status", "email", "currency", "lines", "subtotal",
        "discount_total", "shipping_total", "tax_total", "tax_included", "total", "addresses", "placed_at", "timeline",
    }  # fmt: skip
    assert document["placed_at"].endswith("Z")
    assert [step["status"] for step in document["timeline"]] == ["pending", "confirmed", "paid"]
    again = api(manager).get(f"{ORDERS}{order.number}/", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert again.status_code == 304


def test_staff_move_an_order_along(api, manager, events_of):
    order, client = make_order("confirmed"), api(manager)
    path = f"{ORDERS}{order.number}/"
    assert client.post(f"{path}pay/").json()["status"] == "paid"
    shipped = client.post(f"{path}ship/", {"carrier": "DHL", "tracking_url": "https://dhl.example/1"}).json()
    assert (shipped["status"], shipped["tracking"]["url"]) == ("shipped", "https://dhl.example/1")
    assert client.post(f"{path}deliver/", {"note": "at the door"}).json()["timeline"][-1]["note"] == "at the door"
    refusal = client.post(f"{path}cancel/")
    assert (refusal.status_code, refusal.json()["code"]) == (409, "illegal_transition")
    assert len(events_of("order.status_changed")) == 4


@pytest.mark.parametrize("step", ["confirm", "pay", "capture", "ship", "deliver", "cancel"])
def test_a_step_is_not_for_customers_or_strangers(api, customer, step, events_of):
    order = make_order(customer_id=customer.pk)
    before = events_of("order.status_changed")
    assert api(customer).post(f"{ORDERS}{order.number}/{step}/").status_code == 403
    assert api().post(f"{ORDERS}{order.number}/{step}/").status_code == 401
    assert Order.objects.get().status == "pending"
    assert events_of("order.status_changed") == before


def test_an_order_of_another_tenant_does_not_exist(api, manager, globex):
    from apps.tenant.public import use_tenant
    from tests.conftest import make_user

    order = make_order("paid")
    with use_tenant(globex):
        stranger = make_user("manager@globex.test", role="manager", is_staff=True)
        client = api(stranger, host="globex.localhost")
    assert client.get(f"{ORDERS}{order.number}/").status_code == 404
    assert client.post(f"{ORDERS}{order.number}/ship/").status_code == 404


def test_a_link_that_could_run_a_script_is_no_tracking_link(api, manager):
    order = make_order("paid")
    answer = api(manager).post(f"{ORDERS}{order.number}/ship/", {"tracking_url": "javascript:alert(1)"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "tracking_url")
    assert Order.objects.get().status == "paid"
