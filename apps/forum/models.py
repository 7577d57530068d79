"""Boards, what a topic has beyond its node, and replies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Bool, Date, Id, Number, Text
from rustok.kernel.audit import Audited
from rustok.kernel.markup import render_remark
from rustok.kernel.models import Entity, TranslationRow
from rustok.kernel.slugs import SLUG

__all__ = ["ForumCategory", "ForumCategoryTranslation", "Reply", "Topic"]


class ForumCategory(Entity):
    """A board."""

    audited = Audited()

    slug = models.CharField(_("slug"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("board")
        verbose_name_plural = _("boards")
        ordering = ("position", "slug")
        constraints = [models.CheckConstraint(condition=Q(slug__regex=SLUG), name="forum_category_slug")]

    def __str__(self) -> str:
        return self.slug


class ForumCategoryTranslation(TranslationRow):
    """What a board is called in one language."""

    audited = Audited(part_of="category")

    category = models.ForeignKey(ForumCategory, on_delete=models.CASCADE, related_name="translations")
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        ordering = ("locale",)
        constraints = [models.UniqueConstraint(fields=["category", "locale"], name="forum_category_locale")]

    def __str__(self) -> str:
        return f"{self.name} ({self.locale})"


class Topic(Entity):
    """A node on a board; it has its node's id. Its row is locked while a reply is counted."""

    #: Under which resource one can be shared by name; the grants stand on its node.
    shared_as = "nodes"
    shared_through = "node"

    owner_field = "node__author_id"
    policy_resources = ("nodes",)
    policy_attributes = {
        "author": Id("node__author_id", _("compare it with subject.id")),
        "author_name": Text("node__author_name"),
        "created": Date("node__created_at"),
        "category": Text("category__slug"),
        "pinned": Bool("is_pinned"),
        "closed": Bool("is_locked"),
        "replies": Number("reply_count"),
    }

    audited = Audited(ignored=("reply_count", "active_at", "last_reply_at"), part_of="node")

    node = models.OneToOneField("content.Node", on_delete=models.CASCADE, related_name="+")
    category = models.ForeignKey(
        ForumCategory, on_delete=models.PROTECT, related_name="topics", verbose_name=_("board")
    )
    is_pinned = models.BooleanField(_("pinned"), default=False)
    is_locked = models.BooleanField(_("closed"), default=False)
    reply_count = models.PositiveIntegerField(_("replies"), default=0, editable=False)
    #: When it was opened or last replied to: what a board is sorted by.
    active_at = models.DateTimeField(_("last active"), editable=False)
    last_reply_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ("-is_pinned", "-active_at", "-id")
        constraints = [models.CheckConstraint(condition=Q(id=F("node_id")), name="forum_topic_is_its_node")]
        indexes = [
            models.Index(fields=["category", "-is_pinned", "-active_at", "-id"], name="forum_board"),
            models.Index(fields=["-is_pinned", "-active_at", "-id"], name="forum_all_topics"),
        ]

    def __str__(self) -> str:
        return next((str(row.title) for row in self.translations.all()), str(self.pk))

    @property
    def translations(self) -> Any:
        """Answer its node's words."""
        return self.node.translations


class Reply(Entity):
    """An answer in a topic; its HTML is made and sanitised once, on writing."""

    policy_resources = ("comments",)
    policy_attributes = {
        "author": Id("author_id", _("compare it with subject.id")),
        "created": Date("created_at"),
    }

    audited = Audited(part_of="topic", personal=("author_name",), inserts="none")

    owner_field = "author_id"

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="replies")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    author_name = models.CharField(_("author"), max_length=150)
    body = models.TextField(_("text"))
    body_html = models.TextField(editable=False)
    #: When it was said; an import keeps the date of its source.
    said_at = models.DateTimeField(_("said"))

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ("said_at", "id")
        indexes = [models.Index(fields=["topic", "said_at", "id"], name="forum_replies")]

    def __str__(self) -> str:
        return f"{self.author_name}: {self.body[:60]}"

    def write_body(self, source: str) -> None:
        """Take new words, and make their HTML."""
        self.body, self.body_html = source, render_remark(source)
