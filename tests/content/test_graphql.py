"""Nodes over GraphQL."""

import pytest

from apps.content.models import Node
from tests.content.factories import NASTY, TRACES, make_post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

CREATE = """mutation($input: NodeCreateInput!) {
  nodeCreate(input: $input) { node { id title slug status bodyHtml version } errors { field code } }
}"""
UPDATE = """mutation($input: NodeUpdateInput!) {
  nodeUpdate(input: $input) { node { title version } errors { field code } }
}"""
PUBLISH = """mutation($input: NodePublishInput!) {
  nodePublish(input: $input) { node { status } errors { field code } }
}"""
NODES = "query($locale: String) { nodes(kind: POST, locale: $locale) { nodes { id title resolvedLocale } } }"


def given(**more):
    return {"kind": "POST", "translations": [{"locale": "en", "title": "Hello", "body": NASTY}]} | more


def test_a_node_is_written_changed_and_published(api, manager):
    client = api(manager)
    made = client.graphql(CREATE, input=given())["data"]["nodeCreate"]
    assert made["errors"] == []
    assert (made["node"]["slug"], made["node"]["status"]) == ("hello", "draft")
    assert not [trace for trace in TRACES if trace in made["node"]["bodyHtml"]]
    key = made["node"]["id"]
    text = [{"locale": "en", "title": "Bye"}]
    changed = client.graphql(UPDATE, input={"id": key, "translations": text, "version": 1})["data"]["nodeUpdate"]
    assert changed["node"] == {"title": "Bye", "version": 2}
    lost = client.graphql(UPDATE, input={"id": key, "translations": text, "version": 1})["data"]["nodeUpdate"]
    assert (lost["node"], lost["errors"][0]["code"]) == (None, "precondition_failed")
    assert client.graphql(PUBLISH, input={"id": key})["data"]["nodePublish"]["node"] == {"status": "published"}
    assert api().graphql(NODES, locale="de")["data"]["nodes"]["nodes"] == [
        {"id": key, "title": "Bye", "resolvedLocale": "en"}
    ]


@pytest.mark.parametrize(("who", "code"), [(None, "unauthenticated"), ("customer", "forbidden")])
def test_others_may_not_write(who, code, api, request, events_of):
    client = api(request.getfixturevalue(who) if who else None)
    answer = client.graphql(CREATE, input=given())["data"]["nodeCreate"]
    assert (answer["node"], [error["code"] for error in answer["errors"]]) == (None, [code])
    assert (Node.objects.count(), events_of("node.created")) == (0, [])


def test_bad_input_names_the_field(api, manager):
    answer = api(manager).graphql(CREATE, input=given(translations=[{"locale": "en", "title": ""}]))
    assert answer["data"]["nodeCreate"]["errors"][0]["field"] == "translations.en.title"


def test_drafts_are_not_listed(api):
    make_post(published=False)
    assert api().graphql(NODES)["data"]["nodes"]["nodes"] == []
