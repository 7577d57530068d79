"""Posts."""

import pytest

from apps.blog import services
from apps.blog.models import Post
from apps.blog.public import get_post, list_posts
from rustok.kernel.errors import Forbidden, Invalid
from rustok.kernel.ids import new_id
from rustok.kernel.pages import PageRequest
from tests.content.factories import NOW, SYSTEM, make_post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


def test_a_published_post_is_listed_once_the_index_knows(deliver_events):
    make_post(translations={"en": {"title": "Tea"}, "de": {"title": "Tee"}}, tags=["Drinks", "Hot"])
    make_post(translations={"en": {"title": "Draft"}}, published=False)
    deliver_events()
    found = list_posts("de").results
    assert [(post["title"], post["tags"], post["author"]) for post in found] == [("Tee", ["drinks", "hot"], "Ann")]
    assert list_posts("de", tag="hot").results
    assert not list_posts("de", tag="cold").results


def test_the_index_answers_what_the_tables_say(deliver_events):
    post = make_post(tags=["Drinks"])
    deliver_events()
    (indexed,) = list_posts("de").results
    assert indexed == get_post(str(post.pk), "de")


def test_a_post_that_is_taken_back_leaves_the_list(deliver_events):
    post = make_post()
    deliver_events()
    services.unpublish_post(actor=SYSTEM, post_id=post.pk, now=NOW)
    deliver_events()
    assert list_posts("en").results == []


def test_a_list_of_any_length_costs_one_query(deliver_events, django_assert_num_queries):
    for _ in range(4):
        make_post(tags=["A"])
    deliver_events()
    with django_assert_num_queries(1):
        assert len(list_posts("en", PageRequest(size=10)).results) == 4


def test_what_is_not_named_stays(acme):
    post = make_post(tags=["A"])
    services.update_post(actor=SYSTEM, post_id=post.pk, takes_comments=False, now=NOW)
    document = get_post(str(post.pk), "en")
    assert (document["tags"], document["takes_comments"], document["version"]) == (["a"], False, 2)
    services.update_post(actor=SYSTEM, post_id=post.pk, tags=[], now=NOW)
    assert get_post(str(post.pk), "en")["tags"] == []


def test_a_cover_must_be_there(events_of):
    with pytest.raises(services.NoSuchImage):
        make_post(cover_id=new_id())
    assert (Post.objects.count(), events_of("node.created")) == (0, [])


def test_too_many_tags_are_refused(acme):
    with pytest.raises(Invalid):
        make_post(tags=[f"t{number}" for number in range(21)])


def test_a_customer_writes_no_post(customer, actor, events_of):
    post = make_post()
    with pytest.raises(Forbidden):
        services.create_post(actor=actor(customer), translations={"en": {"title": "x"}}, now=NOW)
    with pytest.raises(Forbidden):
        services.update_post(actor=actor(customer), post_id=post.pk, tags=["x"], now=NOW)
    assert Post.objects.count() == 1
    assert (len(events_of("node.created")), events_of("node.updated")) == (1, [])


def test_deleting_a_post_removes_what_was_said(deliver_events, customer, actor):
    from apps.comments.models import Comment
    from apps.comments.public import add_comment

    post = make_post()
    add_comment(actor=actor(customer), target_kind="post", target_id=post.pk, body="Nice")
    services.delete_post(actor=SYSTEM, post_id=post.pk)
    deliver_events()
    assert (Post.objects.count(), Comment.objects.count()) == (0, 0)
