"""What the inventory module announces."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event

NotNegative = Annotated[int, Meta(ge=0, examples=[3])]


@event("inventory.updated", version=1)
class InventoryUpdated(Event):
    """A variant's stock, or how it is treated, changed; `available` is what can still be sold."""

    variant_id: UUID
    product_id: UUID
    available: NotNegative


@event("location.updated", version=1)
class LocationUpdated(Event):
    """A location began or ceased to sell its stock."""

    location_id: UUID


@event("inventory.low", version=1)
class InventoryLow(Event):
    """A variant's stock fell to what was set as low, or below."""

    variant_id: UUID
    product_id: UUID
    available: NotNegative
