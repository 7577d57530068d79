"""Ways to send a parcel."""

import pytest

from apps.shipping.models import ShippingMethod
from apps.shipping.public import find_offer, methods_for, save_shipping_method
from rustok.kernel.errors import Forbidden, Invalid
from rustok.kernel.ids import new_id
from rustok.kernel.money import Money
from tests.shipping.factories import make_method

pytestmark = pytest.mark.django_db


def offered(**wishes):
    return methods_for(**({"currency": "USD", "country": "US", "locale": "en", "subtotal": 1000} | wishes))


def test_methods_come_in_the_shops_order_with_their_price(acme):
    make_method("express", price=1990, position=2)
    make_method("standard", price=490, position=1)
    assert [(m["name"], m["price"]["amount"]) for m in offered()] == [("Standard", "4.90"), ("Express", "19.90")]


def test_names_follow_the_locale_and_fall_back(acme):
    make_method("standard")
    assert offered(locale="de")[0]["name"] == "Standard (de)"
    assert offered(locale="fr")[0]["name"] == "Standard"


def test_a_method_that_does_not_go_there_is_not_offered(acme):
    key = make_method("standard", countries=["de", "at"])
    assert offered(country="US") == []
    assert len(offered(country="AT")) == len(offered(country=None)) == 1
    assert find_offer(key, currency="USD", country="US", subtotal=0, locale="en") is None


def test_a_method_without_a_rate_in_the_currency_is_not_offered(acme):
    make_method("standard", currency="USD")
    assert offered(currency="EUR") == []


def test_a_method_is_free_from_a_subtotal_on(acme):
    key = make_method("standard", price=490, free_from=5000)
    assert find_offer(key, currency="USD", country="US", subtotal=4999, locale="en").amount == 490
    assert find_offer(key, currency="USD", country="US", subtotal=5000, locale="en").amount == 0
    assert offered(subtotal=5000)[0]["free"] is True


def test_a_method_switched_off_or_unknown_is_not_offered(acme):
    key = make_method("standard", is_active=False)
    assert offered() == []
    for one in (key, new_id()):
        assert find_offer(one, currency="USD", country="US", subtotal=0, locale="en") is None


def test_methods_are_listed_in_two_queries(acme, django_assert_num_queries):
    for number in range(10):
        make_method(f"method-{number}")
    with django_assert_num_queries(2):
        assert len(offered()) == 10


def test_saving_twice_changes_the_one_there_is(acme):
    assert make_method("standard", price=490) == make_method("standard", price=590)
    assert [m["price"]["amount"] for m in offered()] == ["5.90"]


@pytest.mark.parametrize("wrong", [{"countries": ["Germany"]}, {"rates": [(Money(-1, "USD"), None)]}, {"names": {}}])
def test_an_impossible_method_is_refused(acme, system, wrong):
    values = {"handle": "x", "names": {"en": "X"}, "rates": [(Money(1, "USD"), None)]} | wrong
    with pytest.raises(Invalid):
        save_shipping_method(actor=system, **values)
    assert not ShippingMethod.objects.exists()


def test_a_manager_sets_up_no_shipping(manager, actor):
    with pytest.raises(Forbidden):
        save_shipping_method(actor=actor(manager), handle="x", names={"en": "X"}, rates=[])
    assert not ShippingMethod.objects.exists()
