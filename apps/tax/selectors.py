"""How much tax an amount bears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection

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


#: Settings and rates in one row or two: this is asked for with every cart that is shown.
_RULES = """
SELECT coalesce(s.prices_include_tax, false), coalesce(s.tax_shipping, true), coalesce(r.rate_bp, 0)
FROM (SELECT 1) AS always
LEFT JOIN tax_taxsettings s ON true
LEFT JOIN tax_taxrate r ON r.country = %s AND r.region IN ('', %s)
ORDER BY r.region DESC NULLS LAST LIMIT 1
"""


def tax_for(amounts: Sequence[int], *, shipping: int = 0, country: str | None, region: str = "") -> Tax:
    """Tax amounts (what each line costs after discounts) where they are sent; rounded amount by amount.

    The rate of the region, else of the country, else 0; also 0 where nobody knows the country. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RULES, [country or "", region])
        included, taxes_shipping, rate = cursor.fetchone()
    return Tax(
        included=included,
        amounts=tuple(tax_of(amount, rate, included=included) for amount in amounts),
        shipping=tax_of(shipping, rate, included=included) if taxes_shipping else 0,
    )
