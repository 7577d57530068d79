"""The arithmetic of a cart: whole minor units, rounded where they are stored, adding up to the last one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rustok.kernel.errors import Conflict
from rustok.kernel.money import MAX_AMOUNT, allocate

__all__ = ["Priced", "Quote", "TaxLike", "TotalTooLarge", "make_quote"]


class TotalTooLarge(Conflict):
    """The cart is worth more than can be sold at once."""

    code = "total_too_large"


class Priced(Protocol):
    """What a line brings: a price in minor units and how many."""

    @property
    def unit_price(self) -> int:
        """What one piece costs."""

    @property
    def quantity(self) -> int:
        """How many."""


class TaxLike(Protocol):
    """The tax on each line and on shipping."""

    @property
    def included(self) -> bool:
        """Whether the amounts hold it already."""

    @property
    def amounts(self) -> tuple[int, ...]:
        """The tax on each line."""

    @property
    def shipping(self) -> int:
        """The tax on shipping."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a cart costs, in minor units: subtotal − discount + shipping + tax that is not included = total."""

    line_totals: tuple[int, ...]
    line_discounts: tuple[int, ...]
    line_taxes: tuple[int, ...]
    shipping_total: int
    shipping_tax: int
    tax_included: bool

    @property
    def subtotal(self) -> int:
        """All lines before discounts."""
        return sum(self.line_totals)

    @property
    def discount_total(self) -> int:
        """All discounts."""
        return sum(self.line_discounts)

    @property
    def tax_total(self) -> int:
        """All tax, included or not."""
        return sum(self.line_taxes) + self.shipping_tax

    @property
    def total(self) -> int:
        """What is to be paid."""
        added = 0 if self.tax_included else self.tax_total
        return self.subtotal - self.discount_total + self.shipping_total + added

    def check(self) -> Quote:
        """Answer the quote if it can be stored and charged.

        :raises TotalTooLarge: if an amount is out of bounds
        """
        if max(self.subtotal, self.total) > MAX_AMOUNT:
            raise TotalTooLarge()
        return self


def make_quote(
    lines: Sequence[Priced],
    *,
    discount: int = 0,
    shipping: int = 0,
    tax: Callable[[Sequence[int], int], TaxLike],
) -> Quote:
    """Work a cart out; a discount on the whole is split over the lines by what they cost, losing nothing.

    `tax` answers the tax on each line after its discount, and on shipping.
    """
    totals = tuple(line.unit_price * line.quantity for line in lines)
    discounts = tuple(allocate(min(discount, sum(totals)), totals)) if discount and lines else (0,) * len(lines)
    taxes = tax([whole - off for whole, off in zip(totals, discounts, strict=True)], shipping)
    return Quote(totals, discounts, tuple(taxes.amounts), shipping, taxes.shipping, taxes.included)
