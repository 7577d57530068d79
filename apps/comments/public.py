"""What other modules may use of comments."""

from apps.comments.inputs import CommentInput, CommentOutput
from apps.comments.selectors import comment_document, comments_for
from apps.comments.services import add_comment, moderate_comment, register_target

__all__ = [
    "CommentInput", "CommentOutput", "add_comment", "comment_document", "comments_for", "moderate_comment",
    "register_target",
]  # fmt: skip
