"""Setting rates."""

from __future__ import annotations

from django.db import transaction

from apps.tax.models import TaxRate, TaxSettings
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Invalid

__all__ = ["set_tax_rate", "set_tax_settings"]


class BadTaxRate(Invalid):
    """A rate has a country code of two letters, a name, and 0 to 10000 basis points."""

    code = "invalid_tax_rate"


@transaction.atomic
def set_tax_rate(*, actor: Actor, country: str, rate_bp: int, name: str, region: str = "") -> TaxRate:
    """Set the rate of a country or region, in basis points.

    :raises BadTaxRate: if the country is no code or the rate out of bounds
    """
    authorize(actor, "settings.update")
    code = country.strip().upper()
    if not (len(code) == 2 and code.isascii() and code.isalpha() and 0 <= rate_bp <= 10_000 and name.strip()):
        raise BadTaxRate()
    rate, _created = TaxRate.objects.update_or_create(
        country=code, region=region.strip()[:120], defaults={"rate_bp": rate_bp, "name": name.strip()[:60]}
    )
    return rate


@transaction.atomic
def set_tax_settings(*, actor: Actor, prices_include_tax: bool, tax_shipping: bool = True) -> TaxSettings:
    """Say whether prices include tax, and whether shipping is taxed."""
    authorize(actor, "settings.update")
    values = {"prices_include_tax": prices_include_tax, "tax_shipping": tax_shipping}
    settings, _created = TaxSettings.objects.update_or_create(only=True, defaults=values)
    return settings
