"""What the checkout accepts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from rustok.kernel.inputs import Input, TextField

__all__ = ["CompleteInput", "NoticeInput", "PaymentInput"]


class PaymentInput(Input):
    """Who takes the money, and the token that stands for it there."""

    provider = TextField(max_length=32)
    token = TextField(max_length=255, default="", allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        """Read a payment; an unknown field is refused here too."""
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            raise serializers.ValidationError({str(name)[:64]: "unknown field" for name in sorted(unknown)[:20]})
        return super().to_internal_value(data)


class CompleteInput(Input):
    """How a cart is paid."""

    payment = PaymentInput()


class NoticeInput(Input):
    """What the `test` provider tells of a charge."""

    event_id = TextField(max_length=120)
    payment_id = serializers.UUIDField()
    status = serializers.ChoiceField(["captured", "authorized", "failed"])
