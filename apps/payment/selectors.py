"""Reading payments."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.payment.models import Payment
from rustok.kernel.ids import parse_id
from rustok.kernel.money import Money

__all__ = ["find_payment", "open_payment", "payment_documents", "providers", "unsettled_payments"]


def find_payment(payment_id: UUID | str) -> Payment | None:
    """Answer a payment by id."""
    key = payment_id if isinstance(payment_id, UUID) else parse_id(payment_id)
    rows = Payment.objects.because("who knows the id was asked for the right to what is paid for")
    return rows.filter(pk=key).first() if key else None


def open_payment(reference: UUID) -> Payment | None:
    """Answer the payment for something that neither failed nor was cancelled."""
    rows = Payment.objects.because("who knows the id was asked for the right to what is paid for")
    return rows.filter(reference=reference).exclude(status__in=("failed", "cancelled")).first()


def unsettled_payments(*, before: datetime, limit: int = 100) -> list[Payment]:
    """List payments that were begun before a moment and of which nobody knows whether they were charged."""
    rows = Payment.objects.because("settling is the platform's own work").filter(
        answered_at=None, status=Payment.Status.PENDING, created_at__lt=before
    )
    return list(rows.order_by("pk")[:limit])


def payment_documents(reference: UUID) -> list[dict[str, Any]]:
    """List the attempts to be paid for something, oldest first, as the APIs show them to staff."""
    rows = Payment.objects.because("the caller holds the order that is paid for").filter(reference=reference)
    return [
        {
            "id": str(row.pk),
            "provider": row.provider,
            "status": row.status,
            "amount": Money(row.amount, row.currency).as_dict(),
            "provider_ref": row.provider_ref,
            "error": row.error,
        }
        for row in rows.order_by("pk")[:100]
    ]


def providers() -> list[str]:
    """List the providers that this platform takes payments by."""
    return list(settings.PAYMENT_PROVIDERS)
