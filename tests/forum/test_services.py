"""Topics and replies."""

from datetime import timedelta

import pytest

from apps.content.models import Node
from apps.forum import services
from apps.forum.models import Reply, Topic
from apps.forum.public import categories, replies, topic, topics
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from rustok.kernel.pages import PageRequest
from tests.content.factories import NASTY, NOW, SYSTEM, TRACES, make_board, make_topic

pytestmark = pytest.mark.django_db


def say(found, body="Yes.", **given):
    return services.add_reply(actor=given.pop("actor", SYSTEM), topic_id=found.pk, body=body, now=NOW, **given)


def test_a_reply_is_counted_and_announced(acme, events_of):
    found = make_topic()
    reply = say(found)
    document = topic(found.pk, "en")
    assert (document["reply_count"], document["last_reply_at"]) == (1, "2026-03-01T12:00:00Z")
    assert events_of("reply.added") == [{"reply_id": str(reply.pk), "topic_id": str(found.pk)}]
    services.delete_reply(actor=SYSTEM, reply_id=reply.pk)
    assert topic(found.pk, "en")["reply_count"] == 0
    assert len(events_of("reply.deleted")) == 1


def test_topics_stand_pinned_first_then_by_activity(acme):
    old = make_topic(title="Old", now=NOW - timedelta(days=3))
    make_topic(title="New", now=NOW - timedelta(days=1))
    make_topic(title="Pinned", now=NOW - timedelta(days=9), pinned=True)
    say(old)
    assert [one["title"] for one in topics("en").results] == ["Pinned", "Old", "New"]


def test_pages_of_topics_meet(acme):
    for number in range(5):
        make_topic(title=f"T{number}", now=NOW + timedelta(hours=number - 9), pinned=number == 2)
    first = topics("en", PageRequest(size=2))
    second = topics("en", PageRequest(size=9, cursor=first.next))
    assert [one["title"] for one in first.results + second.results] == ["T2", "T4", "T3", "T1", "T0"]


def test_boards_count_their_topics_and_filter(acme):
    make_topic(category="gear")
    make_board("empty")
    assert [(one["slug"], one["topic_count"]) for one in categories("de")] == [("empty", 0), ("gear", 1)]
    assert topics("en", category="empty").results == []


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("body", ["", "   ", "x" * 20_001, "NUL\x00"])
def test_bad_words_are_refused(body, events_of):
    found = make_topic()
    with pytest.raises(Invalid):
        say(found, body)
    with pytest.raises(Invalid):
        make_topic(body=body)
    assert (Reply.objects.count(), Topic.objects.count(), events_of("reply.added")) == (0, 1, [])


def test_a_closed_topic_takes_no_replies_but_a_moderators(acme, customer, manager, actor, events_of):
    found = make_topic()
    services.change_topic(actor=actor(manager), topic_id=found.pk, locked=True)
    with pytest.raises(services.TopicLocked):
        say(found, actor=actor(customer))
    assert (topic(found.pk, "en")["reply_count"], events_of("reply.added")) == (0, [])
    say(found, actor=actor(manager))
    assert topic(found.pk, "en")["reply_count"] == 1


def test_a_customer_opens_and_answers_but_does_not_moderate(acme, customer, actor, events_of):
    me = actor(customer)
    found = make_topic(actor=me, author_name="")
    say(found, actor=me)
    with pytest.raises(Forbidden):
        services.change_topic(actor=me, topic_id=found.pk, pinned=True)
    with pytest.raises(Forbidden):
        make_topic(actor=me, author_name="", pinned=True)
    with pytest.raises(Forbidden):
        services.ensure_category(actor=me, slug="mine", translations={"en": {"name": "Mine"}})
    with pytest.raises(Forbidden):
        services.delete_topic(actor=me, topic_id=found.pk)
    with pytest.raises(services.ForeignAuthor):
        say(found, actor=me, author_name="The owner")
    assert (Topic.objects.count(), Node.objects.count(), Reply.objects.count()) == (1, 1, 1)
    assert (events_of("topic.updated"), len(events_of("node.created"))) == ([], 1)


def test_a_customer_removes_only_own_replies(acme, customer, actor):
    found = make_topic()
    foreign, own = say(found, author_name="Bea"), say(found, actor=actor(customer))
    with pytest.raises(Forbidden):
        services.delete_reply(actor=actor(customer), reply_id=foreign.pk)
    services.delete_reply(actor=actor(customer), reply_id=own.pk)
    assert topic(found.pk, "en")["reply_count"] == 1


def test_guests_only_read(acme, events_of):
    found = make_topic()
    with pytest.raises(Unauthenticated):
        say(found, actor=ANONYMOUS)
    with pytest.raises(Unauthenticated):
        make_topic(actor=ANONYMOUS, author_name="")
    assert (Topic.objects.count(), Reply.objects.count(), events_of("reply.added")) == (1, 0, [])


def test_nothing_that_runs_comes_out(acme):
    found = make_topic(body=NASTY)
    say(found, NASTY)
    for html in (topic(found.pk, "en")["body_html"], replies(found.pk).results[0]["body_html"]):
        assert not [trace for trace in TRACES if trace in html]


def test_a_board_with_topics_stays(acme):
    found = make_topic()
    with pytest.raises(Conflict):
        services.delete_category(actor=SYSTEM, category_id=found.category_id)


def test_deleting_a_topic_takes_its_node_and_replies(acme, events_of):
    found = make_topic()
    say(found)
    services.delete_topic(actor=SYSTEM, topic_id=found.pk)
    assert (Node.objects.count(), Topic.objects.count(), Reply.objects.count()) == (0, 0, 0)
    assert events_of("node.deleted") == [{"node_id": str(found.pk), "kind": "topic"}]


def test_another_tenants_topic_is_not_there(acme, globex):
    from apps.tenant.public import use_tenant

    found = make_topic()
    with use_tenant(globex):
        assert topic(found.pk, "en") is None
        with pytest.raises(NotFound):
            say(found)


def test_a_board_costs_a_constant_number_of_queries(acme, django_assert_max_num_queries):
    for _ in range(6):
        make_topic()
    with django_assert_max_num_queries(3):
        assert len(topics("en").results) == 6
