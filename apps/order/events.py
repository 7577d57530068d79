"""What the order module announces."""

from typing import Annotated
from uuid import UUID

import msgspec

from rustok.kernel.events import Currency, Event, event

__all__ = ["OrderCancelled", "OrderCompleted", "OrderPlaced", "OrderStatusChanged", "PlacedLine"]

Number = Annotated[str, msgspec.Meta(min_length=1, max_length=16, examples=["1042"])]
Amount = Annotated[int, msgspec.Meta(ge=0, examples=[8980])]
Status = Annotated[str, msgspec.Meta(min_length=1, max_length=12, examples=["paid"])]


class PlacedLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of one variant."""

    variant_id: UUID
    quantity: Annotated[int, msgspec.Meta(ge=1, le=9_999, examples=[2])]


@event("order.placed", version=1)
class OrderPlaced(Event):
    """Somebody bought something; `total` is in minor units."""

    order_id: UUID
    number: Number
    customer_id: UUID | None
    currency: Currency
    total: Amount
    lines: Annotated[list[PlacedLine], msgspec.Meta(max_length=100)]


@event("order.status_changed", version=1)
class OrderStatusChanged(Event):
    """An order took a step."""

    order_id: UUID
    number: Number
    from_status: Annotated[Status, msgspec.Meta(examples=["confirmed"])]
    to_status: Status


@event("order.completed", version=1)
class OrderCompleted(Event):
    """An order arrived."""

    order_id: UUID
    number: Number


@event("order.cancelled", version=1)
class OrderCancelled(Event):
    """An order was given up."""

    order_id: UUID
    number: Number
    reason: Annotated[str, msgspec.Meta(max_length=500, examples=["Ordered twice"])]
