"""What the pricing module announces."""

from uuid import UUID

from rustok.kernel.events import Currency, Event, event


@event("price.updated", version=1)
class PriceUpdated(Event):
    """A variant has another price in a currency, or none any more."""

    variant_id: UUID
    product_id: UUID
    currency: Currency
