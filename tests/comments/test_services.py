"""Comments, apart from what they are about."""

import pytest

from apps.comments import services
from apps.comments.models import Comment
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.errors import Forbidden, NotFound, PreconditionFailed, Unauthenticated
from rustok.kernel.ids import new_id
from tests.conftest import make_user
from tests.content.factories import NOW, SYSTEM, make_post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


@pytest.fixture
def comment(customer, actor):
    post = make_post()
    return services.add_comment(actor=actor(customer), target_kind="post", target_id=post.pk, body="Nice")


@pytest.fixture
def stranger(acme, actor):
    return actor(make_user("stranger@acme.test"))


def test_a_comment_is_announced(comment, events_of):
    assert events_of("comment.added") == [
        {"comment_id": str(comment.pk), "target_kind": "post", "target_id": str(comment.target_id)}
    ]


@pytest.mark.parametrize("kind", ["post", "product", ""])
def test_what_is_not_there_takes_no_comments(kind, customer, actor, events_of):
    with pytest.raises(NotFound):
        services.add_comment(actor=actor(customer), target_kind=kind, target_id=new_id(), body="Hi")
    assert (Comment.objects.count(), events_of("comment.added")) == (0, [])


def test_a_reader_changes_only_own_words(comment, customer, stranger, actor, events_of):
    with pytest.raises(Forbidden):
        services.edit_comment(actor=stranger, comment_id=comment.pk, body="Changed", now=NOW)
    with pytest.raises(Forbidden):
        services.delete_comment(actor=stranger, comment_id=comment.pk)
    with pytest.raises(Unauthenticated):
        services.delete_comment(actor=ANONYMOUS, comment_id=comment.pk)
    assert Comment.objects.get().body == "Nice"
    assert events_of("comment.updated") == events_of("comment.deleted") == []
    services.edit_comment(actor=actor(customer), comment_id=comment.pk, body="Very nice", now=NOW)
    assert Comment.objects.get().body_html == "<p>Very nice</p>"


def test_what_was_approved_waits_again_when_its_author_changes_it(comment, customer, actor):
    services.moderate_comment(actor=SYSTEM, comment_id=comment.pk, status="approved", now=NOW)
    changed = services.edit_comment(actor=actor(customer), comment_id=comment.pk, body="Buy pills", now=NOW)
    assert changed.status == "pending"


def test_only_moderators_moderate(comment, customer, actor, events_of):
    with pytest.raises(Forbidden):
        services.moderate_comment(actor=actor(customer), comment_id=comment.pk, status="approved", now=NOW)
    assert (Comment.objects.get().status, events_of("comment.moderated")) == ("pending", [])


def test_moderating_twice_says_it_once(comment, manager, actor, events_of):
    for _ in range(2):
        services.moderate_comment(actor=actor(manager), comment_id=comment.pk, status="spam", now=NOW)
    assert [event["status"] for event in events_of("comment.moderated")] == ["spam"]


def test_an_old_version_is_refused(comment, manager, actor):
    services.moderate_comment(actor=actor(manager), comment_id=comment.pk, status="approved", now=NOW, expected=1)
    with pytest.raises(PreconditionFailed):
        services.delete_comment(actor=actor(manager), comment_id=comment.pk, expected=1)


def test_a_reader_cannot_write_under_another_name(customer, actor):
    with pytest.raises(services.ForeignAuthor):
        services.add_comment(
            actor=actor(customer), target_kind="post", target_id=make_post().pk, body="Hi", author_name="The owner"
        )


def test_an_import_keeps_name_and_date(acme):
    said = services.add_comment(
        actor=SYSTEM, target_kind="post", target_id=make_post().pk, body="Hi", author_name="Bea", now=NOW
    )
    row = Comment.objects.get(pk=said.pk)
    assert (row.author_name, row.created_at, row.status) == ("Bea", NOW, "approved")
