"""Stock over REST and GraphQL."""

import pytest

from apps.inventory.models import Location, StockAdjustment, StockLevel
from rustok.kernel.edges.graphql import encode_node_id
from rustok.kernel.ids import new_id
from tests.inventory.factories import LocationFactory, StockLevelFactory, VariantFactory

pytestmark = pytest.mark.django_db

ADJUST, CHECK, LOCATIONS = "/api/v1/inventory/adjustments/", "/api/v1/inventory/check/", "/api/v1/locations/"


def of(variant_id):
    return f"/api/v1/variants/{variant_id}/inventory/"


def test_an_adjustment_takes_variant_location_delta_and_reason(api, manager):
    variant, location, client = VariantFactory(), LocationFactory(is_default=True), api(manager)
    body = {"variant_id": str(variant.pk), "location_id": str(location.pk), "delta": 7, "reason": "received"}
    answer = client.post(ADJUST, body)
    assert answer.status_code == 201
    assert answer.json() | {"id": "", "created_at": ""} == {
        **body, "on_hand": 7, "reference": None, "actor_id": str(manager.pk), "id": "", "created_at": "",
    }  # fmt: skip
    assert client.get(of(variant.pk)).json() == {
        "variant_id": str(variant.pk),
        "available": 7,
        "tracked": True,
        "backorder": False,
        "low_stock_at": 0,
        "levels": [
            {
                "location_id": str(location.pk),
                "location": location.name,
                "on_hand": 7,
                "reserved": 0,
                "available": 7,
            }
        ],
    }
    history = client.get(ADJUST, {"variant_id": str(variant.pk)}).json()["results"]
    assert [row["delta"] for row in history] == [7]
    assert client.get(ADJUST, {"variant_id": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"delta": 0}, 400, "stock_out_of_bounds"),
        ({"delta": 1.5}, 400, "invalid"),
        ({"delta": "many"}, 400, "invalid"),
        ({"delta": True}, 400, "invalid"),
        ({"delta": 10**10}, 400, "invalid"),
        ({"delta": -6}, 409, "not_enough_on_hand"),
        ({"variant_id": "x"}, 400, "invalid"),
        ({"variant_id": str(new_id())}, 404, "no_such_variant"),
        ({"location_id": str(new_id())}, 404, "no_such_location"),
        ({"reason": "x" * 201}, 400, "invalid"),
        ({"price": 1}, 400, "invalid"),
    ],
)
def test_bad_adjustments_are_problems_and_write_nothing(api, manager, events_of, change, status, code):
    level = StockLevelFactory(on_hand=5)
    body = {"variant_id": str(level.variant_id), "location_id": str(level.location_id), "delta": 1} | change
    answer = api(manager).post(ADJUST, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert list(StockLevel.objects.values_list("on_hand", flat=True)) == [5]
    assert not StockAdjustment.objects.exists()
    assert events_of("inventory.updated") == []


def test_a_variants_stock_and_policy_are_set(api, manager):
    level, client = StockLevelFactory(on_hand=5), api(manager)
    body = {"low_stock_at": 2, "levels": [{"location_id": str(level.location_id), "on_hand": 9}]}
    answer = client.patch(of(level.variant_id), body).json()
    assert (answer["available"], answer["low_stock_at"], answer["tracked"]) == (9, 2, True)
    assert client.patch(of(level.variant_id), {"tracked": False}).json()["tracked"] is False
    assert client.patch(of(level.variant_id), {"levels": [{"on_hand": -1}]}).status_code == 400
    assert client.get(of(new_id())).status_code == 404


def test_anybody_may_check_and_nothing_is_promised(api):
    level = StockLevelFactory(on_hand=5)
    body = {"lines": [{"variant_id": str(level.variant_id), "quantity": 5}]}
    assert api().post(CHECK, body).json() == {
        "available": True,
        "lines": [{"variant_id": str(level.variant_id), "quantity": 5, "available": True, "inventory_quantity": 5}],
    }
    body["lines"].append({"variant_id": str(level.variant_id), "quantity": 1})
    assert api().post(CHECK, body).json()["available"] is False
    for quantity in (0, -1, 1.5, 10**9):
        bad = {"lines": [{"variant_id": str(level.variant_id), "quantity": quantity}]}
        assert api().post(CHECK, bad).status_code == 400
    assert api().post(CHECK, {"lines": []}).status_code == 400
    level.refresh_from_db()
    assert level.reserved == 0


def test_locations_are_kept(api, manager):
    client = api(manager)
    made = client.post(LOCATIONS, {"name": "North", "address": {"city": "Oslo", "country": "NO"}})
    assert made.status_code == 201
    assert made.json()["is_default"] is True
    client.post(LOCATIONS, {"name": "South"})
    south = client.get(LOCATIONS).json()["results"][1]
    path = f"{LOCATIONS}{south['id']}/"
    assert client.patch(path, {"is_default": True, "name": "Harbour"}).json()["name"] == "Harbour"
    assert [row["name"] for row in client.get(LOCATIONS).json()["results"]] == ["Harbour", "North"]
    assert client.delete(path).json()["code"] == "location_in_use"
    assert client.delete(f"{LOCATIONS}{made.json()['id']}/").status_code == 204
    assert client.get(f"{LOCATIONS}{made.json()['id']}/").status_code == 404
    assert client.post(LOCATIONS, {"name": "Harbour"}).status_code == 409
    assert client.post(LOCATIONS, {"name": ""}).status_code == 400


def test_who_may(api, customer, events_of):
    level = StockLevelFactory()
    body = {"variant_id": str(level.variant_id), "location_id": str(level.location_id), "delta": 1}
    for client, status in ((api(), 401), (api(customer), 403)):
        assert client.get(of(level.variant_id)).status_code == status
        assert client.patch(of(level.variant_id), {"tracked": False}).status_code == status
        assert client.get(ADJUST).status_code == status
        assert client.post(ADJUST, body).status_code == status
        assert client.get(LOCATIONS).status_code == status
        assert client.post(LOCATIONS, {"name": "x"}).status_code == status
        assert client.delete(f"{LOCATIONS}{level.location_id}/").status_code == status
    assert not StockAdjustment.objects.exists()
    assert Location.objects.count() == 1
    assert events_of("inventory.updated") == []


def test_stock_is_adjusted_over_graphql(api, manager, customer):
    level = StockLevelFactory(on_hand=5)
    mutation = """mutation ($input: InventoryAdjustInput!) {
      inventoryAdjust(input: $input) { inventory { available levels { onHand } } errors { code } }
    }"""
    data = {
        "variantId": encode_node_id("Variant", level.variant_id), "locationId": str(level.location_id), "delta": -2,
    }  # fmt: skip
    answer = api(manager).graphql(mutation, input=data)["data"]["inventoryAdjust"]
    assert answer == {"inventory": {"available": 3, "levels": [{"onHand": 3}]}, "errors": []}
    refused = api(customer).graphql(mutation, input=data)["data"]["inventoryAdjust"]
    assert refused == {"inventory": None, "errors": [{"code": "forbidden"}]}
