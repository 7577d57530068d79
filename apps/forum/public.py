"""What other modules may use of the forum."""

from apps.forum.selectors import categories, category, replies, topic, topics
from apps.forum.services import add_reply, add_topic, change_topic, ensure_category

__all__ = [
    "add_reply",
    "add_topic",
    "categories",
    "category",
    "change_topic",
    "ensure_category",
    "replies",
    "topic",
    "topics",
]
