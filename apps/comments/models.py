"""Comments on whatever takes them."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Date, Id, Text
from rustok.kernel.audit import Audited
from rustok.kernel.markup import render_remark
from rustok.kernel.models import ProtectedEntity, ProtectedManager, ProtectedQuerySet

__all__ = ["Comment"]


class CommentQuerySet(ProtectedQuerySet["Comment"]):
    """Choosing what to show."""

    def on(self, target_kind: str, target_id: UUID | str) -> CommentQuerySet:
        """Keep what was said about one thing."""
        return self.filter(target_kind=target_kind, target_id=target_id)

    def shown_to(self, reader_id: object) -> CommentQuerySet:
        """Keep what everybody sees, and what the reader wrote and waits for."""
        mine = Q(author_id=reader_id, status=Comment.Status.PENDING) if reader_id else Q(pk=None)
        return self.filter(Q(status=Comment.Status.APPROVED) | mine).passed("everybody may read what was approved")


class Comment(ProtectedEntity):
    """What somebody said; its HTML is made and sanitised once, on writing."""

    policy_resources = ("comments",)
    policy_attributes = {
        "status": Text("status", _("pending, approved or spam")),
        "author": Id("author_id", _("compare it with subject.id")),
        "about": Text("target_kind", _("post or product")),
        "created": Date("created_at"),
    }

    audited = Audited(personal=("author_name",), inserts="none")

    owner_field = "author_id"

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        APPROVED = "approved", _("approved")
        SPAM = "spam", _("spam")

    target_kind = models.CharField(_("about"), max_length=16)
    target_id = models.UUIDField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    author_name = models.CharField(_("author"), max_length=150)
    body = models.TextField(_("text"))
    body_html = models.TextField(editable=False)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.PENDING)
    version = models.PositiveIntegerField(default=1)

    objects = ProtectedManager.from_queryset(CommentQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["pending", "approved", "spam"]), name="comments_status_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["target_kind", "target_id", "created_at", "id"], name="comments_of_target"),
            models.Index(fields=["status", "-created_at", "-id"], name="comments_moderation"),
            models.Index(fields=["author", "status"], name="comments_of_author"),
        ]

    def __str__(self) -> str:
        return f"{self.author_name}: {self.body[:60]}"

    def write_body(self, source: str) -> None:
        """Take new words, and make their HTML."""
        self.body, self.body_html = source, render_remark(source)
