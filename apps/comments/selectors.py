"""Reading comments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.comments.models import Comment
from rustok.kernel.access import ANONYMOUS, Actor, restrict
from rustok.kernel.errors import Invalid
from rustok.kernel.pages import Page, PageRequest, paginate

__all__ = ["comment_document", "comments_for", "comments_to_moderate", "find_comment"]


class UnknownStatus(Invalid):
    """A comment is pending, approved or spam."""

    code = "unknown_status"


def comment_document(comment: Comment) -> dict[str, Any]:
    """Answer the form that every API shows."""
    return {
        "id": str(comment.pk),
        "target": {"kind": comment.target_kind, "id": str(comment.target_id)},
        "author": comment.author_name,
        "body_html": comment.body_html,
        "status": comment.status,
        "version": comment.version,
        "created_at": comment.created_at.isoformat().replace("+00:00", "Z"),
        "updated_at": comment.updated_at.isoformat().replace("+00:00", "Z"),
    }


def comments_for(
    target_kind: str, target_id: UUID | str, page: PageRequest | None = None, *, actor: Actor = ANONYMOUS
) -> Page[dict[str, Any]]:
    """List what was said about a thing, oldest first: what was approved, and what the reader waits for."""
    rows = Comment.objects.on(target_kind, target_id).shown_to(actor.id)
    return _page(paginate(rows, ("created_at", "id"), page or PageRequest()))


def comments_to_moderate(*, actor: Actor, page: PageRequest, status: str | None = None) -> Page[dict[str, Any]]:
    """List the comments that the actor may read in any state, newest first.

    :raises UnknownStatus: if there is no such status
    """
    rows = restrict(actor, Comment.objects.all(), "comments.read")
    if status is not None:
        if status not in Comment.Status.values:
            raise UnknownStatus(f"{status[:32]!r} is no status", field="status")
        rows = rows.filter(status=status)
    return _page(paginate(rows, ("-created_at", "-id"), page))


def find_comment(*, actor: Actor, comment_id: UUID) -> dict[str, Any] | None:
    """Answer a comment that the actor may read; otherwise None."""
    found = restrict(actor, Comment.objects.all(), "comments.read").filter(pk=comment_id).first()
    return comment_document(found) if found else None


def _page(found: Page[Comment]) -> Page[dict[str, Any]]:
    documents = [comment_document(row) for row in found.results]
    return Page(documents, found.next, found.previous, found.count, found.cursors)
