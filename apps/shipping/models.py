"""Shipping methods, their names per locale, their rates per currency."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.audit import Audited
from rustok.kernel.models import CurrencyField, Entity, MoneyField, TranslationRow

__all__ = ["ShippingMethod", "ShippingMethodTranslation", "ShippingRate"]


class ShippingMethod(Entity):
    """A way to send a parcel, to some countries or to all."""

    audited = Audited()

    handle = models.SlugField(_("handle"), max_length=64, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    countries = ArrayField(
        models.CharField(max_length=2), verbose_name=_("countries"), default=list, blank=True, size=260,
        help_text=_("ISO 3166-1 codes, separated by commas; empty: everywhere"),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("shipping method")
        verbose_name_plural = _("shipping methods")
        ordering = ("position", "handle")

    def __str__(self) -> str:
        return self.handle

    def serves(self, country: str | None) -> bool:
        """Tell whether it goes there; an unknown destination is given the benefit of the doubt."""
        return not country or not self.countries or country in self.countries


class ShippingMethodTranslation(TranslationRow):
    """What a method is called in one locale."""

    audited = Audited(part_of="method")

    method = models.ForeignKey(ShippingMethod, on_delete=models.CASCADE, related_name="translations")
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [models.UniqueConstraint(fields=["method", "locale"], name="shipping_one_name_a_locale")]

    def __str__(self) -> str:
        return self.name


class ShippingRate(Entity):
    """What a method costs in one currency; nothing for a cart that is worth `free_from`."""

    audited = Audited(part_of="method")

    method = models.ForeignKey(ShippingMethod, on_delete=models.CASCADE, related_name="rates")
    currency = CurrencyField(_("currency"))
    amount = MoneyField(_("price in minor units"))
    free_from = MoneyField(_("free from, in minor units"), null=True, blank=True)

    class Meta:
        verbose_name = _("rate")
        verbose_name_plural = _("rates")
        constraints = [
            models.UniqueConstraint(fields=["method", "currency"], name="shipping_one_rate_a_currency"),
            models.CheckConstraint(
                condition=Q(amount__gte=0) & (Q(free_from__isnull=True) | Q(free_from__gte=0)),
                name="shipping_rate_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def price(self, subtotal: int) -> int:
        """Answer what sending a cart of that worth costs, in minor units."""
        return 0 if self.free_from is not None and subtotal >= self.free_from else self.amount
