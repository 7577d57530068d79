"""What OpenAPI says of the forms that answers share."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

__all__ = ["MoneyOutput"]


class MoneyOutput(serializers.Serializer[Any]):
    """An amount as a decimal string beside its currency."""

    amount = serializers.CharField()
    currency = serializers.CharField()
