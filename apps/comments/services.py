"""Saying something, changing it, and letting it stand or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.accounts.public import find_user
from apps.comments.events import CommentAdded, CommentDeleted, CommentModerated, CommentUpdated
from apps.comments.models import Comment
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Forbidden, Invalid, NotFound, PreconditionFailed
from rustok.kernel.events import publish
from rustok.kernel.ids import new_id

__all__ = [
    "MAX_BODY", "add_comment", "delete_comment", "edit_comment", "forget_comments_on", "moderate_comment",
    "register_target",
]  # fmt: skip

MAX_BODY = 5_000


class NothingSaid(Invalid):
    """A comment has 1 to 5,000 characters."""

    code = "invalid_body"


class NoSuchTarget(NotFound):
    """There is nothing here that takes comments."""

    code = "no_such_target"


class UnknownStatus(Invalid):
    """A comment is pending, approved or spam."""

    code = "unknown_status"


class ForeignAuthor(Forbidden):
    """Only moderators may write under another name."""

    code = "foreign_author"


# --- what takes comments ------------------------------------------------------------------------------------------

#: Tells whether a thing of that id takes comments now.
IsOpen = Callable[[UUID], bool]
_targets: dict[str, IsOpen] = {}


def register_target(kind: str, function: IsOpen) -> None:
    """Let a module above say when one of its things takes comments."""
    _targets[kind] = function


def _is_open(kind: str, target_id: UUID) -> bool:
    """Tell whether a thing takes comments now; one of an unknown kind never does."""
    return kind in _targets and _targets[kind](target_id)


# --- saying and moderating ----------------------------------------------------------------------------------------


@transaction.atomic
def add_comment(
    *, actor: Actor, target_kind: str, target_id: UUID | str, body: str, author_name: str = "",
    now: datetime | None = None,
) -> Comment:  # fmt: skip
    """Say something about a thing that takes comments.

    It stands at once when the actor moderates, or has said something before that was approved. `now` dates a comment
    that was made elsewhere.

    :raises NoSuchTarget: if there is no such thing, or it takes no comments
    :raises NothingSaid: without words, or with too many
    """
    authorize(actor, "comments.create")
    moderator = actor.scope("comments.create") == "all"
    if author_name and not moderator:
        raise ForeignAuthor(field="author_name")
    if not _is_open(target_kind, UUID(str(target_id))):
        raise NoSuchTarget()
    comment = Comment(
        pk=new_id(),
        target_kind=target_kind,
        target_id=target_id,
        author_id=actor.id,
        author_name=(author_name or _signature(actor))[:150],
        status=Comment.Status.APPROVED if moderator or _is_known(actor) else Comment.Status.PENDING,
    )
    comment.write_body(_words(body))
    comment.save(force_insert=True)
    if now is not None:
        Comment.objects.because("it was written here").filter(pk=comment.pk).update(created_at=now)
        comment.created_at = now
    publish(CommentAdded(**_names(comment)), aggregate=comment)
    return comment


def _words(body: str) -> str:
    words = body.strip()
    if not words or len(words) > MAX_BODY or any(ord(char) < 32 and char not in "\n\r\t" for char in words):
        raise NothingSaid(field="body")
    return words


def _signature(actor: Actor) -> str:
    """Answer the name that an actor writes under; never the address."""
    user = find_user(actor.id) if actor.id else None
    return user.name if user and user.name else "Member"


def _is_known(actor: Actor) -> bool:
    rows = Comment.objects.because("whoever was approved before need not wait")
    return rows.filter(Q(author_id=actor.id), status=Comment.Status.APPROVED).exists()


def _names(comment: Comment) -> dict[str, Any]:
    return {"comment_id": comment.pk, "target_kind": comment.target_kind, "target_id": comment.target_id}


@transaction.atomic
def edit_comment(*, actor: Actor, comment_id: UUID, body: str, now: datetime, expected: int | None = None) -> Comment:
    """Change the words of a comment; what its author changes waits for a moderator again.

    :raises PreconditionFailed: if its version is not the expected one
    :raises NothingSaid: without words, or with too many
    """
    comment = _locked(actor, comment_id, "comments.update", expected)
    comment.write_body(_words(body))
    if actor.scope("comments.update") != "all" and comment.status == Comment.Status.APPROVED:
        comment.status = Comment.Status.PENDING
    _save(comment)
    publish(CommentUpdated(**_names(comment)), aggregate=comment)
    return comment


@transaction.atomic
def moderate_comment(
    *, actor: Actor, comment_id: UUID, status: str, now: datetime, expected: int | None = None
) -> Comment:
    """Let a comment stand, take it back, or call it spam; doing it twice changes nothing.

    :raises UnknownStatus: if there is no such status
    :raises PreconditionFailed: if its version is not the expected one
    """
    authorize(actor, "comments.manage")
    if status not in Comment.Status.values:
        raise UnknownStatus(f"{status[:32]!r} is no status", field="status")
    comment = _locked(actor, comment_id, "comments.manage", expected)
    if comment.status != status:
        comment.status = status
        _save(comment)
        publish(CommentModerated(**_names(comment), status=cast(Any, status)), aggregate=comment)
    return comment


@transaction.atomic
def delete_comment(*, actor: Actor, comment_id: UUID, expected: int | None = None) -> None:
    """Remove a comment.

    :raises PreconditionFailed: if its version is not the expected one
    """
    comment = _locked(actor, comment_id, "comments.delete", expected)
    publish(CommentDeleted(**_names(comment)), aggregate=comment)
    comment.delete()


def _locked(actor: Actor, comment_id: UUID, permission: str, expected: int | None) -> Comment:
    """Lock a comment that the actor may do this to; another's is not there for a reader.

    :raises NotFound: if there is none
    """
    rows = Comment.objects.because("the right to it is asked for below").select_for_update()
    comment = rows.filter(pk=comment_id).first()
    if comment is None:
        authorize(actor, permission)
        raise NotFound()
    authorize(actor, permission, comment)
    if expected is not None and comment.version != expected:
        raise PreconditionFailed()
    return comment


def _save(comment: Comment) -> None:
    comment.version += 1
    comment.save(update_fields=["body", "body_html", "status", "version", "updated_at"])


def forget_comments_on(target_kind: str, target_id: UUID) -> None:
    """Remove what was said about a thing that is gone."""
    Comment.objects.on(target_kind, target_id).delete()
