"""What the product module announces."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event

Handle = Annotated[str, Meta(min_length=1, max_length=120, examples=["linen-shirt"])]
#: A larger change is told in several events.
MOST_PRODUCTS = 500


@event("product.created", version=1)
class ProductCreated(Event):
    """There is a new product; it is not on sale yet."""

    product_id: UUID
    handle: Handle


@event("product.updated", version=1)
class ProductUpdated(Event):
    """Something about a product changed: its words, options, variants, images, tags or place."""

    product_id: UUID
    handle: Handle


@event("product.published", version=1)
class ProductPublished(Event):
    """A product went on sale."""

    product_id: UUID
    handle: Handle


@event("product.unpublished", version=1)
class ProductUnpublished(Event):
    """A product is not on sale any more."""

    product_id: UUID
    handle: Handle


@event("product.deleted", version=1)
class ProductDeleted(Event):
    """A product is gone, and its variants with it."""

    product_id: UUID
    handle: Handle


@event("collection.created", version=1)
class CollectionCreated(Event):
    """There is a new, empty collection."""

    collection_id: UUID
    handle: Handle


@event("collection.updated", version=1)
class CollectionUpdated(Event):
    """A collection has another name, handle or place."""

    collection_id: UUID
    handle: Handle


@event("collection.products_changed", version=1)
class CollectionProductsChanged(Event):
    """These products came into a collection or left it."""

    collection_id: UUID
    product_ids: Annotated[list[UUID], Meta(min_length=1, max_length=MOST_PRODUCTS)]


@event("collection.deleted", version=1)
class CollectionDeleted(Event):
    """A collection is gone; its products are still there."""

    collection_id: UUID
    handle: Handle
