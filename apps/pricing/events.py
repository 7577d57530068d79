"""What the pricing module announces."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event


@event("price.updated", version=1)
class PriceUpdated(Event):
    """A variant has another price in a currency, or none any more."""

    variant_id: UUID
    product_id: UUID
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
