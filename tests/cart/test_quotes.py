"""The arithmetic of a cart: nothing is lost, nothing is made up."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from apps.cart.quotes import make_quote
from apps.tax.selectors import Tax, tax_of
from rustok.kernel.money import MAX_AMOUNT, Money, allocate


@dataclass(frozen=True)
class Line:
    unit_price: int
    quantity: int


def taxing(rate_bp, included):
    def tax(amounts, shipping):
        taxed = tuple(tax_of(amount, rate_bp, included=included) for amount in amounts)
        return Tax(included, taxed, tax_of(shipping, rate_bp, included=included))

    return tax


lines = st.lists(st.builds(Line, st.integers(0, 10**7), st.integers(1, 9_999)), max_size=12)
rates = st.integers(0, 10_000)
amounts = st.integers(0, 10**9)


@given(lines, amounts, amounts, rates, st.booleans())
def test_parts_add_up_to_the_total(lines, discount, shipping, rate, included):
    quote = make_quote(lines, discount=discount, shipping=shipping, tax=taxing(rate, included))
    assert quote.subtotal == sum(quote.line_totals) == sum(line.unit_price * line.quantity for line in lines)
    assert quote.discount_total == sum(quote.line_discounts) == (min(discount, quote.subtotal) if lines else 0)
    assert quote.tax_total == sum(quote.line_taxes) + quote.shipping_tax
    added = 0 if included else quote.tax_total
    assert quote.total == quote.subtotal - quote.discount_total + quote.shipping_total + added >= 0
    assert all(0 <= off <= whole for off, whole in zip(quote.line_discounts, quote.line_totals, strict=True))


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_splitting_loses_nothing_and_is_fair_to_a_minor_unit(amount, weights):
    shares = allocate(amount, weights)
    assert sum(shares) == amount
    whole = sum(weights) or len(weights)
    exact = [amount * (weight if sum(weights) else 1) / whole for weight in weights]
    assert all(abs(share - ideal) < 1.0001 for share, ideal in zip(shares, exact, strict=True))


@given(st.integers(0, MAX_AMOUNT), rates)
def test_tax_inside_a_price_is_what_was_added_to_it(net, rate):
    gross = net + tax_of(net, rate, included=False)
    assert abs(tax_of(gross, rate, included=True) - (gross - net)) <= 1


def test_a_discount_goes_by_the_largest_remainder():
    quote = make_quote([Line(100, 1)] * 3, discount=100, tax=taxing(0, False))
    assert quote.line_discounts == (34, 33, 33)


def test_tax_is_rounded_line_by_line():
    quote = make_quote([Line(5, 1)] * 3, tax=taxing(1000, False))
    assert quote.line_taxes == (1, 1, 1)  # 0.5 each, half up; rounding the sum would give 2


def test_a_currency_without_decimals_is_counted_whole():
    quote = make_quote([Line(1999, 3)], shipping=500, tax=taxing(1000, True))
    assert Money(quote.total, "JPY").as_dict() == {"amount": "6497", "currency": "JPY"}
    assert quote.tax_total == 545 + 45


def test_nothing_costs_nothing():
    assert make_quote([], discount=500, tax=taxing(1900, False)).total == 0
