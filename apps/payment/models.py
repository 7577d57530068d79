"""Payments: money that is asked for, and what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.audit import Audited
from rustok.kernel.models import CurrencyField, Entity, MoneyField, ProtectedEntity

__all__ = ["Payment", "ProviderNotice", "SandboxCharge"]


class Payment(ProtectedEntity):
    """One attempt to be paid for one thing; its id is the idempotency key that the provider is asked with."""

    audited = Audited(hidden=("token",), label="provider_ref")

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        AUTHORIZED = "authorized", _("authorised")
        CAPTURED = "captured", _("captured")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    #: What is paid for: the order's id.
    reference = models.UUIDField(_("for"))
    provider = models.CharField(_("provider"), max_length=32)
    #: What the provider charges; forgotten once it has answered.
    token = models.CharField(max_length=255, blank=True, default="", editable=False)
    amount = MoneyField(_("amount"))
    currency = CurrencyField(_("currency"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    provider_ref = models.CharField(_("provider's reference"), max_length=255, blank=True, default="")
    error = models.CharField(_("error"), max_length=500, blank=True, default="")
    #: When the provider's answer was recorded; until then nobody knows whether it charged.
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_amount_is_not_negative"),
            models.CheckConstraint(
                condition=Q(status="pending") | Q(answered_at__isnull=False), name="payment_final_has_answer"
            ),
            models.UniqueConstraint(
                fields=["reference"], condition=~Q(status__in=["failed", "cancelled"]), name="payment_one_live_each"
            ),
        ]
        indexes = [
            models.Index(fields=["reference"], name="payment_by_reference"),
            models.Index(fields=["id"], condition=Q(answered_at__isnull=True), name="payment_unanswered"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.status}"

    @property
    def is_unsettled(self) -> bool:
        """Tell whether nobody knows yet if it was charged."""
        return self.answered_at is None


class ProviderNotice(Entity):
    """A notification that a provider sent, kept so that its repetition changes nothing."""

    provider = models.CharField(max_length=32)
    event_id = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("notice of a provider")
        verbose_name_plural = _("notices of providers")
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="payment_notice_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"


class SandboxCharge(ProtectedEntity):
    """The ledger of the `test` provider: its side of the network, not ours."""

    key = models.UUIDField(unique=True)
    amount = MoneyField()
    currency = CurrencyField()
    status = models.CharField(max_length=12)

    class Meta:
        verbose_name = _("charge of the test provider")
        verbose_name_plural = _("charges of the test provider")

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.status}"
