"""Events and dead letters by GraphQL."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.outbox.models import DeadLetter, DeadLetterAct, Delivery, OutboxEvent
from rustok.kernel.edges.graphql import encode_node_id
from rustok.kernel.ids import new_id
from tests.outbox.letters import EVENT, listening, poison, publish, run

LETTERS = """query ($filter: DeadLetterFilterInput, $first: Int, $after: String) {
  deadLetters(filter: $filter, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id handler state error traceback tenant event { id type payload deliveries { handler state deadLetterId } }
            acts { action actor reason } } } }"""
EVENTS = """query ($filter: EventFilterInput, $first: Int) {
  events(filter: $filter, first: $first) { nodes { id type aggregateVersion deliveries { handler state error } } } }"""
RETRY = """mutation ($id: ID!) { deadLetterRetry(input: {id: $id}) {
  deadLetter { state acts { action } } errors { field code message } } }"""
DISCARD = """mutation ($id: ID!, $reason: String!) { deadLetterDiscard(input: {id: $id, reason: $reason}) {
  deadLetter { state acts { reason } } errors { field code } } }"""
REPLAY = """mutation ($id: ID!, $handlers: [String!]) { eventReplay(input: {id: $id, handlers: $handlers}) {
  count event { deliveries { handler state } } errors { field code } } }"""


@pytest.fixture
def staff(api, admin_user):
    return api(admin_user)


def test_letters_come_with_their_event_and_what_was_done(staff, acme):
    (letter,) = poison(acme, "tests.fail")
    (node,) = staff.graphql(LETTERS)["data"]["deadLetters"]["nodes"]
    assert node["id"] == encode_node_id("DeadLetter", letter.pk)
    assert (node["handler"], node["state"], node["tenant"], node["acts"]) == ("tests.fail", "dead", "acme", [])
    assert node["event"]["id"] == encode_node_id("Event", letter.event_id)
    assert node["event"]["payload"]["category_id"] == str(letter.aggregate_id)
    assert node["event"]["deliveries"] == [{"handler": "tests.fail", "state": "dead", "deadLetterId": node["id"]}]


def test_letters_are_filtered_and_paged(staff, acme):
    poison(acme, "tests.fail", "tests.other")
    first = staff.graphql(LETTERS, first=1)["data"]["deadLetters"]
    assert first["pageInfo"]["hasNextPage"]
    second = staff.graphql(LETTERS, first=1, after=first["pageInfo"]["endCursor"])["data"]["deadLetters"]
    assert {row["nodes"][0]["handler"] for row in (first, second)} == {"tests.fail", "tests.other"}
    found = staff.graphql(LETTERS, filter={"handler": ["tests.other"]})["data"]["deadLetters"]["nodes"]
    assert [row["handler"] for row in found] == ["tests.other"]
    assert staff.graphql(LETTERS, filter={"state": "discarded"})["data"]["deadLetters"]["nodes"] == []


@pytest.mark.parametrize(
    ("filter", "code"),
    [({"state": "lost"}, "invalid"), ({"diedAfter": "soon"}, "invalid"), ({"tenant": "globex"}, "unknown_tenant")],
)
def test_a_wrong_filter_is_named(staff, acme, globex, filter, code):
    answer = staff.graphql(LETTERS, filter=filter)
    assert answer["errors"][0]["extensions"]["code"] == code


def test_one_event_is_answered_by_its_id(staff, acme):
    publish(acme)
    event = OutboxEvent.objects.filter(event_type=EVENT).get()
    query = "query ($id: ID!) { event(id: $id) { type causationId createdAt } }"
    for key in (encode_node_id("Event", event.pk), str(event.pk)):
        assert staff.graphql(query, id=key)["data"]["event"]["type"] == EVENT
    for key in (str(new_id()), "no-id"):
        assert staff.graphql(query, id=key)["data"]["event"] is None
    wrong = staff.graphql(query, id=encode_node_id("DeadLetter", event.pk))
    assert wrong["errors"][0]["extensions"]["code"] == "invalid_id"


def test_a_letter_is_retried_once(staff, acme):
    (letter,) = poison(acme, "tests.fail")
    done = staff.graphql(RETRY, id=str(letter.pk))["data"]["deadLetterRetry"]
    assert done == {"deadLetter": {"state": "retried", "acts": [{"action": "retry"}]}, "errors": []}
    again = staff.graphql(RETRY, id=str(letter.pk))["data"]["deadLetterRetry"]
    assert again["deadLetter"] is None
    assert [(one["code"], one["message"]) for one in again["errors"]] == [
        ("not_a_dead_letter", "it was retried already")
    ]
    assert DeadLetterAct.objects.count() == 1


def test_a_letter_is_discarded_with_a_reason_only(staff, acme):
    (letter,) = poison(acme, "tests.fail")
    refused = staff.graphql(DISCARD, id=str(letter.pk), reason=" ")["data"]["deadLetterDiscard"]
    assert refused["errors"] == [{"field": "reason", "code": "reason_required"}]
    assert DeadLetter.objects.get(pk=letter.pk).state == "dead"
    done = staff.graphql(DISCARD, id=str(letter.pk), reason="gone")["data"]["deadLetterDiscard"]
    assert done["deadLetter"] == {"state": "discarded", "acts": [{"reason": "gone"}]}


def test_an_event_is_delivered_again(staff, acme):
    with listening("tests.fail"):
        publish(acme)
        run(acme)
        event = OutboxEvent.objects.filter(event_type=EVENT).get()
        refused = staff.graphql(REPLAY, id=str(event.pk), handlers=["order.unheard"])["data"]["eventReplay"]
        assert refused["errors"] == [{"field": "handlers", "code": "unknown_handler"}]
        assert not Delivery.objects.exists()
        done = staff.graphql(REPLAY, id=str(event.pk))["data"]["eventReplay"]
    assert done["count"] == 1
    assert done["event"]["deliveries"] == [{"handler": "tests.fail", "state": "waiting"}]


def test_what_is_another_tenants_is_not_there(staff, acme, globex):
    (theirs,) = poison(globex, "tests.fail")
    assert staff.graphql(LETTERS)["data"]["deadLetters"]["nodes"] == []
    for document, name, variables in (
        (RETRY, "deadLetterRetry", {"id": str(theirs.pk)}),
        (DISCARD, "deadLetterDiscard", {"id": str(theirs.pk), "reason": "x"}),
        (REPLAY, "eventReplay", {"id": str(theirs.event_id)}),
    ):
        answer = staff.graphql(document, **variables)
        assert answer["data"][name]["errors"][0]["code"] == "not_found", name
    theirs.refresh_from_db()
    assert theirs.state == "dead"
    assert not DeadLetterAct.objects.exists()


@pytest.mark.parametrize(
    ("who", "code"), [(None, "unauthenticated"), ("customer", "forbidden"), ("manager", "forbidden")]
)
def test_only_those_who_may_see_logs_get_in(api, request, acme, who, code):
    (letter,) = poison(acme, "tests.fail")
    client = api(request.getfixturevalue(who) if who else None)
    for document in (LETTERS, EVENTS):
        assert client.graphql(document)["errors"][0]["extensions"]["code"] == code
    answer = client.graphql(RETRY, id=str(letter.pk))["data"]["deadLetterRetry"]
    assert (answer["deadLetter"], answer["errors"][0]["code"]) == (None, code)
    letter.refresh_from_db()
    assert letter.state == "dead"
    assert not DeadLetterAct.objects.exists()


@pytest.mark.parametrize("document", [LETTERS, EVENTS])
def test_a_longer_list_asks_no_more_questions(staff, acme, document, django_assert_num_queries):
    poison(acme, "tests.fail")
    with CaptureQueriesContext(connection) as short:
        staff.graphql(document)
    for number in range(8):
        poison(acme, "tests.fail", "tests.other", name=f"Poison {number}")
    with django_assert_num_queries(len(short)):
        answer = staff.graphql(document)
    assert "errors" not in answer
