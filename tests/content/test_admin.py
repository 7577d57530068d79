"""The editors' admin: posts, pages, menus, comments, the forum."""

import re

import pytest

from apps.blog.models import Post
from apps.comments.models import Comment
from apps.comments.public import add_comment
from apps.content.models import NodeTranslation
from apps.forum.models import ForumCategory, Reply, Topic
from apps.forum.public import add_reply
from apps.navigation.models import MenuItem
from apps.navigation.public import menu, set_menu
from apps.pages.models import Block, Page
from apps.pages.public import page_by_path
from tests.conftest import TenantClient
from tests.content.factories import NASTY, NOW, SYSTEM, TRACES, make_page, make_post, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


@pytest.fixture
def desk(manager):
    return TenantClient(user=manager)


def filled(answer):
    """Read every field of a change form as a browser would send it."""
    from html import unescape

    html = answer.content.decode()
    form = html[html.index("<form") :]
    data = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind = attributes.get("type", "text")
        if "name" in attributes and kind not in ("submit", "search") and (kind != "checkbox" or " checked" in tag):
            data[attributes["name"]] = unescape(attributes.get("value", ""))
    for tag, inner in re.findall(r"<textarea([^>]*)>(.*?)</textarea>", form, re.S):
        data[re.search(r'name="([^"]*)"', tag)[1]] = unescape(inner).removeprefix("\n")
    for tag, inner in re.findall(r"<select([^>]*)>(.*?)</select>", form, re.S):
        chosen = re.findall(r'<option value="([^"]*)"[^>]* selected', inner)
        data[re.search(r'name="([^"]*)"', tag)[1]] = chosen[0] if chosen else ""
    return {name: value for name, value in data.items() if "__prefix__" not in name and not name.startswith("_")}


def send(client, path, /, **changes):
    """Open a form, change some fields, send it."""
    shown = client.get(path)
    assert shown.status_code == 200, shown
    return client.post(path, filled(shown) | changes)


def errors(answer):
    return re.findall(r"errorlist[^>]*>\s*<li>(.*?)</li>", answer.content.decode(), re.S)


LISTS = [
    "blog/post", "pages/page", "comments/comment", "forum/forumcategory", "forum/topic", "forum/reply", "navigation/menu",
]  # fmt: skip


@pytest.mark.parametrize("page", LISTS)
def test_every_list_opens_and_is_closed_to_customers(page, desk, customer):
    make_post()
    make_page()
    topic = make_topic()
    add_reply(actor=SYSTEM, topic_id=topic.pk, body="Yes", now=NOW)
    set_menu(actor=SYSTEM, location="header", items=[])
    assert desk.get(f"/admin/{page}/").status_code == 200
    assert TenantClient(user=customer).get(f"/admin/{page}/").status_code == 302


# --- posts ----------------------------------------------------------------------------------------------------------


def test_a_post_is_written_in_two_languages(desk):
    answer = send(
        desk,
        "/admin/blog/post/add/",
        title_en="Tea",
        body_en=NASTY,
        title_de="Tee",
        tags="Drinks, Hot",
        author_name="Ann",
    )
    assert answer.status_code == 302, errors(answer)
    post = Post.objects.get()
    assert {row.locale: row.slug for row in post.translations.all()} == {"en": "tea", "de": "tee"}
    assert sorted(tag.slug for tag in post.tags.all()) == ["drinks", "hot"]
    html = post.translations.get(locale="en").body_html
    assert not [trace for trace in TRACES if trace in html]


def test_a_refusal_stands_beside_its_field(desk):
    make_post(translations={"en": {"title": "Tea"}})
    answer = send(desk, "/admin/blog/post/add/", title_en="Other", slug_en="tea")
    assert answer.status_code == 200
    assert b"Another one has this slug" in answer.content
    assert Post.objects.count() == 1


def test_two_editors_do_not_overwrite_each_other(desk):
    post = make_post(translations={"en": {"title": "Tea"}})
    path = f"/admin/blog/post/{post.pk}/change/"
    first, second = filled(desk.get(path)), filled(desk.get(path))
    assert desk.post(path, first | {"title_en": "Green tea"}).status_code == 302
    lost = desk.post(path, second | {"title_en": "Black tea"})
    assert b"Somebody changed it" in lost.content
    assert NodeTranslation.objects.get().title == "Green tea"


def test_publishing_is_a_post_with_a_link_to_the_page(desk):
    post = make_post(translations={"en": {"title": "Tea"}}, published=False)
    path, act = f"/admin/blog/post/{post.pk}/change/", f"/admin/blog/post/{post.pk}/do/publish/"
    assert b"/blog/tea/" not in desk.get(path).content
    desk.get(act)
    assert not NodeTranslation.objects.get().is_published, "a GET only asks"
    assert desk.post(act, {"locale": ""}).status_code == 302
    assert NodeTranslation.objects.get().is_published
    assert b"/blog/tea/" in desk.get(path).content


def test_a_language_is_taken_away_by_emptying_its_title(desk):
    post = make_post(translations={"en": {"title": "Tea"}, "de": {"title": "Tee"}})
    assert send(desk, f"/admin/blog/post/{post.pk}/change/", title_de="").status_code == 302
    assert [row.locale for row in post.translations.all()] == ["en"]


def test_markdown_is_seen_before_it_is_saved(api, manager, customer):
    answer = api(manager).post("/api/v1/nodes/render/", {"body": NASTY})
    assert answer.status_code == 200
    assert not [trace for trace in TRACES if trace in answer.json()["html"]]
    assert api().post("/api/v1/nodes/render/", {"body": "x"}).status_code == 401


# --- pages ----------------------------------------------------------------------------------------------------------


def test_a_page_is_made_of_blocks(desk):
    answer = send(
        desk, "/admin/pages/page/add/", path="about", title_en="About",
        **{
            "blocks_en-TOTAL_FORMS": "2",
            "blocks_en-0-type": "text", "blocks_en-0-body": "Second", "blocks_en-0-position": "1",
            "blocks_en-1-type": "hero", "blocks_en-1-title": "First", "blocks_en-1-position": "0",
        },
    )  # fmt: skip
    assert answer.status_code == 302, errors(answer)
    rows = Block.objects.order_by("position").values_list("type", "data", "locale")
    assert [(kind, locale) for kind, _, locale in rows] == [("hero", "en"), ("text", "en")]
    assert rows[1][1] == {"body": "Second"}


def test_blocks_are_changed_added_and_removed(desk):
    page = make_page(
        path="about",
        blocks={"en": [{"type": "hero", "data": {"title": "Hi"}}, {"type": "text", "data": {"body": "Bye"}}]},
    )
    path = f"/admin/pages/page/{page.pk}/change/"
    answer = send(desk, path, **{"blocks_en-0-title": "Hello", "blocks_en-1-DELETE": "on"})
    assert answer.status_code == 302, errors(answer)
    assert list(Block.objects.values_list("type", flat=True)) == ["hero"]
    assert Block.objects.get().data["title"] == "Hello"
    answer = send(
        desk, path,
        **{"blocks_de-TOTAL_FORMS": "1", "blocks_de-0-type": "product_grid", "blocks_de-0-handles": "tent, stove"},
    )  # fmt: skip
    assert answer.status_code == 302, errors(answer)
    assert Block.objects.get(locale="de").data["handles"] == ["tent", "stove"]


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"type": "hero", "cta_url": "javascript:alert(1)", "title": "x"}, "right form"),
        ({"type": "hero"}, "title"),
        ({"type": "text"}, "body"),
        ({"type": "carousel"}, "valid choice"),
    ],
)
def test_a_bad_block_says_what_is_wrong(block, message, desk):
    fields = {f"blocks_en-0-{name}": value for name, value in block.items()}
    answer = send(desk, "/admin/pages/page/add/", path="x", title_en="x", **{"blocks_en-TOTAL_FORMS": "1"}, **fields)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert Page.objects.count() == 0


def test_a_page_is_published_and_removed(desk):
    page = make_page(path="about", published=False)
    desk.post(f"/admin/pages/page/{page.pk}/do/publish/", {"locale": "en"})
    assert page_by_path("about", "en")
    assert desk.post(f"/admin/pages/page/{page.pk}/delete/", {"post": "yes"}).status_code == 302
    assert Page.objects.count() == 0


def test_chosen_pages_are_published_together(desk):
    pages = [make_page(published=False) for _ in range(2)]
    desk.post("/admin/pages/page/", {"action": "publish_chosen", "_selected_action": [str(page.pk) for page in pages]})
    assert NodeTranslation.objects.filter(status="published").count() == 2


# --- menus ----------------------------------------------------------------------------------------------------------


def test_a_menu_is_a_list_with_levels(desk):
    page = make_page(path="about")
    answer = send(
        desk, "/admin/navigation/menu/add/", location="header",
        **{
            "items-TOTAL_FORMS": "3",
            "items-0-label_en": "Shop", "items-0-url": "/products/", "items-0-level": "1", "items-0-position": "0",
            "items-1-label_en": "About", "items-1-page": str(page.pk), "items-1-level": "2", "items-1-position": "1",
            "items-2-label_en": "Blog", "items-2-url": "/blog/", "items-2-level": "1", "items-2-position": "2",
        },
    )  # fmt: skip
    assert answer.status_code == 302, errors(answer)
    assert menu("header", "en") == [
        {"label": "Shop", "url": "/products/", "children": [{"label": "About", "url": "/about/", "children": []}]},
        {"label": "Blog", "url": "/blog/", "children": []},
    ]
    item = MenuItem.objects.get(url="/blog/")
    path = f"/admin/navigation/menu/{item.menu_id}/change/"
    assert send(desk, path, **{"items-2-label_en": "Journal"}).status_code == 302
    assert [one["label"] for one in menu("header", "en")] == ["Shop", "Journal"]
    assert menu("header", "en")[0]["children"]


def test_a_bad_item_says_what_is_wrong(desk):
    answer = send(
        desk, "/admin/navigation/menu/add/", location="header",
        **{"items-TOTAL_FORMS": "1", "items-0-label_en": "Shop", "items-0-level": "2", "items-0-url": "/x/"},
    )  # fmt: skip
    assert answer.status_code == 200
    assert MenuItem.objects.count() == 0


# --- comments and the forum ---------------------------------------------------------------------------------------------


def test_comments_are_approved_by_one_click(desk, customer, actor):
    post = make_post()
    waiting = [add_comment(actor=actor(customer), target_kind="post", target_id=post.pk, body="Hi") for _ in range(3)]
    assert desk.get(f"/admin/comments/comment/{waiting[0].pk}/do/approve/").status_code == 405
    desk.post(f"/admin/comments/comment/{waiting[0].pk}/do/approve/")
    chosen = [str(comment.pk) for comment in waiting[1:]]
    desk.post("/admin/comments/comment/", {"action": "spam_chosen", "_selected_action": chosen})
    assert sorted(Comment.objects.values_list("status", flat=True)) == ["approved", "spam", "spam"]
    assert send(desk, f"/admin/comments/comment/{waiting[0].pk}/change/", body="Hello").status_code == 302
    assert Comment.objects.get(pk=waiting[0].pk).body_html == "<p>Hello</p>"


def test_the_forum_is_kept_in_order(desk):
    assert send(desk, "/admin/forum/forumcategory/add/", slug="gear", name_en="Gear").status_code == 302
    topic = make_topic()
    reply = add_reply(actor=SYSTEM, topic_id=topic.pk, body="Yes", now=NOW)
    gear = ForumCategory.objects.get(slug="gear")
    answer = send(desk, f"/admin/forum/topic/{topic.pk}/change/", is_pinned="on", category=str(gear.pk))
    assert answer.status_code == 302, errors(answer)
    desk.post(f"/admin/forum/topic/{topic.pk}/do/close/")
    found = Topic.objects.get()
    assert (found.is_pinned, found.is_locked, found.category.slug) == (True, True, "gear")
    assert desk.post(f"/admin/forum/reply/{reply.pk}/delete/", {"post": "yes"}).status_code == 302
    assert (Reply.objects.count(), Topic.objects.get().reply_count) == (0, 0)
    refused = desk.post(f"/admin/forum/forumcategory/{gear.pk}/delete/", {"post": "yes"}, follow=True)
    assert b"A board with topics cannot be removed" in refused.content
