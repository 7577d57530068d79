"""What the order module accepts."""

from rest_framework import serializers

from apps.order.models import Order
from rustok.kernel.inputs import Input, TextField

__all__ = ["CancelInput", "Input", "NothingInput", "OrderFilter", "ShipInput", "StepInput"]


class OrderFilter(Input):
    """Which orders a list holds."""

    status = serializers.ChoiceField(Order.Status.choices, allow_blank=True)


class NothingInput(Input):
    """An empty body."""


class StepInput(Input):
    """A note for the timeline."""

    note = TextField(max_length=300, required=False, allow_blank=True)


class ShipInput(StepInput):
    """How a parcel is followed."""

    carrier = TextField(max_length=60, required=False, allow_blank=True)
    tracking_number = TextField(max_length=120, required=False, allow_blank=True)
    tracking_url = serializers.URLField(max_length=500, required=False, allow_blank=True)


class CancelInput(Input):
    """Why an order is given up."""

    reason = TextField(max_length=300, required=False, allow_blank=True)
