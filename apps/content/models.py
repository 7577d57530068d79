"""Nodes and what they say in each language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Date, Id, Text
from rustok.kernel.audit import Audited
from rustok.kernel.markup import render_article
from rustok.kernel.models import Entity, EntityManager, EntityQuerySet, TranslationRow

__all__ = ["OWNERS", "RESOURCES", "Kind", "Node", "NodeTranslation", "Status"]


class Kind(models.TextChoices):
    """What a node is."""

    PAGE = "page", _("page")
    POST = "post", _("post")
    TOPIC = "topic", _("topic")


#: Which permissions a kind asks for.
RESOURCES = {Kind.PAGE: "pages", Kind.POST: "posts", Kind.TOPIC: "nodes"}
#: Modules that the kinds belong to: while one is off, nobody sees or writes what is its.
OWNERS = {Kind.PAGE: "pages", Kind.POST: "blog", Kind.TOPIC: "forum"}


class Status(models.TextChoices):
    """Whether visitors see a translation."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")


class Node(Entity):  # type: ignore[django-manager-missing]
    """Something written; its version counts every change to it and to what specialises it."""

    policy_resources = (
        "posts",
        "pages",
        "nodes",
    )
    policy_attributes = {
        "kind": Text("kind", _("page, post or topic")),
        "author": Id("author_id", _("compare it with subject.id")),
        "author_name": Text("author_name"),
        "created": Date("created_at"),
    }

    audited = Audited(personal=("author_name",))

    owner_field = "author_id"

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: Shown; outlives the account.
    author_name = models.CharField(_("author"), max_length=150, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("node")
        verbose_name_plural = _("nodes")
        ordering = ("-id",)
        constraints = [models.CheckConstraint(condition=Q(kind__in=Kind.values), name="content_kind_is_known")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def resource(self) -> str:
        """Name the resource that its permissions are about."""
        return RESOURCES[Kind(self.kind)]


class NodeTranslationQuerySet(EntityQuerySet["NodeTranslation"]):
    """Choosing what to show."""

    def public(self) -> NodeTranslationQuerySet:
        """Keep what visitors may read now."""
        return self.filter(status=Status.PUBLISHED, published_at__lte=Now())

    def best(self, chain: Sequence[str]) -> NodeTranslationQuerySet:
        """Keep one row per node: the first locale of the chain that it has among these rows."""
        wanted: Any = Q(locale=chain[0])
        for rank, locale in enumerate(chain[1:], start=1):
            better = self.filter(node_id=OuterRef("node_id"), locale__in=chain[:rank])
            wanted |= Q(locale=locale) & ~Exists(better)
        return self.filter(wanted)


class NodeTranslation(TranslationRow):
    """What a node says in one language; the body is Markdown, its HTML is made and sanitised once, on writing."""

    audited = Audited(part_of="node")

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="translations")
    #: The node's, copied: slugs are unique within a kind and locale.
    kind = models.CharField(max_length=16, choices=Kind, editable=False)
    title = models.CharField(_("title"), max_length=200)
    slug = models.CharField(_("slug"), max_length=120)
    excerpt = models.CharField(_("excerpt"), max_length=500, blank=True)
    body = models.TextField(_("text"), blank=True)
    body_html = models.TextField(blank=True, editable=False)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    seo_title = models.CharField(_("title for search engines"), max_length=200, blank=True)
    seo_description = models.CharField(_("description for search engines"), max_length=320, blank=True)

    objects = EntityManager.from_queryset(NodeTranslationQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        ordering = ("locale",)
        constraints = [
            models.UniqueConstraint(fields=["node", "locale"], name="content_translation_once"),
            # A page is found by its path, which the pages module keeps unique.
            models.UniqueConstraint(
                fields=["kind", "locale", "slug"], condition=~Q(kind=Kind.PAGE), name="content_slug_is_unique"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="content_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status=Status.PUBLISHED) | Q(published_at__isnull=False), name="content_published_has_date"
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "locale", "-published_at", "-id"], name="content_published_list"),
            models.Index(fields=["kind", "-created_at", "-id"], name="content_editors_list"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.locale})"

    @property
    def is_published(self) -> bool:
        """Tell whether visitors may read it, now or from its date on."""
        return self.status == Status.PUBLISHED

    def write_body(self, source: str) -> None:
        """Take a new body, and make its HTML."""
        self.body, self.body_html = source, render_article(source)

    def mark_published(self, *, at: datetime) -> None:
        """Let visitors read it; a date that it had is kept."""
        self.status, self.published_at = Status.PUBLISHED, self.published_at or at

    def mark_draft(self) -> None:
        """Take it back."""
        self.status = Status.DRAFT
