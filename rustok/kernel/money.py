"""Money: whole minor units of one ISO 4217 currency, never a float."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision

from rustok.kernel.errors import Invalid

__all__ = ["MAX_AMOUNT", "Money", "allocate", "check_currency", "exponent", "percentage"]

#: The largest amount that a column, an input or a total may hold, in minor units.
MAX_AMOUNT = 10**13


class UnknownCurrency(Invalid):
    """This is not an ISO 4217 currency code."""

    code = "unknown_currency"


class BadAmount(Invalid):
    """This is not an amount of that currency."""

    code = "invalid_amount"


class CurrencyMismatch(Invalid):
    """Amounts of different currencies cannot be combined."""

    code = "currency_mismatch"


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(get_global("all_currencies"))


def check_currency(code: str) -> str:
    """Answer the currency code in its normal form.

    :raises UnknownCurrency: if ISO 4217 has no such code
    """
    normal = str(code).strip().upper()
    if normal not in _currencies():
        raise UnknownCurrency(f"{normal[:8]!r} is not a currency code")
    return normal


@lru_cache(maxsize=512)
def exponent(currency: str) -> int:
    """Answer how many decimals a currency has: USD 2, JPY 0, KWD 3."""
    return get_currency_precision(currency)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units beside its currency."""

    amount: int
    currency: str

    @classmethod
    def parse(cls, text: str | Decimal, currency: str) -> Money:
        """Read a decimal string such as "19.99".

        :raises BadAmount: if it is no number, too precise for the currency, or out of bounds
        """
        try:
            value = Decimal(str(text))
        except InvalidOperation:
            raise BadAmount(f"{str(text)[:40]!r} is not a number") from None
        minor = value.scaleb(exponent(currency)) if value.is_finite() else value
        if not minor.is_finite() or minor != minor.to_integral_value() or abs(minor) > MAX_AMOUNT:
            raise BadAmount(f"{str(text)[:40]} is not an amount of {currency}")
        return cls(int(minor), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exactly."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    def as_dict(self) -> dict[str, str]:
        """Answer the form of every API: {"amount": "19.99", "currency": "USD"}."""
        places = exponent(self.currency)
        return {"amount": f"{self.decimal:.{places}f}", "currency": self.currency}

    def format(self, locale: str) -> str:
        """Write it for people who read `locale` (BCP 47)."""
        return format_currency(self.decimal, self.currency, locale=locale.replace("-", "_"))

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, factor: int) -> Money:
        return Money(self.amount * factor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return f"{self.as_dict()['amount']} {self.currency}"


def total(parts: Iterable[Money], currency: str) -> Money:
    """Add up amounts of one currency; nothing adds up to zero."""
    return sum(parts, Money(0, currency))


def percentage(amount: int, basis_points: int) -> int:
    """Take a share of minor units, rounded half up; 10000 basis points are the whole."""
    share = Decimal(amount) * basis_points / 10_000
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split minor units in proportion, without losing one: the largest remainder method (Hamilton).

    :raises ValueError: if a weight is negative or there is none
    """
    if not weights or min(weights) < 0:
        raise ValueError("weights must be non-negative and at least one")
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    shares = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for index in by_remainder[: amount - sum(shares)]:
        shares[index] += 1
    return shares
