"""`/api/v1/posts/`, its comments, and the same over GraphQL."""

import pytest

from apps.blog.models import Post
from apps.comments.models import Comment
from tests.content.factories import NASTY, TRACES, make_post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

POST = {"translations": {"en": {"title": "Hello", "body": NASTY}}, "tags": ["News"]}


def test_a_post_is_written_published_changed_and_removed(api, manager, deliver_events):
    client = api(manager)
    made = client.post("/api/v1/posts/", POST)
    assert made.status_code == 201
    assert not [trace for trace in TRACES if trace in made.json()["body_html"]]
    assert api().get("/api/v1/posts/hello/").status_code == 404
    assert client.post("/api/v1/posts/hello/publish/").status_code == 200
    deliver_events()
    listed = api().get("/api/v1/posts/?tag=news&include=count").json()
    assert ([post["slug"] for post in listed["results"]], listed["count"]) == (["hello"], 1)
    assert api().get("/api/v1/posts/?locale=de").json()["results"][0]["resolved_locale"] == "en"
    tag = client.get("/api/v1/posts/hello/")["ETag"]
    assert client.patch("/api/v1/posts/hello/", {"tags": ["Other"]}, HTTP_IF_MATCH=tag).json()["tags"] == ["other"]
    assert client.patch("/api/v1/posts/hello/", {"tags": []}, HTTP_IF_MATCH=tag).status_code == 412
    assert client.delete("/api/v1/posts/hello/").status_code == 204
    deliver_events()
    assert api().get("/api/v1/posts/").json()["results"] == []


@pytest.mark.parametrize("who", [None, "customer"])
def test_others_may_not_write(who, api, request, events_of):
    post = make_post()
    client = api(request.getfixturevalue(who) if who else None)
    answers = [
        client.post("/api/v1/posts/", POST),
        client.patch(f"/api/v1/posts/{post.pk}/", {"tags": []}),
        client.post(f"/api/v1/posts/{post.pk}/unpublish/"),
        client.delete(f"/api/v1/posts/{post.pk}/"),
    ]
    assert {answer.status_code for answer in answers} == {403 if who else 401}
    assert (Post.objects.count(), len(events_of("node.created"))) == (1, 1)
    assert events_of("node.updated") == events_of("node.unpublished") == events_of("node.deleted") == []


def test_a_list_and_a_post_are_not_sent_twice(api, deliver_events):
    post = make_post()
    deliver_events()
    for path in ("/api/v1/posts/", f"/api/v1/posts/{post.pk}/"):
        tag = api().get(path)["ETag"]
        assert api().get(path, HTTP_IF_NONE_MATCH=tag).status_code == 304


def test_another_tenants_post_is_not_there(api, deliver_events):
    post = make_post()
    deliver_events()
    other = api(host="globex.localhost")
    assert other.get(f"/api/v1/posts/{post.pk}/").status_code == 404
    assert other.get("/api/v1/posts/").json()["results"] == []


# --- comments -------------------------------------------------------------------------------------------------------


def test_a_readers_first_comment_waits_and_the_next_stands(api, customer, manager):
    path, client = f"/api/v1/posts/{make_post().pk}/comments/", api(customer)
    first = client.post(path, {"body": NASTY})
    assert (first.status_code, first.json()["status"]) == (201, "pending")
    assert not [trace for trace in TRACES if trace in first.json()["body_html"]]
    assert api().get(path).json()["results"] == []
    assert len(client.get(path).json()["results"]) == 1, "one sees one's own"
    approved = api(manager).patch(f"/api/v1/comments/{first.json()['id']}/", {"status": "approved"})
    assert approved.json()["status"] == "approved"
    assert client.post(path, {"body": "Again"}).json()["status"] == "approved"
    assert len(api().get(path).json()["results"]) == 2


def test_a_guest_says_nothing(api, events_of):
    answer = api().post(f"/api/v1/posts/{make_post().pk}/comments/", {"body": "Hi"})
    assert answer.status_code == 401
    assert (Comment.objects.count(), events_of("comment.added")) == (0, [])


@pytest.mark.parametrize("body", ["", "  ", "x" * 5_001, None, 7, {"a": 1}])
def test_bad_words_are_refused(body, api, customer, events_of):
    answer = api(customer).post(f"/api/v1/posts/{make_post().pk}/comments/", {"body": body})
    if body == 7:
        assert answer.status_code == 201, "a number is text"
        return
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "body")
    assert (Comment.objects.count(), events_of("comment.added")) == (0, [])


def test_drafts_and_closed_posts_take_no_comments(api, customer, events_of):
    draft, closed = make_post(published=False), make_post(takes_comments=False)
    for post in (draft, closed):
        assert api(customer).post(f"/api/v1/posts/{post.pk}/comments/", {"body": "Hi"}).status_code == 404
    assert (Comment.objects.count(), events_of("comment.added")) == (0, [])


def test_comments_come_in_pages(api, manager):
    path, client = f"/api/v1/posts/{make_post().pk}/comments/", api(manager)
    for number in range(5):
        client.post(path, {"body": f"No {number}"})
    first = client.get(path + "?page_size=3&include=count").json()
    rest = client.get(first["next"]).json()
    said = [comment["body_html"] for comment in first["results"] + rest["results"]]
    assert said == [f"<p>No {number}</p>" for number in range(5)]
    assert (first["count"], rest["next"]) == (5, None)


# --- GraphQL --------------------------------------------------------------------------------------------------------

POSTS = "{ posts(first: 5) { nodes { id title tags author image { url } resolvedLocale } } }"
ONE = "query($slug: String!) { post(slug: $slug) { id title bodyHtml comments { nodes { bodyHtml } } } }"
SAY = """mutation($input: CommentAddInput!) {
  commentAdd(input: $input) { comment { status bodyHtml } errors { field code } }
}"""


def test_graphql_lists_shows_and_takes_comments(api, customer, manager, deliver_events):
    make_post(translations={"en": {"title": "Tea"}})
    deliver_events()
    (listed,) = api().graphql(POSTS)["data"]["posts"]["nodes"]
    assert (listed["title"], listed["image"], listed["resolvedLocale"]) == ("Tea", None, "en")
    said = api(customer).graphql(SAY, input={"postId": listed["id"], "body": NASTY})["data"]["commentAdd"]
    assert (said["errors"], said["comment"]["status"]) == ([], "pending")
    assert not [trace for trace in TRACES if trace in said["comment"]["bodyHtml"]]
    api(manager).graphql(SAY, input={"postId": "tea", "body": "Welcome"})
    shown = api().graphql(ONE, slug="tea")["data"]["post"]
    assert [comment["bodyHtml"] for comment in shown["comments"]["nodes"]] == ["<p>Welcome</p>"]
    assert api().graphql(ONE, slug="none")["data"]["post"] is None


def test_graphql_refuses_guests_and_unknown_posts(api, customer, events_of):
    guest = api().graphql(SAY, input={"postId": "tea", "body": "Hi"})["data"]["commentAdd"]
    assert [error["code"] for error in guest["errors"]] == ["unauthenticated"]
    lost = api(customer).graphql(SAY, input={"postId": "no-such-post", "body": "Hi"})["data"]["commentAdd"]
    assert [error["code"] for error in lost["errors"]] == ["not_found"]
    assert (Comment.objects.count(), events_of("comment.added")) == (0, [])
