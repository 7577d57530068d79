"""What other modules may use of pages."""

from apps.pages.selectors import list_pages, page_by_path, paths_of
from apps.pages.services import create_page, publish_page, set_blocks, unpublish_page, update_page

__all__ = [
    "create_page", "list_pages", "page_by_path", "paths_of", "publish_page", "set_blocks", "unpublish_page",
    "update_page",
]  # fmt: skip
