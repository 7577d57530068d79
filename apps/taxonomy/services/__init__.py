"""Categories and tags: one file each."""

from apps.taxonomy.services.categories import (
    MAX_CATEGORIES,
    CategoryChanges,
    CategoryInUse,
    NeedsName,
    SlugTaken,
    TooDeep,
    UnderItself,
    create_category,
    delete_category,
    ensure_category,
    update_category,
)
from apps.taxonomy.services.rules import NoSlug, TooMany
from apps.taxonomy.services.tags import MAX_TAGS, TagInUse, create_tag, delete_tag, ensure_tags, update_tag

__all__ = [
    "MAX_CATEGORIES", "MAX_TAGS", "CategoryChanges", "CategoryInUse", "NeedsName", "NoSlug", "SlugTaken", "TagInUse",
    "TooDeep", "TooMany", "UnderItself", "create_category", "create_tag", "delete_category", "delete_tag",
    "ensure_category", "ensure_tags", "update_category", "update_tag",
]  # fmt: skip
