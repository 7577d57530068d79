"""What OpenAPI says of an order."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.cart.public import AddressInput
from apps.order.models import Order
from rustok.kernel.edges.outputs import MoneyOutput

__all__ = ["OrderOutput", "OrderPageOutput"]


class OrderLineOutput(serializers.Serializer[Any]):
    """So many pieces of one variant, as they were named and priced."""

    id = serializers.UUIDField()
    variant_id = serializers.UUIDField(allow_null=True)
    handle = serializers.CharField()
    sku = serializers.CharField()
    title = serializers.CharField()
    variant_title = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    image = serializers.DictField(child=serializers.CharField(), allow_null=True)
    quantity = serializers.IntegerField()
    unit_price = MoneyOutput()
    discount = MoneyOutput()
    tax = MoneyOutput()
    total = MoneyOutput()


class OrderStepOutput(serializers.Serializer[Any]):
    """A step of an order's way."""

    status = serializers.ChoiceField(Order.Status.choices)
    at = serializers.DateTimeField()
    note = serializers.CharField()


class OrderAddressesOutput(serializers.Serializer[Any]):
    """Where it is sent, and who is billed."""

    shipping = AddressInput(allow_null=True)
    billing = AddressInput(allow_null=True)


class OrderMethodOutput(serializers.Serializer[Any]):
    """How it is sent."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class TrackingOutput(serializers.Serializer[Any]):
    """How a parcel is followed."""

    carrier = serializers.CharField()
    number = serializers.CharField()
    url = serializers.CharField()


class OrderOutput(serializers.Serializer[Any]):
    """A purchase, as it was agreed."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    token = serializers.CharField(help_text="The secret part of the order's own page, /orders/{token}/.")
    status = serializers.ChoiceField(Order.Status.choices)
    payment_status = serializers.ChoiceField(Order.PaymentStatus.choices)
    fulfillment_status = serializers.ChoiceField(Order.FulfillmentStatus.choices)
    email = serializers.EmailField()
    currency = serializers.CharField()
    locale = serializers.CharField()
    lines = OrderLineOutput(many=True)
    subtotal = MoneyOutput()
    discount_total = MoneyOutput()
    shipping_total = MoneyOutput()
    tax_total = MoneyOutput()
    tax_included = serializers.BooleanField()
    total = MoneyOutput()
    shipping_method = OrderMethodOutput(allow_null=True)
    shipping_address = AddressInput(allow_null=True)
    billing_address = AddressInput(allow_null=True)
    addresses = OrderAddressesOutput()
    tracking = TrackingOutput(allow_null=True)
    placed_at = serializers.DateTimeField()
    timeline = OrderStepOutput(many=True)


class OrderPageOutput(serializers.Serializer[Any]):
    """A page of orders."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(required=False)
    results = OrderOutput(many=True)
