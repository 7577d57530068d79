"""`/api/v1/forum/`, and the same over GraphQL."""

import pytest

from apps.forum.models import Reply, Topic
from tests.content.factories import NASTY, TRACES, make_board, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


def test_a_customer_opens_a_topic_and_others_answer(api, customer, manager):
    make_board("gear")
    made = api(customer).post("/api/v1/forum/topics/", {"category": "gear", "title": "Tents", "body": NASTY})
    assert made.status_code == 201, made.content
    document = made.json()
    assert not [trace for trace in TRACES if trace in document["body_html"]]
    path = f"/api/v1/forum/topics/{document['id']}/"
    assert api(manager).post(path + "replies/", {"body": "Yes"}).status_code == 201
    seen = api().get(path).json()
    assert (seen["reply_count"], seen["category"]["slug"], seen["locked"]) == (1, "gear", False)
    (reply,) = api().get(path + "replies/").json()["results"]
    assert reply["body_html"] == "<p>Yes</p>"
    assert api(manager).patch(path, {"locked": True, "pinned": True}).json()["locked"] is True
    refused = api(customer).post(path + "replies/", {"body": "But"})
    assert (refused.status_code, refused.json()["code"]) == (409, "topic_locked")
    assert [one["pinned"] for one in api().get("/api/v1/topics/?category=gear").json()["results"]] == [True]
    assert api(manager).delete(path).status_code == 204


def test_guests_read_only(api, events_of):
    topic = make_topic()
    path = f"/api/v1/forum/topics/{topic.pk}/"
    answers = [
        api().post("/api/v1/forum/topics/", {"category": "general", "title": "x", "body": "y"}),
        api().post(path + "replies/", {"body": "y"}),
        api().patch(path, {"locked": True}),
        api().delete(path),
        api().post("/api/v1/forum/categories/", {"slug": "x", "translations": {"en": {"name": "x"}}}),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert (Topic.objects.count(), Reply.objects.count(), events_of("reply.added")) == (1, 0, [])


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"category": "none", "title": "x", "body": "y"}, 404, "category"),
        ({"category": "general", "title": "", "body": "y"}, 400, "title"),
        ({"category": "general", "title": "x" * 201, "body": "y"}, 400, "title"),
        ({"category": "general", "title": "x", "body": "y" * 20_001}, 400, "body"),
        ({"category": "general", "title": "x", "body": "y", "pinned": True}, 400, "pinned"),
        ({"category": "general", "title": "x", "body": "y", "locale": "fr"}, 400, "translations.fr"),
    ],
)
def test_bad_input_names_the_field(body, status, field, api, customer, events_of):
    make_board()
    answer = api(customer).post("/api/v1/forum/topics/", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    assert (Topic.objects.count(), events_of("node.created")) == (0, [])


def test_boards_are_made_by_managers(api, manager, customer):
    board = {"slug": "gear", "translations": {"en": {"name": "Gear"}, "de": {"name": "Ausrüstung"}}}
    assert api(customer).post("/api/v1/forum/categories/", board).status_code == 403
    assert api(manager).post("/api/v1/forum/categories/", board).status_code == 201
    (listed,) = api().get("/api/v1/forum/categories/?locale=de").json()["results"]
    assert (listed["title"], listed["resolved_locale"]) == ("Ausrüstung", "de")
    assert api(manager).delete("/api/v1/forum/categories/gear/").status_code == 204


def test_another_tenants_topic_is_not_there(api):
    topic = make_topic()
    other = api(host="globex.localhost")
    assert other.get(f"/api/v1/forum/topics/{topic.pk}/").status_code == 404
    assert other.get(f"/api/v1/forum/topics/{topic.pk}/replies/").status_code == 404


TOPICS = '{ topics(category: "general") { nodes { id title replyCount replies { nodes { bodyHtml } } } } }'
OPEN = "mutation($input: TopicCreateInput!) { topicCreate(input: $input) { topic { id } errors { field code } } }"
ANSWER = "mutation($input: ReplyCreateInput!) { replyCreate(input: $input) { reply { bodyHtml } errors { code } } }"


def test_graphql_opens_answers_and_lists(api, customer, events_of):
    make_board()
    client = api(customer)
    topic = {"category": "general", "title": "Tents", "body": "Which?"}
    assert api().graphql(OPEN, input=topic)["data"]["topicCreate"]["errors"][0]["code"] == "unauthenticated"
    assert events_of("node.created") == []
    key = client.graphql(OPEN, input=topic)["data"]["topicCreate"]["topic"]["id"]
    said = client.graphql(ANSWER, input={"topicId": key, "body": NASTY})["data"]["replyCreate"]
    assert not [trace for trace in TRACES if trace in said["reply"]["bodyHtml"]]
    (listed,) = api().graphql(TOPICS)["data"]["topics"]["nodes"]
    assert (listed["replyCount"], len(listed["replies"]["nodes"])) == (1, 1)
    empty = client.graphql(OPEN, input=topic | {"title": ""})["data"]["topicCreate"]
    assert empty["errors"][0]["field"] == "title"
