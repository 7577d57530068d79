"""How much tax an amount bears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from apps.tax.models import TaxRate, TaxSettings
from rustok.kernel.money import percentage

__all__ = ["Tax", "tax_for", "tax_of"]


@dataclass(frozen=True, slots=True)
class Tax:
    """The tax on each amount and on shipping, in minor units; `included` when the amounts hold it already."""

    included: bool
    amounts: tuple[int, ...]
    shipping: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.amounts) + self.shipping


def tax_of(amount: int, rate_bp: int, *, included: bool) -> int:
    """Take the tax on (or in) an amount, rounded half up to the minor unit.

    In an amount that includes it, tax is amount × rate ÷ (1 + rate).
    """
    if not included:
        return percentage(amount, rate_bp)
    share = Decimal(amount) * rate_bp / (10_000 + rate_bp)
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def tax_for(amounts: Sequence[int], *, shipping: int = 0, country: str | None, region: str = "") -> Tax:
    """Tax amounts (what each line costs after discounts) where they are sent; rounded amount by amount.

    Without a country, or without a rate for it, the tax is 0.
    """
    settings = TaxSettings.objects.first() or TaxSettings()
    rate = _rate(country, region) if country else 0
    included = settings.prices_include_tax
    return Tax(
        included=included,
        amounts=tuple(tax_of(amount, rate, included=included) for amount in amounts),
        shipping=tax_of(shipping, rate, included=included) if settings.tax_shipping else 0,
    )


def _rate(country: str, region: str) -> int:
    """Answer the rate of the region, else of the country, else 0."""
    rows = dict(TaxRate.objects.filter(country=country, region__in=("", region)).values_list("region", "rate_bp"))
    return rows.get(region, rows.get("", 0))
