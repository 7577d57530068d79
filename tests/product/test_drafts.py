"""What is not on sale, over REST and GraphQL: read by staff and by those to whom it was given, by nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.product.models import Product
from apps.rbac import services
from apps.rbac.services import Grantee, create_api_key, grant_access, withdraw_access
from rustok.kernel.access import Actor
from tests.conftest import ApiClient
from tests.product.factories import ProductFactory
from tests.rbac.factories import person, policy

SYSTEM = Actor.system("tests")
LIST = "/api/v1/products/"
STATUSES = ["draft", "active", "archived"]
ASK_LIST = """query ($status: [String!]) { products(filter: {status: $status}, sort: "title") {
    totalCount nodes { handle status } } }"""
ASK_ONE = "query ($id: ID) { product(id: $id) { handle status } }"

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(acme: Any, deliver_events: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Product]:
    """Three products that are not on sale, and one that is; all in the index."""
    from apps.product.services import publishing

    monkeypatch.setattr(publishing, "_checks", {})
    made = {
        "mine": ProductFactory(handle="mine", title="Mine", vendor="Nordwind"),
        "old": ProductFactory(handle="old", title="Old", vendor="Nordwind", status="archived"),
        "other": ProductFactory(handle="other", title="Other", vendor="Glut"),
        "public": ProductFactory(handle="public", title="Public", vendor="Glut", status="active"),
    }
    deliver_events()
    return made


def listed(client: ApiClient, *statuses: str) -> list[str]:
    """List handles over REST, having looked that GraphQL says the same."""
    answer = client.get(LIST, {"status": statuses, "sort": "title", "include": "count"})
    assert answer.status_code == 200, answer.content
    found = [one["handle"] for one in answer.json()["results"]]
    said = client.graphql(ASK_LIST, status=list(statuses))["data"]["products"]
    assert [one["handle"] for one in said["nodes"]] == found
    assert said["totalCount"] == answer.json()["count"] == len(found)
    return found


def read(client: ApiClient, product: Product) -> bool:
    """Tell whether a product is read by id and by handle, over REST as over GraphQL."""
    codes = {client.get(f"{LIST}{key}/").status_code for key in (product.pk, product.handle)}
    seen = client.graphql(ASK_ONE, id=str(product.pk))["data"]["product"] is not None
    below = {client.get(f"{LIST}{product.pk}/{part}/").status_code for part in ("variants", "images")}
    assert codes == below == ({200} if seen else {404})
    return seen


def priced(client: ApiClient, product: Product) -> bool:
    """Tell whether a product's variant and its prices in all currencies are read."""
    variant = f"/api/v1/variants/{product.variants.get().pk}/"
    codes = {client.get(path).status_code for path in (variant, f"{variant}prices/")}
    assert len(codes) == 1, codes
    return codes == {200}


def refused(client: ApiClient) -> tuple[int, str]:
    """Answer how a list of drafts is refused: REST's status, GraphQL's code."""
    said = client.graphql(ASK_LIST, status=["draft"])
    return client.get(LIST, {"status": "draft"}).status_code, said["errors"][0]["extensions"]["code"]


def test_visitors_and_customers_read_what_is_on_sale_alone(api, shop, customer):
    for client, answer in ((api(), (401, "unauthenticated")), (api(customer), (403, "forbidden"))):
        assert refused(client) == answer
        assert [name for name, product in shop.items() if read(client, product)] == ["public"]
        assert listed(client, "active") == ["public"]
        for way in (LIST, f"{LIST}?status=", f"{LIST}?search=mine", "/api/v1/search/?q=mine&status=draft"):
            assert b'"mine"' not in client.get(way).content.replace(b'"query":"mine"', b""), way


def test_staff_read_and_list_every_status(api, shop, manager):
    client = api(manager)
    assert all(read(client, product) for product in shop.values())
    assert listed(client, "draft") == ["mine", "other"]
    assert listed(client, "archived") == ["old"]
    assert listed(client, *STATUSES) == ["mine", "old", "other", "public"]
    assert [one["handle"] for one in client.get(LIST).json()["results"]] == ["public"]


def test_staff_without_a_role_read_none(api, shop):
    client = api(person("plain@acme.test"))
    assert refused(client) == (403, "forbidden")
    assert not read(client, shop["mine"])


@pytest.mark.parametrize("to", ["user", "team"])
def test_who_was_given_one_reads_and_lists_that_one(api, shop, to):
    editor = person("editor@acme.test")
    team = services.save_team(actor=SYSTEM, name="Editors", members=[editor.pk])
    given = {
        "actor": SYSTEM, "permission": "products.read", "obj": shop["mine"],
        "to": Grantee(to, editor.pk if to == "user" else team.pk),
    }  # fmt: skip
    client = api(editor)
    assert not read(client, shop["mine"])
    grant_access(**given)
    assert [name for name, product in shop.items() if read(client, product)] == ["mine", "public"]
    assert listed(client, "draft") == ["mine"]
    assert listed(client, *STATUSES) == ["mine", "public"]
    assert [name for name, product in shop.items() if priced(client, product)] == ["mine", "public"]
    withdraw_access(**given)
    assert refused(client) == (403, "forbidden")
    assert not read(client, shop["mine"])


def test_a_policy_lets_read_what_it_says_and_no_other(api, shop):
    policy("object.vendor == subject.vendor")
    client = api(person("vendor@acme.test", vendor="Nordwind"))
    assert [name for name, product in shop.items() if read(client, product)] == ["mine", "old", "public"]
    assert listed(client, "draft") == ["mine"]
    assert listed(client, *STATUSES) == ["mine", "old", "public"]


def test_a_policy_that_denies_hides_drafts_and_not_what_everybody_sees(api, shop, manager):
    policy("object.vendor == 'Glut'", effect="deny", actions=["read", "list"])
    client = api(manager)
    assert [name for name, product in shop.items() if read(client, product)] == ["mine", "old", "public"]
    assert listed(client, *STATUSES) == ["mine", "old", "public"]


def test_a_role_that_owns_products_reads_no_draft_as_nobody_owns_one(api, shop):
    services.save_role(
        actor=SYSTEM, slug="own", name="Own", permissions={"products.read": "own", "products.list": "own"}
    )
    user = person("own@acme.test")
    services.assign_role(actor=SYSTEM, user_id=user.pk, role="own")
    client = api(user)
    assert refused(client) == (403, "forbidden")
    assert not read(client, shop["mine"])


@pytest.mark.parametrize("permissions", [["products.read", "products.list"], ["orders.read"]])
def test_an_integration_reads_what_its_key_lists(api, shop, manager, permissions):
    _row, key = create_api_key(
        actor=SYSTEM, name="Feed", permissions=permissions, now=timezone.now(), user_id=manager.pk
    )
    client = api()
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    if permissions == ["orders.read"]:
        assert refused(client) == (403, "forbidden")
        assert not read(client, shop["mine"])
    else:
        assert read(client, shop["mine"])
        assert listed(client, "draft") == ["mine", "other"]


def test_facets_and_counts_look_at_what_the_reader_sees_alone(api, shop):
    editor = person("editor@acme.test")
    grant_access(actor=SYSTEM, permission="products.read", obj=shop["mine"], to=Grantee("user", editor.pk))
    body = api(editor).get(LIST, {"status": "draft", "include": "facets,count"}).json()
    assert body["facets"]["vendors"] == [{"value": "Nordwind", "count": 1}]
    assert body["count"] == 1


def test_only_the_reader_keeps_what_not_everybody_sees(api, shop, manager):
    client = api(manager)
    for path in (f"{LIST}mine/", f"{LIST}?status=draft"):
        answer = client.get(path)
        assert answer["Cache-Control"] == "private, no-cache"
        again = client.get(path, HTTP_IF_NONE_MATCH=answer["ETag"])
        assert (again.status_code, again["Cache-Control"]) == (304, "private, no-cache")
    assert "Cache-Control" not in api().get(f"{LIST}public/")
    assert "Cache-Control" not in client.get(LIST)


def test_a_status_that_there_is_not_is_refused(api, shop, manager):
    assert api(manager).get(LIST, {"status": "sold"}).json()["code"] == "invalid_filter"
    said = api(manager).graphql(ASK_LIST, status=["sold"])
    assert said["errors"][0]["extensions"]["code"] == "invalid_filter"


def test_queries_are_as_many_for_one_draft_as_for_many(api, shop, manager, deliver_events):
    vendor = person("vendor@acme.test", vendor="Nordwind")
    grant_access(actor=SYSTEM, permission="products.read", obj=shop["other"], to=Grantee("user", vendor.pk))
    policy("object.vendor == subject.vendor")
    clients = {"visitor": api(), "manager": api(manager), "vendor": api(vendor)}
    paths = {"visitor": LIST, "manager": f"{LIST}?status=draft", "vendor": f"{LIST}?status=draft"}

    def counted() -> dict[str, int]:
        found = {}
        for who, client in clients.items():
            client.get(paths[who])
            with CaptureQueriesContext(connection) as queries:
                assert client.get(paths[who]).status_code == 200
            found[who] = len([one for one in queries if "index_indexproduct" in one["sql"]])
            assert not [one for one in queries if one["sql"].startswith('SELECT "product_')]
        return found

    few = counted()
    for number in range(12):
        ProductFactory(handle=f"more-{number}", vendor="Nordwind")
    deliver_events()
    assert few == counted() == {"visitor": 1, "manager": 1, "vendor": 1}
    assert len(clients["vendor"].get(paths["vendor"]).json()["results"]) == 14
