"""What other modules may use of the blog."""

from apps.blog.selectors import get_post, list_posts, slugs_of
from apps.blog.services import create_post, publish_post, unpublish_post, update_post

__all__ = ["create_post", "get_post", "list_posts", "publish_post", "slugs_of", "unpublish_post", "update_post"]
