"""Tax rates by country and region, and whether prices hold the tax already."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rustok.kernel.audit import Audited
from rustok.kernel.models import Entity

__all__ = ["TaxRate", "TaxSettings"]


class TaxRate(Entity):
    """The rate of a country, or of one of its regions, which then takes its place."""

    audited = Audited()

    country = models.CharField(_("country"), max_length=2, help_text=_("ISO 3166-1 code, such as DE"))
    region = models.CharField(
        _("region"), max_length=120, blank=True, default="", help_text=_("as in addresses; empty: all of the country")
    )
    name = models.CharField(_("name"), max_length=60)
    rate_bp = models.PositiveIntegerField(_("rate in basis points"), help_text=_("1900 is 19 %"))

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ("country", "region")
        constraints = [
            models.UniqueConstraint(fields=["country", "region"], name="tax_one_rate_a_region"),
            models.CheckConstraint(condition=Q(rate_bp__lte=10_000), name="tax_rate_is_a_share"),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="tax_country_is_a_code"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.rate_bp / 100:g} %"


class TaxSettings(Entity):
    """How this tenant states its prices; one row at most."""

    audited = Audited()

    only = models.BooleanField(default=True, unique=True, editable=False)
    prices_include_tax = models.BooleanField(_("prices include tax"), default=False)
    tax_shipping = models.BooleanField(_("shipping is taxed"), default=True)

    class Meta:
        verbose_name = _("tax settings")
        verbose_name_plural = _("tax settings")
        constraints = [models.CheckConstraint(condition=Q(only=True), name="tax_settings_once")]

    def __str__(self) -> str:
        return gettext("prices include tax") if self.prices_include_tax else gettext("tax is added to prices")
