"""Writing in the forum. The row of a topic is locked while its replies are counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from apps.content.public import check_locale, create_node, delete_node, lock_node, signature
from apps.forum.events import ReplyAdded, ReplyDeleted, TopicUpdated
from apps.forum.models import ForumCategory, ForumCategoryTranslation, Reply, Topic
from rustok.kernel.access import Actor, authorize, authorize_all
from rustok.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from rustok.kernel.events import publish
from rustok.kernel.ids import new_id

__all__ = [
    "MAX_BODY", "add_reply", "add_topic", "change_topic", "delete_category", "delete_reply", "delete_topic",
    "ensure_category", "refuse_bare_topic",
]  # fmt: skip

MAX_BODY = 20_000


class NoSuchBoard(NotFound):
    """There is no such board."""

    code = "no_such_board"


class BoardInUse(Conflict):
    """A board with topics cannot be removed."""

    code = "board_in_use"


class BoardNeeded(Invalid):
    """A topic is opened on a board: use the forum."""

    code = "board_needed"


class TopicLocked(Conflict):
    """This topic is closed."""

    code = "topic_locked"


class NothingSaid(Invalid):
    """A reply has 1 to 20,000 characters."""

    code = "invalid_body"


class ForeignAuthor(Forbidden):
    """Only editors may write under another name."""

    code = "foreign_author"


def refuse_bare_topic(actor: Actor, node: Any) -> None:
    """Refuse a topic that came over the general edge: it would stand on no board."""
    raise BoardNeeded(field="kind")


# --- boards -------------------------------------------------------------------------------------------------------


@transaction.atomic
def ensure_category(
    *, actor: Actor, slug: str, translations: Mapping[str, Mapping[str, str]], position: int = 0
) -> ForumCategory:
    """Make a board, or bring the one of that slug up to date; `translations` is locale → {name, description}.

    :raises UnknownLocale: if the tenant does not have one of the locales
    """
    authorize_all(actor, "nodes.manage")
    board, _ = ForumCategory.objects.update_or_create(slug=slug, defaults={"position": position})
    for locale, words in translations.items():
        check_locale(locale, f"translations.{locale}")
        ForumCategoryTranslation.objects.update_or_create(category=board, locale=locale, defaults=dict(words))
    return board


@transaction.atomic
def delete_category(*, actor: Actor, category_id: UUID) -> None:
    """Remove a board that has no topics.

    :raises BoardInUse: if it has some
    """
    authorize_all(actor, "nodes.manage")
    board = ForumCategory.objects.select_for_update().filter(pk=category_id).first()
    if board is None:
        raise NoSuchBoard()
    if board.topics.exists():
        raise BoardInUse()
    board.delete()


# --- topics -------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_topic(
    *, actor: Actor, category: str, title: str, body: str, locale: str, now: datetime, author_name: str = "",
    pinned: bool = False,
) -> Topic:  # fmt: skip
    """Open a topic on the board of that slug; it can be read at once. `now` dates it.

    :raises NoSuchBoard: if there is no such board
    """
    authorize(actor, "nodes.create")
    board = ForumCategory.objects.filter(slug=category).first()
    if board is None:
        raise NoSuchBoard(field="category")
    if pinned:
        authorize(actor, "nodes.manage")
    text = {"title": title, "body": _words(body)}
    node = create_node(
        actor=actor, kind="topic", translations={locale: text}, now=now, author_name=author_name, publish_at=now
    )
    return Topic.objects.create(pk=node.pk, node_id=node.pk, category=board, active_at=now, is_pinned=pinned)


def _words(body: str) -> str:
    words = body.strip()
    if not words or len(words) > MAX_BODY or any(ord(char) < 32 and char not in "\n\r\t" for char in words):
        raise NothingSaid(field="body")
    return words


@transaction.atomic
def change_topic(
    *, actor: Actor, topic_id: UUID, pinned: bool | None = None, locked: bool | None = None, category: str | None = None
) -> Topic:
    """Pin, close or move a topic, or undo that.

    :raises NoSuchBoard: if there is no board of that slug
    """
    authorize(actor, "nodes.manage")
    topic = _lock(topic_id)
    if category is not None:
        board = ForumCategory.objects.filter(slug=category).first()
        if board is None:
            raise NoSuchBoard(field="category")
        topic.category = board
    topic.is_pinned = topic.is_pinned if pinned is None else pinned
    topic.is_locked = topic.is_locked if locked is None else locked
    topic.save(update_fields=["category", "is_pinned", "is_locked", "updated_at"])
    publish(TopicUpdated(topic_id=topic.pk, node_id=topic.pk), aggregate=topic)
    return topic


@transaction.atomic
def delete_topic(*, actor: Actor, topic_id: UUID) -> None:
    """Remove a topic and what was said in it."""
    lock_node(actor, topic_id, "delete", kind="topic")
    _lock(topic_id)
    delete_node(actor=actor, node_id=topic_id, kind="topic")


def _lock(topic_id: UUID) -> Topic:
    topic = Topic.objects.select_for_update().filter(pk=topic_id).first()
    if topic is None:
        raise NotFound()
    return topic


# --- replies ------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_reply(*, actor: Actor, topic_id: UUID | str, body: str, now: datetime, author_name: str = "") -> Reply:
    """Answer in a topic and count it. `now` dates it.

    :raises TopicLocked: if the topic is closed to the actor
    :raises NothingSaid: without words, or with too many
    """
    authorize(actor, "comments.create")
    moderator = actor.scope("comments.create") == "all"
    if author_name and not moderator:
        raise ForeignAuthor(field="author_name")
    topic = _lock(UUID(str(topic_id)))
    if topic.is_locked and not moderator:
        raise TopicLocked()
    reply = Reply(
        pk=new_id(), topic=topic, author_id=actor.id, author_name=author_name or signature(actor) or "Member",
        said_at=now,
    )  # fmt: skip
    reply.write_body(_words(body))
    reply.save(force_insert=True)
    latest = max(now, topic.active_at)
    Topic.objects.filter(pk=topic.pk).update(
        reply_count=F("reply_count") + 1, active_at=latest, last_reply_at=max(now, topic.last_reply_at or now)
    )
    publish(ReplyAdded(reply_id=reply.pk, topic_id=topic.pk), aggregate=reply)
    return reply


@transaction.atomic
def delete_reply(*, actor: Actor, reply_id: UUID) -> None:
    """Remove a reply and count it off."""
    reply = Reply.objects.filter(pk=reply_id).first()
    if reply is None:
        authorize(actor, "comments.delete")
        raise NotFound()
    authorize(actor, "comments.delete", reply)
    topic = _lock(reply.topic_id)
    if not Reply.objects.filter(pk=reply_id).exists():
        raise NotFound()
    publish(ReplyDeleted(reply_id=reply.pk, topic_id=topic.pk), aggregate=reply)
    reply.delete()
    newest = topic.replies.order_by("-said_at", "-id").first()
    Topic.objects.filter(pk=topic.pk).update(
        reply_count=F("reply_count") - 1, last_reply_at=newest.said_at if newest else None
    )
