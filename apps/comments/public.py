"""What other modules may use of comments."""

from apps.comments.selectors import comment_document, comments_for
from apps.comments.services import add_comment, moderate_comment
from apps.comments.targets import register_target

__all__ = ["add_comment", "comment_document", "comments_for", "moderate_comment", "register_target"]
