"""Orders over GraphQL."""

import pytest

from apps.order.models import Order
from tests.order.factories import make_order

pytestmark = pytest.mark.django_db

LIST = "{ orders(first: 2) { nodes { id number status total { amount currency } lines { title } } pageInfo { hasNextPage } } }"
ONE = (
    "query($number: String!) { order(number: $number) { number status timeline { status } shippingAddress { city } } }"
)
STEP = "mutation($input: Order%sInput!) { order%s(input: $input) { order { status } errors { code } } }"


def step(client, name, **values):
    answer = client.graphql(STEP % (name, name), input=values)
    assert "errors" not in answer, answer
    return answer["data"][f"order{name}"]


def test_customers_see_their_own_orders_and_staff_all(api, customer, manager):
    mine = make_order(customer_id=customer.pk)
    make_order(), make_order()
    page = api(manager).graphql(LIST)["data"]["orders"]
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (2, True)
    nodes = api(customer).graphql(LIST)["data"]["orders"]["nodes"]
    assert [(o["number"], o["total"]["amount"], o["lines"][0]["title"]) for o in nodes] == [("1001", "19.99", "Tent")]
    assert api(customer).graphql(ONE, number=mine.number)["data"]["order"]["shippingAddress"]["city"] == "Portland"
    assert api(customer).graphql(ONE, number="1002")["data"]["order"] is None
    assert api().graphql(ONE, number="1002")["errors"][0]["extensions"]["code"] == "unauthenticated"


def test_staff_move_an_order_along(api, manager):
    order, client = make_order("confirmed"), api(manager)
    assert step(client, "Pay", number=order.number) == {"order": {"status": "paid"}, "errors": []}
    assert step(client, "Ship", number=order.number, carrier="DHL")["order"] == {"status": "shipped"}
    assert step(client, "Deliver", number=order.number)["order"] == {"status": "delivered"}
    assert step(client, "Cancel", number=order.number) == {"order": None, "errors": [{"code": "illegal_transition"}]}


def test_a_customer_moves_nothing(api, customer):
    order = make_order(customer_id=customer.pk)
    for name in ("Confirm", "Pay", "Capture", "Ship", "Deliver", "Cancel"):
        assert step(api(customer), name, number=order.number)["errors"] == [{"code": "forbidden"}]
    assert Order.objects.get().status == "pending"
