"""A shop that gains a language or a currency shows its goods in it, and forgets those of what it gave up."""

from __future__ import annotations

from apps.index.models import IndexProduct
from apps.index.services import verify
from apps.tenant.services import change_settings
from rustok.kernel.tenancy import use_tenant
from tests.product.factories import ProductFactory


def test_goods_are_listed_in_what_the_shop_gains_and_in_nothing_that_it_gives_up(
    acme, system, deliver_events, django_capture_on_commit_callbacks
):
    ProductFactory(handle="tent")
    deliver_events()
    assert {(row.locale, row.currency) for row in IndexProduct.objects.all()} == {
        (locale, currency) for locale in ("en", "de") for currency in ("USD", "EUR")
    }
    changed = change_settings(actor=system, changes={"locales": ["en", "fr"], "currencies": ["EUR"]})
    with use_tenant(changed):
        deliver_events()
        assert {(row.locale, row.currency) for row in IndexProduct.objects.all()} == {("en", "EUR"), ("fr", "EUR")}
        assert list(verify("products")) == []
