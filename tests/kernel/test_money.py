"""Money never loses a minor unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rustok.kernel.money import (
    BadAmount,
    CurrencyMismatch,
    Money,
    UnknownCurrency,
    allocate,
    check_currency,
    percentage,
)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("19.99", "USD", 1999), ("19.9", "USD", 1990), ("1999", "JPY", 1999), ("1.234", "KWD", 1234), ("0", "EUR", 0)],
)
def test_decimal_strings_become_minor_units(text, currency, minor):
    assert Money.parse(text, currency).amount == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [("19.999", "USD"), ("1.5", "JPY"), ("abc", "USD"), ("NaN", "USD"), ("1e30", "USD"), ("", "USD")],
)
def test_what_the_currency_cannot_hold_is_refused(text, currency):
    with pytest.raises(BadAmount):
        Money.parse(text, currency)


@given(st.integers(min_value=-(10**12), max_value=10**12), st.sampled_from(["USD", "JPY", "KWD"]))
def test_writing_and_reading_is_the_identity(minor, currency):
    written = Money(minor, currency).as_dict()
    assert Money.parse(written["amount"], written["currency"]) == Money(minor, currency)


@given(
    st.integers(min_value=0, max_value=10**9),
    st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=30),
)
def test_an_allocation_adds_up_and_is_fair(amount, weights):
    shares = allocate(amount, weights)
    assert sum(shares) == amount
    if any(weights):
        exact = [amount * weight / sum(weights) for weight in weights]
        assert all(abs(share - ideal) < 1.001 for share, ideal in zip(shares, exact, strict=True))


def test_an_allocation_needs_weights():
    with pytest.raises(ValueError, match="at least one"):
        allocate(5, [])


def test_currencies_do_not_mix():
    with pytest.raises(CurrencyMismatch):
        Money(1, "USD") + Money(1, "EUR")


def test_a_share_is_rounded_half_up():
    assert [percentage(amount, 1900) for amount in (100, 50, 3, 0)] == [19, 10, 1, 0]


def test_currency_codes_are_checked():
    assert check_currency(" usd ") == "USD"
    with pytest.raises(UnknownCurrency):
        check_currency("US$")


def test_people_read_it_in_their_own_way():
    assert Money(123456, "EUR").format("de") == "1.234,56\xa0€"
    assert Money(123456, "USD").format("en") == "$1,234.56"
