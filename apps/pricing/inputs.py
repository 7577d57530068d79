"""What the pricing module accepts."""

from rest_framework import serializers

from rustok.kernel.inputs import Input, MoneyInput

__all__ = ["PriceInput", "PricesInput"]


class PriceInput(Input):
    """One price; `compare_at` is the price before, null for none."""

    price = MoneyInput()
    compare_at = MoneyInput(required=False, allow_null=True)


class PricesInput(Input):
    """Prices of one variant, at most one per currency."""

    prices = serializers.ListField(child=PriceInput(), max_length=50)
