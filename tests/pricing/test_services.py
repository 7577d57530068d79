"""Setting prices."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.pricing import selectors, services
from apps.pricing.models import Price
from apps.pricing.public import prices_for, set_prices
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.errors import Forbidden, Unauthenticated
from rustok.kernel.ids import new_id
from rustok.kernel.money import MAX_AMOUNT, Money
from tests.pricing.factories import PriceFactory, VariantFactory

pytestmark = pytest.mark.django_db


def usd(amount):
    return Money(amount, "USD")


def test_a_price_is_set_and_announced(acme, system, events_of):
    variant = VariantFactory()
    set_prices(actor=system, prices=[(variant.pk, usd(1500), usd(2000)), (variant.pk, Money(1400, "EUR"), None)])
    assert prices_for([variant.pk], "USD") == {variant.pk: selectors.PriceInfo(1500, 2000)}
    assert prices_for([variant.pk], "EUR") == {variant.pk: selectors.PriceInfo(1400, None)}
    assert prices_for([variant.pk, new_id()], "GBP") == {}
    told = {"variant_id": str(variant.pk), "product_id": str(variant.product_id)}
    assert sorted(events_of("price.updated"), key=str) == sorted(
        [told | {"currency": "EUR"}, told | {"currency": "USD"}], key=str
    )


def test_setting_the_same_price_again_says_nothing(acme, system, events_of):
    variant = VariantFactory()
    for _ in range(2):
        set_prices(actor=system, prices=[(variant.pk, usd(1500), None)])
    assert len(events_of("price.updated")) == 1
    set_prices(actor=system, prices=[(variant.pk, usd(1500), usd(1600))])
    assert len(events_of("price.updated")) == 2
    assert Price.objects.get().compare_at == 1600


def test_replacing_removes_other_currencies_and_says_so(acme, system, events_of):
    variant = VariantFactory()
    set_prices(actor=system, prices=[(variant.pk, usd(1500), None), (variant.pk, Money(1400, "EUR"), None)])
    left = services.replace_prices(
        actor=system, variant_id=variant.pk, prices=[services.NewPrice(variant.pk, usd(1500))]
    )
    assert [price.currency for price in left] == ["USD"]
    assert events_of("price.updated")[-1]["currency"] == "EUR"
    assert len(events_of("price.updated")) == 3


@pytest.mark.parametrize(
    ("price", "before", "code"),
    [
        (usd(-1), None, "invalid_price"),
        (usd(MAX_AMOUNT + 1), None, "invalid_price"),
        (usd(100), usd(100), "invalid_price"),
        (usd(100), usd(99), "invalid_price"),
        (usd(100), Money(200, "EUR"), "invalid_price"),
        (Money(100, "GBP"), None, "currency_not_offered"),
    ],
)
def test_a_price_that_cannot_be_leaves_nothing(acme, system, events_of, price, before, code):
    good, bad = VariantFactory(), VariantFactory()
    with pytest.raises(services.Invalid) as refusal:
        set_prices(actor=system, prices=[(good.pk, usd(1), None), (bad.pk, price, before)])
    assert refusal.value.code == code
    assert not Price.objects.exists()
    assert events_of("price.updated") == []


def test_an_unknown_variant_leaves_nothing(acme, system, events_of):
    variant = VariantFactory()
    with pytest.raises(services.NoSuchVariant):
        set_prices(actor=system, prices=[(variant.pk, usd(1), None), (new_id(), usd(1), None)])
    assert not Price.objects.exists()
    assert events_of("price.updated") == []


def test_who_may_not_leaves_nothing(acme, actor, customer, events_of):
    variant = VariantFactory()
    for who, error in ((ANONYMOUS, Unauthenticated), (actor(customer), Forbidden)):
        with pytest.raises(error):
            set_prices(actor=who, prices=[(variant.pk, usd(1), None)])
        with pytest.raises(error):
            services.replace_prices(actor=who, variant_id=variant.pk, prices=[])
    assert not Price.objects.exists()
    assert events_of("price.updated") == []


@pytest.mark.parametrize("wrong", [{"amount": -1}, {"amount": 5, "compare_at": 5}, {"currency": "usd"}])
def test_the_database_refuses_it_too(acme, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceFactory(**wrong)


def test_one_price_per_variant_and_currency(acme):
    price = PriceFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceFactory(variant=price.variant)


def test_reading_does_not_depend_on_the_number(acme):
    few = [PriceFactory().variant for _ in range(2)]
    many = [PriceFactory().variant for _ in range(20)]
    for variants in (few, many):
        with CaptureQueriesContext(connection) as queries:
            assert len(prices_for([v.pk for v in variants], "USD")) == len(variants)
            assert len(selectors.index_part([v.product_id for v in variants], ["en"], ["USD"])) == len(variants)
        assert len([q for q in queries if "SET search_path" not in q["sql"]]) == 2


def test_a_product_needs_a_price(acme):
    variant = VariantFactory()
    with pytest.raises(services.ProductHasNoPrice):
        services.check_has_price(variant.product_id)
    PriceFactory(variant=variant)
    services.check_has_price(variant.product_id)


def test_the_index_part_holds_prices_by_currency(acme):
    price = PriceFactory(amount=100, compare_at=200)
    part = selectors.index_part([price.variant.product_id], ["en"], ["USD", "EUR"])
    assert part == {
        price.variant.product_id: {
            "variant_currencies": {
                "USD": {
                    str(price.variant_id): {
                        "price": {"amount": "1.00", "currency": "USD"},
                        "compare_at": {"amount": "2.00", "currency": "USD"},
                    }
                }
            }
        }
    }
