"""`/api/v1/comments/`."""

import pytest

from apps.comments.models import Comment
from apps.comments.public import add_comment
from tests.conftest import make_user
from tests.content.factories import make_post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


@pytest.fixture
def comment(customer, actor):
    return add_comment(actor=actor(customer), target_kind="post", target_id=make_post().pk, body="Nice")


def test_moderators_see_all_and_readers_their_own(comment, api, customer, manager):
    stranger = make_user("stranger@acme.test")
    path = "/api/v1/comments/?status=pending"
    assert api().get(path).status_code == 401
    assert [len(api(user).get(path).json()["results"]) for user in (manager, customer, stranger)] == [1, 1, 0]
    assert api(stranger).get(f"/api/v1/comments/{comment.pk}/").status_code == 404
    assert api(manager).get("/api/v1/comments/?status=x").status_code == 400


def test_a_reader_cannot_approve_own_words(comment, api, customer, events_of):
    answer = api(customer).patch(f"/api/v1/comments/{comment.pk}/", {"body": "Other", "status": "approved"})
    assert answer.status_code == 403
    row = Comment.objects.get()
    assert (row.body, row.status, events_of("comment.updated")) == ("Nice", "pending", [])


def test_words_are_changed_once_per_version(comment, api, customer):
    path, client = f"/api/v1/comments/{comment.pk}/", api(customer)
    tag = client.get(path)["ETag"]
    assert client.patch(path, {"body": "One"}, HTTP_IF_MATCH=tag).json()["body_html"] == "<p>One</p>"
    assert client.patch(path, {"body": "Two"}, HTTP_IF_MATCH=tag).status_code == 412
    assert client.delete(path).status_code == 204


def test_another_tenants_comment_is_not_there(comment, api, globex):
    from apps.tenant.public import use_tenant

    with use_tenant(globex):
        theirs = make_user("manager@globex.test", role="manager", is_staff=True)
        client = api(theirs, host="globex.localhost")
    assert client.patch(f"/api/v1/comments/{comment.pk}/", {"status": "spam"}).status_code == 404
    assert Comment.objects.get().status == "pending"
