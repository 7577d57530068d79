"""Posts with comments, pages of blocks, menus and the forum."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction

from apps.blog import public as blog
from apps.comments import public as comments
from apps.forum import public as forum
from apps.navigation import public as navigation
from apps.pages import public as pages
from rustok.demo.art.look import Picture
from rustok.demo.records import Block, MenuItem, Page, Post, Shop, Topic
from rustok.demo.tenants import DEMO
from rustok.kernel.pages import PageRequest


class Assets(Protocol):
    """Answers the asset of a picture."""

    def __getitem__(self, picture: Picture) -> UUID:
        """Answer it."""


def missing_posts(shop: Shop) -> list[Post]:
    """List the posts that are not there yet."""
    default = shop.site.locales[0]
    return [post for post in shop.posts if blog.get_post(post.handle, default) is None]


def missing_pages(shop: Shop) -> list[Page]:
    """List the pages that are not there yet."""
    default = shop.site.locales[0]
    return [page for page in shop.pages if pages.page_by_path(page.path, default) is None]


@transaction.atomic
def write_post(post: Post, assets: Assets, *, now: datetime) -> None:
    """Publish a post as of its day, with what was said about it."""
    written = now - timedelta(days=post.days_ago)
    made = blog.create_post(
        actor=DEMO,
        translations={
            locale: {"title": post.title[locale], "slug": post.handle, "excerpt": post.excerpt[locale], "body": body}
            for locale, body in post.body.items()
        },
        now=written,
        publish_at=written,
        cover_id=assets[post.cover],
        tags=post.tags,
        author_name="The workshop",
    )
    for said in post.comments:
        comments.add_comment(
            actor=DEMO,
            target_kind="post",
            target_id=made.pk,
            body=said.text,
            author_name=said.author,
            now=now - timedelta(days=said.days_ago),
        )


@transaction.atomic
def write_page(page: Page, assets: Assets, *, now: datetime) -> None:
    """Publish a page with its blocks in every language."""
    made = pages.create_page(
        actor=DEMO,
        path=page.path,
        translations={
            locale: {"title": title, "seo_description": page.summary[locale]} for locale, title in page.title.items()
        },
        blocks={locale: [_block(block, locale, assets) for block in page.blocks] for locale in page.title},
        now=now,
    )
    pages.publish_page(actor=DEMO, page_id=made.pk, now=now)


def _block(block: Block, locale: str, assets: Assets) -> dict[str, Any]:
    words = block.words[locale]
    data: dict[str, Any] = {key: value for key, value in words.items() if key != "label"}
    if block.picture:
        data["image_id"] = str(assets[block.picture])
    if "url" in block.settings:
        data |= {"cta_label": words["label"], "cta_url": block.settings["url"]}
    data |= {key: value for key, value in block.settings.items() if key != "url"}
    return {"type": block.type, "data": data}


def write_menus(shop: Shop) -> None:
    """Set the menus that are still empty; an item that leads to a page follows it when it moves."""
    default = shop.site.locales[0]
    for location, items in shop.menus.items():
        if not navigation.menu(location, default):
            navigation.set_menu(actor=DEMO, location=location, items=[_item(item, default) for item in items])


def _item(item: MenuItem, locale: str) -> dict[str, Any]:
    if item.url:
        return {"labels": item.label, "url": item.url}
    page = pages.page_by_path(item.page, locale)
    assert page, f"the menu names {item.page}, and there is no such page"
    return {"labels": item.label, "page_id": page["id"]}


def missing_topics(shop: Shop) -> list[Topic]:
    """List the topics that are not there yet, by their titles."""
    known = {
        found["title"] for locale in shop.site.locales for found in forum.topics(locale, PageRequest(size=100)).results
    }
    return [topic for topic in shop.topics if topic.title not in known]


def write_boards(shop: Shop) -> None:
    """Make the forum's boards."""
    for position, board in enumerate(shop.boards):
        words = {
            locale: {"name": name, "description": board.description[locale]} for locale, name in board.name.items()
        }
        forum.ensure_category(actor=DEMO, slug=board.handle, translations=words, position=position)


@transaction.atomic
def write_topic(topic: Topic, *, now: datetime) -> None:
    """Open a topic with its replies, each on its day."""
    opened = now - timedelta(days=topic.days_ago)
    made = forum.add_topic(
        actor=DEMO, category=topic.board, title=topic.title, body=topic.body, locale=topic.locale, now=opened,
        author_name=topic.author, pinned=topic.pinned,
    )  # fmt: skip
    for number, reply in enumerate(topic.replies, start=1):
        said = max(now - timedelta(days=reply.days_ago), opened) + timedelta(minutes=17 * number)
        forum.add_reply(actor=DEMO, topic_id=made.pk, body=reply.text, now=min(said, now), author_name=reply.author)


def node_ids(shop: Shop) -> list[UUID]:
    """List the nodes of posts, pages and topics, for the index."""
    default = shop.site.locales[0]
    found = [blog.get_post(post.handle, default) for post in shop.posts]
    found += [pages.page_by_path(page.path, default) for page in shop.pages]
    return [UUID(one["id"]) for one in found if one] + _topic_ids(shop)


def _topic_ids(shop: Shop) -> list[UUID]:
    size = PageRequest(size=100)
    return [UUID(found["id"]) for locale in shop.site.locales for found in forum.topics(locale, size).results]
