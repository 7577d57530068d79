"""`/api/v1/pages/` and `page(path)`."""

import pytest

from apps.pages.models import Page
from tests.content.factories import NASTY, TRACES, make_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

PAGE = {
    "path": "about",
    "translations": {"en": {"title": "About"}},
    "blocks": {"en": [{"type": "text", "data": {"body": NASTY}}]},
}


def test_a_page_is_made_changed_published_and_removed(api, manager):
    client = api(manager)
    assert client.post("/api/v1/pages/", PAGE).status_code == 201
    assert api().get("/api/v1/pages/about/").status_code == 404
    assert client.post("/api/v1/pages/about/publish/").json()["status"] == "published"
    seen = api().get("/api/v1/pages/about/?locale=de")
    assert (seen.json()["resolved_locale"], seen["Content-Language"]) == ("en", "en")
    html = seen.json()["blocks"][0]["data"]["html"]
    assert not [trace for trace in TRACES if trace in html]
    moved = client.patch(
        "/api/v1/pages/about/", {"path": "about/us"}, HTTP_IF_MATCH=client.get("/api/v1/pages/about/")["ETag"]
    )
    assert (moved.status_code, moved.json()["path"]) == (200, "about/us")
    assert client.post("/api/v1/pages/about/us/unpublish/").json()["status"] == "draft"
    assert client.delete("/api/v1/pages/about/us/").status_code == 204
    assert Page.objects.count() == 0


def test_a_lost_race_is_412_and_an_unchanged_page_304(api, manager):
    make_page(path="about")
    client = api(manager)
    tag = client.get("/api/v1/pages/about/")["ETag"]
    assert client.get("/api/v1/pages/about/", HTTP_IF_NONE_MATCH=tag).status_code == 304
    change = {"translations": {"en": {"title": "New"}}}
    assert client.patch("/api/v1/pages/about/", change, HTTP_IF_MATCH=tag).status_code == 200
    assert client.patch("/api/v1/pages/about/", change, HTTP_IF_MATCH=tag).status_code == 412
    assert client.get("/api/v1/pages/about/", HTTP_IF_NONE_MATCH=tag).status_code == 200


@pytest.mark.parametrize("who", [None, "customer"])
def test_others_may_not_write(who, api, request, events_of):
    make_page(path="about")
    before = len(events_of("node.created")) + len(events_of("node.published"))
    client = api(request.getfixturevalue(who) if who else None)
    answers = [
        client.post("/api/v1/pages/", PAGE | {"path": "other"}),
        client.patch("/api/v1/pages/about/", {"blocks": {"en": []}}),
        client.post("/api/v1/pages/about/unpublish/"),
        client.delete("/api/v1/pages/about/"),
    ]
    assert {answer.status_code for answer in answers} == {403 if who else 401}
    assert len(events_of("node.created")) + len(events_of("node.published")) == before
    assert events_of("node.updated") == events_of("node.unpublished") == events_of("node.deleted") == []


def test_a_bad_block_names_its_place(api, manager):
    bad = PAGE | {"blocks": {"en": [{"type": "text", "data": {"body": "x"}}, {"type": "hero", "data": {"colour": 1}}]}}
    answer = api(manager).post("/api/v1/pages/", bad)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith("blocks.en.1.data")
    assert Page.objects.count() == 0


def test_editors_get_the_sources(api, manager):
    make_page(path="about", blocks={"en": [{"type": "text", "data": {"body": "Some *words*."}}]})
    document = api(manager).get("/api/v1/pages/about/?include=translations").json()
    assert document["blocks"]["en"] == [{"type": "text", "data": {"body": "Some *words*."}}]
    assert "translations" not in api().get("/api/v1/pages/about/?include=translations").json()


def test_the_list_leaves_drafts_to_editors(api, manager):
    make_page(path="a")
    make_page(path="b", published=False)
    assert [page["path"] for page in api().get("/api/v1/pages/").json()["results"]] == ["a"]
    assert {page["path"] for page in api(manager).get("/api/v1/pages/").json()["results"]} == {"a", "b"}


def test_another_tenants_page_is_not_there(api):
    page = make_page(path="about")
    for key in ("about", page.pk):
        assert api(host="globex.localhost").get(f"/api/v1/pages/{key}/").status_code == 404


def test_graphql_answers_a_page(api):
    make_page(path="about")
    query = """{ page(path: "about", locale: "de") { path title resolvedLocale blocks { type data } }
                 none: page(path: "none") { path } }"""
    data = api().graphql(query)["data"]
    assert data["page"]["blocks"][0]["data"]["title"] == "Welcome"
    assert (data["page"]["resolvedLocale"], data["none"]) == ("en", None)
