"""What other modules may use of media."""

from apps.media.images import BadImage
from apps.media.selectors import image_docs, image_docs_by_locale, image_urls, known_assets
from apps.media.services import delete_asset, store_image, update_asset

__all__ = [
    "BadImage", "delete_asset", "image_docs", "image_docs_by_locale", "image_urls", "known_assets", "store_image",
    "update_asset",
]  # fmt: skip
