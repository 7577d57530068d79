"""What other modules may use of the taxonomy."""

from apps.taxonomy.selectors import (
    categories,
    category_by_path,
    category_document,
    category_documents,
    category_ids_below,
    category_refs,
    category_tree,
    find_category,
    tag_slugs,
)
from apps.taxonomy.services import create_category, delete_category, ensure_category, ensure_tags, update_category

__all__ = [
    "categories", "category_by_path", "category_document", "category_documents", "category_ids_below", "category_refs",
    "category_tree", "create_category", "delete_category", "ensure_category", "ensure_tags", "find_category",
    "tag_slugs", "update_category",
]  # fmt: skip
