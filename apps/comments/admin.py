"""Comments in the admin: what waits first."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from apps.comments.models import Comment
from apps.comments.services import delete_comment, edit_comment, moderate_comment
from rustok.kernel.edges.admin import Admin, Menu, object_action

__all__ = ["CommentAdmin"]

_COLOURS = {"pending": "rt-pill-warn", "approved": "rt-pill-good", "spam": "rt-pill-bad"}
_STATUS = Comment.Status


def _is_not(status: str, obj: Any) -> bool:
    return bool(obj.status != status)


@admin.register(Comment)
class CommentAdmin(Admin):
    """What readers said."""

    resource = "comments"
    menu = Menu("content", "comment", 40)
    list_display = ("said", "author_name", "state", "target_kind", "created_at")
    list_filter = ("status", "target_kind")
    search_fields = ("body", "author_name")
    ordering = ("-created_at",)
    fields = ("body", "author_name", "state", "target_kind", "created_at")
    readonly_fields = ("author_name", "state", "target_kind", "created_at")
    actions = ("approve_chosen", "spam_chosen")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: readers write in the storefront."""
        return False

    def nav_badge(self, request: HttpRequest) -> int:
        """Answer how many wait, up to 99: spam comes by the million."""
        return int(self.get_queryset(request).filter(status=_STATUS.PENDING)[:99].count())

    @display(description=pgettext_lazy("what was said", "Comment"))
    def said(self, obj: Comment) -> str:
        """Answer its beginning."""
        return Truncator(obj.body).chars(90)

    @display(description=_("Status"), ordering="status")
    def state(self, obj: Comment) -> SafeString:
        """Show whether it stands."""
        return format_html('<span class="rt-pill {}">{}</span>', _COLOURS[obj.status], obj.get_status_display())

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Change its words."""
        return edit_comment(
            actor=request.actor,  # type: ignore[attr-defined]
            comment_id=obj.pk,
            body=form.cleaned_data["body"],
            now=timezone.now(),
            expected=self.version_seen(request),
        )

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Remove it."""
        delete_comment(actor=request.actor, comment_id=obj.pk)  # type: ignore[attr-defined]

    @object_action(
        _("Approve"), permission="comments.manage", when=partial(_is_not, "approved"), primary=True, icon="check"
    )
    def approve(self, request: HttpRequest, obj: Any, data: Any) -> Any:
        """Let it stand."""
        _moderate(request, obj, _STATUS.APPROVED)
        return _("Everybody sees it now.")

    @object_action(_("Spam"), permission="comments.manage", when=partial(_is_not, "spam"), danger=True, icon="block")
    def spam(self, request: HttpRequest, obj: Any, data: Any) -> Any:
        """Hide it."""
        _moderate(request, obj, _STATUS.SPAM)
        return _("Nobody sees it any more.")

    @admin.action(description=_("Approve"), permissions=["change"])
    def approve_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Let each stand."""
        self.do_each(request, queryset, lambda comment: _moderate(request, comment, _STATUS.APPROVED), _("Approved"))

    @admin.action(description=_("Spam"), permissions=["change"])
    def spam_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Hide each."""
        self.do_each(request, queryset, lambda comment: _moderate(request, comment, _STATUS.SPAM), _("Marked as spam"))


def _moderate(request: Any, comment: Comment, status: str) -> None:
    moderate_comment(actor=request.actor, comment_id=comment.pk, status=status, now=timezone.now())
