"""Tax by place."""

import pytest
from django.db import IntegrityError, transaction

from apps.tax.models import TaxRate, TaxSettings
from apps.tax.public import set_tax_rate, set_tax_settings, tax_for
from rustok.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db


def test_without_rates_nothing_is_taxed(acme):
    assert tax_for([1000, 2000], shipping=500, country="US").total == 0


def test_tax_is_added_to_prices_line_by_line(acme, system):
    set_tax_rate(actor=system, country="de", rate_bp=1900, name="MwSt")
    tax = tax_for([999, 1], shipping=490, country="DE")
    assert (tax.included, tax.amounts, tax.shipping, tax.total) == (False, (190, 0), 93, 283)


def test_tax_is_found_inside_prices(acme, system):
    set_tax_rate(actor=system, country="DE", rate_bp=1900, name="MwSt")
    set_tax_settings(actor=system, prices_include_tax=True)
    tax = tax_for([11_900], shipping=119, country="DE")
    assert (tax.included, tax.amounts, tax.shipping) == (True, (1900,), 19)


def test_a_region_takes_the_place_of_its_country(acme, system):
    set_tax_rate(actor=system, country="US", rate_bp=0, name="none")
    set_tax_rate(actor=system, country="US", region="CA", rate_bp=725, name="CA")
    assert tax_for([10_000], country="US", region="CA").total == 725
    assert tax_for([10_000], country="US", region="OR").total == 0


def test_shipping_can_be_free_of_tax(acme, system):
    set_tax_rate(actor=system, country="US", rate_bp=1000, name="tax")
    set_tax_settings(actor=system, prices_include_tax=False, tax_shipping=False)
    assert tax_for([1000], shipping=1000, country="US").total == 100


@pytest.mark.parametrize(("country", "rate"), [("DEU", 1900), ("1!", 1900), ("DE", -1), ("DE", 10_001)])
def test_an_impossible_rate_is_refused(acme, system, country, rate):
    with pytest.raises(Invalid):
        set_tax_rate(actor=system, country=country, rate_bp=rate, name="x")
    assert not TaxRate.objects.exists()


def test_a_manager_sets_no_taxes(manager, actor):
    with pytest.raises(Forbidden):
        set_tax_rate(actor=actor(manager), country="DE", rate_bp=1900, name="MwSt")
    assert not TaxRate.objects.exists()


def test_there_is_one_row_of_settings(acme):
    TaxSettings.objects.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        TaxSettings.objects.create()
