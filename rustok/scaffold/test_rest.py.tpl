"""REST and GraphQL of the $module module."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.$module.services import create_$word
from apps.tenant.public import disable_module


def test_a_manager_creates_and_anybody_lists(api, manager):
    answer = api(manager).post("/api/v1/$path/", {"title": "First"})
    assert answer.status_code == 201
    assert api().get("/api/v1/$path/").json()["results"] == [answer.json()]
    listed = api().graphql("{ $graphql { nodes { title } } }")
    assert listed["data"]["$graphql"]["nodes"] == [{"title": "First"}]


def test_nobody_creates(api):
    assert api().post("/api/v1/$path/", {"title": "First"}).status_code == 401


def test_a_title_is_needed_and_bounded(api, manager):
    client = api(manager)
    for bad in ({}, {"title": ""}, {"title": "x" * 201}, {"title": "x", "position": -1}, {"title": "x", "other": 1}):
        assert client.post("/api/v1/$path/", bad).status_code == 400


def test_the_number_of_queries_does_not_grow_with_the_list(api, system):
    client, counts = api(), []
    client.get("/api/v1/$path/")
    for _ in range(2):
        for number in range(5):
            create_$word(actor=system, title=f"No. {number}")
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/v1/$path/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_shop_that_does_not_use_it_does_not_see_it(api, system):
    disable_module(actor=system, slug="$module", with_dependencies=True)
    assert api().get("/api/v1/$path/").json()["code"] == "module_disabled"
    said = api().graphql("{ $graphql { nodes { title } } }")
    assert said["errors"][0]["extensions"]["code"] == "module_disabled"
