"""What the inventory module accepts."""

from typing import Any

from rest_framework import serializers

from apps.inventory.models import MAX_STOCK, StockAdjustment
from rustok.kernel.inputs import Input, QuantityField, TextField

__all__ = ["AdjustmentInput", "CheckInput", "InventoryInput", "LocationInput"]


class _StockField(QuantityField):
    """A whole number that a shelf can hold, or a change to it."""

    def __init__(self, *, min_value: int = 0, max_value: int = MAX_STOCK, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)


class AdjustmentInput(Input):
    """A change to the stock on hand; at the default location if none is named."""

    variant_id = serializers.UUIDField()
    location_id = serializers.UUIDField(required=False, allow_null=True)
    delta = _StockField(min_value=-MAX_STOCK)
    reason = TextField(max_length=200, required=False, default=StockAdjustment.Reason.CORRECTION)
    reference = serializers.UUIDField(required=False, allow_null=True)


class LineInput(Input):
    """So many of a variant."""

    variant_id = serializers.UUIDField()
    quantity = QuantityField()


class CheckInput(Input):
    """What somebody wants to buy."""

    lines = serializers.ListField(child=LineInput(), min_length=1, max_length=100)


class LevelInput(Input):
    """What was counted at a location; the default one if none is named."""

    location_id = serializers.UUIDField(required=False, allow_null=True)
    on_hand = _StockField()


class InventoryInput(Input):
    """How a variant's stock is treated, and what was counted."""

    tracked = serializers.BooleanField(required=False)
    backorder = serializers.BooleanField(required=False)
    low_stock_at = _StockField(required=False, max_value=1_000_000)
    levels = serializers.ListField(child=LevelInput(), required=False, max_length=100)
    reason = TextField(max_length=200, required=False, default=StockAdjustment.Reason.COUNTED)


class AddressInput(Input):
    """Where a location is."""

    line1 = TextField(max_length=200, required=False, allow_blank=True)
    line2 = TextField(max_length=200, required=False, allow_blank=True)
    city = TextField(max_length=120, required=False, allow_blank=True)
    region = TextField(max_length=120, required=False, allow_blank=True)
    postal_code = TextField(max_length=20, required=False, allow_blank=True)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False)
    phone = TextField(max_length=40, required=False, allow_blank=True)


class LocationInput(Input):
    """A place that holds stock."""

    name = TextField(max_length=120)
    is_default = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)
    position = _StockField(required=False, max_value=1_000_000)
    address = AddressInput(required=False)
