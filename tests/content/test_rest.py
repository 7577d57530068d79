"""`/api/v1/nodes/`."""

import pytest

from apps.content.models import Node
from tests.content.factories import NASTY, TRACES, make_page, make_post, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

NODE = {"kind": "post", "translations": {"en": {"title": "Hello", "body": "*Hi*"}}}


def test_a_manager_writes_and_publishes(api, manager, events_of):
    client = api(manager)
    made = client.post("/api/v1/nodes/", NODE)
    assert made.status_code == 201
    node = made.json()
    assert (node["status"], node["slug"], node["body_html"]) == ("draft", "hello", "<p><em>Hi</em></p>")
    assert api().get(f"/api/v1/nodes/{node['id']}/").status_code == 404
    published = client.post(f"/api/v1/nodes/{node['id']}/publish/")
    assert published.json()["status"] == "published"
    seen = api().get(f"/api/v1/nodes/{node['id']}/?locale=de")
    assert (seen.status_code, seen["Content-Language"], seen.json()["resolved_locale"]) == (200, "en", "en")
    assert client.post(f"/api/v1/nodes/{node['id']}/unpublish/").json()["status"] == "draft"
    assert api().get(f"/api/v1/nodes/{node['id']}/").status_code == 404
    assert len(events_of("node.published")) == len(events_of("node.unpublished")) == 1


def test_a_node_over_the_general_edge_is_complete(api, manager):
    client = api(manager)
    client.post("/api/v1/nodes/", NODE)
    client.post("/api/v1/nodes/", {"kind": "page", "translations": {"en": {"title": "About us"}}})
    assert client.get("/api/v1/posts/hello/").json()["tags"] == []
    assert client.get("/api/v1/pages/about-us/").json()["blocks"] == []


@pytest.mark.parametrize("who", ["nobody", "customer"])
def test_others_may_not_write(who, api, customer, events_of):
    client, expected = (api(), 401) if who == "nobody" else (api(customer), 403)
    post = make_post()
    before = len(events_of("node.created"))
    answers = [
        client.post("/api/v1/nodes/", NODE),
        client.patch(f"/api/v1/nodes/{post.pk}/", {"translations": {"en": {"title": "Hacked"}}}),
        client.post(f"/api/v1/nodes/{post.pk}/unpublish/"),
        client.delete(f"/api/v1/nodes/{post.pk}/"),
    ]
    assert [answer.status_code for answer in answers] == [expected] * 4
    assert Node.objects.count() == 1
    assert len(events_of("node.created")) == before
    assert events_of("node.updated") == events_of("node.unpublished") == events_of("node.deleted") == []


def test_an_unchanged_answer_is_not_sent_again(api):
    path = f"/api/v1/nodes/{make_post().pk}/"
    first = api().get(path)
    again = api().get(path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_a_lost_race_is_412(api, manager):
    client, path = api(manager), f"/api/v1/nodes/{make_post().pk}/"
    tag = client.get(path)["ETag"]
    change = {"translations": {"en": {"title": "First"}}}
    assert client.patch(path, change, HTTP_IF_MATCH=tag).status_code == 200
    lost = client.patch(path, {"translations": {"en": {"title": "Second"}}}, HTTP_IF_MATCH=tag)
    assert (lost.status_code, lost.json()["code"]) == (412, "precondition_failed")
    assert client.get(path).json()["title"] == "First"
    assert client.delete(path, HTTP_IF_MATCH=tag).status_code == 412


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "topic", "translations": {"en": {"title": "x"}}}, "kind"),
        ({"kind": "post", "translations": {}}, "translations"),
        ({"kind": "post", "translations": {"xx-??": {"title": "x"}}}, "translations"),
        ({"kind": "post", "translations": {"fr": {"title": "x"}}}, "translations.fr"),
        ({"kind": "post", "translations": {"en": {"title": "x" * 201}}}, "translations.en.title"),
        ({"kind": "post", "translations": {"en": {"title": "x", "nonsense": 1}}}, "translations.en.nonsense"),
        ({"kind": "post", "translations": {"en": "text"}}, "translations.en"),
        ({"kind": "post", "translations": {"en": {"title": "x"}}, "status": "published"}, "status"),
    ],
)
def test_bad_input_names_the_field_and_writes_nothing(body, field, api, manager, events_of):
    answer = api(manager).post("/api/v1/nodes/", body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["field"] == field
    assert (Node.objects.count(), events_of("node.created")) == (0, [])


def test_nothing_that_runs_comes_out(api, manager):
    made = api(manager).post("/api/v1/nodes/", {"kind": "post", "translations": {"en": {"title": "x", "body": NASTY}}})
    assert not [trace for trace in TRACES if trace in made.json()["body_html"]]


def test_the_list_shows_visitors_what_is_published_and_editors_drafts_too(api, manager, customer):
    make_post()
    make_post(published=False)
    path = "/api/v1/nodes/?kind=post"
    assert len(api().get(path).json()["results"]) == len(api(customer).get(path).json()["results"]) == 1
    assert len(api(manager).get(path).json()["results"]) == 2
    assert [one["status"] for one in api(manager).get(path + "&status=draft").json()["results"]] == ["draft"]
    assert api().get(path + "&status=draft").json()["results"] == []
    assert api().get(path + "&status=x").status_code == 400
    assert api().get("/api/v1/nodes/?kind=x").status_code == 400


def test_sources_are_for_editors(api, manager):
    path = f"/api/v1/nodes/{make_page().pk}/?include=translations"
    assert "translations" not in api().get(path).json()
    assert api(manager).get(path).json()["translations"]["en"]["title"] == "A page"


def test_a_node_of_another_tenant_is_not_found(api):
    path = f"/api/v1/nodes/{make_topic().pk}/"
    assert api().get(path).status_code == 200
    assert api(host="globex.localhost").get(path).status_code == 404


def test_an_unknown_locale_is_refused(api):
    answer = api().get(f"/api/v1/nodes/{make_post().pk}/?locale=fr")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_locale")
