"""Prices of variants, one per currency."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Number, Text
from rustok.kernel.audit import Audited
from rustok.kernel.models import CurrencyField, Entity, MoneyField
from rustok.kernel.money import MAX_AMOUNT, Money

__all__ = ["Price"]


class Price(Entity):
    """What a variant costs in one currency, and what it cost before if it is reduced."""

    policy_resources = ("products",)
    policy_attributes = {
        "vendor": Text("variant__product__vendor"),
        "status": Text("variant__product__status", _("draft, active or archived")),
        "kind": Text("variant__product__kind", _("physical, digital, external or grouped")),
        "category": Text("variant__product__category__slug", _("the short name of the category")),
        "handle": Text("variant__product__handle"),
        "currency": Text("currency"),
        "price": Number("amount", _("in the smallest unit: 1000 is 10.00")),
    }

    audited = Audited(part_of="variant", label="variant")

    variant = models.ForeignKey(
        "product.Variant", on_delete=models.CASCADE, related_name="+", verbose_name=_("variant")
    )
    currency = CurrencyField(_("currency"))
    amount = MoneyField(_("price"))
    compare_at = MoneyField(_("price before"), null=True, blank=True)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ("currency",)
        constraints = [
            models.UniqueConstraint(fields=["variant", "currency"], name="pricing_price_once"),
            models.CheckConstraint(condition=Q(amount__range=(0, MAX_AMOUNT)), name="pricing_amount_in_bounds"),
            models.CheckConstraint(
                condition=Q(compare_at__isnull=True) | Q(compare_at__gt=F("amount"), compare_at__lte=MAX_AMOUNT),
                name="pricing_compare_at_is_higher",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="pricing_currency_is_a_code"),
        ]

    def __str__(self) -> str:
        return str(self.money)

    @property
    def money(self) -> Money:
        """The price as an amount of money."""
        return Money(self.amount, self.currency)

    @property
    def money_before(self) -> Money | None:
        """The price before as an amount of money."""
        return None if self.compare_at is None else Money(self.compare_at, self.currency)
