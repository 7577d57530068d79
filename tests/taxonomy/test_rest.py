"""Categories and tags over REST."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.taxonomy.models import Category, Tag
from tests.taxonomy.factories import CategoryFactory, TagFactory

pytestmark = pytest.mark.django_db
TENTS = {"translations": {"en": {"name": "Tents"}, "de": {"name": "Zelte"}}}


def test_a_manager_writes_and_a_visitor_reads(api, manager):
    made = api(manager).post("/api/v1/categories/", TENTS)
    assert made.status_code == 201, made.content
    answer = api().get("/api/v1/categories/tents/?locale=de")
    assert answer.json()["name"] == "Zelte"
    assert answer["Content-Language"] == "de"
    assert answer.json()["id"] == made.json()["id"]
    assert answer.json()["updated_at"].endswith("Z")


def test_a_nested_path_is_an_address(api):
    tents = CategoryFactory(name="Tents", parent=CategoryFactory(name="Camping"))
    answer = api().get("/api/v1/categories/camping/tents/").json()
    assert (answer["id"], answer["ancestors"][0]["path"]) == (str(tents.pk), "camping")
    assert api().get("/api/v1/categories/tents/").status_code == 404


def test_a_read_that_has_not_changed_is_304(api):
    category = CategoryFactory(name="Tents")
    url = f"/api/v1/categories/{category.pk}/"
    etag = api().get(url)["ETag"]
    assert api().get(url, HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_a_lost_race_is_412(api, manager, events_of):
    category = CategoryFactory(name="Tents")
    client, url = api(manager), f"/api/v1/categories/{category.pk}/"
    etag = client.get(url)["ETag"]
    assert client.patch(url, {"position": 3}, HTTP_IF_MATCH=etag).status_code == 200
    lost = client.patch(url, {"position": 4}, HTTP_IF_MATCH=etag)
    assert (lost.status_code, lost.json()["code"]) == (412, "precondition_failed")
    assert client.patch(url, {"position": 4}, HTTP_IF_MATCH='"nonsense"').status_code == 412
    assert client.delete(url, HTTP_IF_MATCH=etag).status_code == 412
    assert Category.objects.get().position == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"translations": {}}, "empty"),
        ({"translations": {"en": {"name": "x" * 121}}}, "max_length"),
        ({"translations": {"xx": {"name": "Tents"}}}, "unknown_locale"),
        ({**TENTS, "slug": "Not A Slug"}, "handle"),
        ({**TENTS, "position": -1}, "min_value"),
        ({**TENTS, "parent_id": "11111111-1111-7111-8111-111111111111"}, "invalid"),
        ({**TENTS, "colour": "red"}, "unknown_field"),
    ],
)
def test_bad_input_is_400_and_writes_nothing(api, manager, body, code, events_of):
    answer = api(manager).post("/api/v1/categories/", body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["code"] == code
    assert not Category.objects.exists()
    assert events_of("category.created") == []


def test_who_may_not_write_is_told_so(api, customer):
    category = CategoryFactory(name="Tents")
    for client, status in ((api(), 401), (api(customer), 403)):
        assert client.post("/api/v1/categories/", TENTS).status_code == status
        assert client.patch(f"/api/v1/categories/{category.pk}/", {"position": 9}).status_code == status
        assert client.delete(f"/api/v1/categories/{category.pk}/").status_code == status
        assert client.post("/api/v1/tags/", {"name": "Mine"}).status_code == status
    assert Category.objects.get().position == 0
    assert not Tag.objects.exists()


def test_lists_are_pages(api):
    for n in range(5):
        CategoryFactory(name=f"Category {n}")
        TagFactory(name=f"Tag {n}")
    first = api().get("/api/v1/categories/?page_size=2&include=count").json()
    assert (len(first["results"]), first["count"]) == (2, 5)
    second = api().get(first["next"]).json()
    assert [one["slug"] for one in second["results"]] == ["category-2", "category-3"]
    assert len(api().get("/api/v1/tags/").json()["results"]) == 5
    assert api().get("/api/v1/tags/?page_size=101").json()["code"] == "invalid_page_size"


def test_a_list_costs_the_same_for_one_and_for_many(api):
    client = api()
    for n in range(12):
        CategoryFactory(name=f"Category {n}", parent=CategoryFactory(name=f"Parent {n}"))
    client.get("/api/v1/categories/")
    counts = []
    for size in (2, 20):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/api/v1/categories/?page_size={size}")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5


def test_a_tag_is_renamed_but_keeps_its_slug(api, manager):
    client = api(manager)
    tag = client.post("/api/v1/tags/", {"name": "Summer Sale"}).json()
    answer = client.patch(f"/api/v1/tags/{tag['id']}/", {"name": "Sale"})
    assert answer.json() == {"id": tag["id"], "slug": "summer-sale", "name": "Sale"}
    assert client.post("/api/v1/tags/", {"name": "summer sale"}).status_code == 409
    assert client.delete(f"/api/v1/tags/{tag['id']}/").status_code == 204


def test_another_shop_does_not_have_it(api):
    CategoryFactory(name="Tents")
    assert api(host="globex.localhost").get("/api/v1/categories/tents/").status_code == 404
