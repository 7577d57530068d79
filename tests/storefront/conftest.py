"""A reader of acme, and what there is to read."""

import pytest

from apps.shipping.public import save_shipping_method
from apps.storefront.menus import forget_menus
from rustok.kernel.money import Money
from tests.conftest import TenantClient
from tests.storefront.factories import SYSTEM, make_department, make_jacket


@pytest.fixture(autouse=True)
def _forget_menus():
    """Let no menu outlive a test."""
    forget_menus()


@pytest.fixture
def reader(acme):
    """A browser without a history, on acme's host."""
    return TenantClient()


@pytest.fixture
def jacket(acme, deliver_events):
    """A jacket on sale, in a category, and in the index."""
    variants = make_jacket(category_id=make_department().pk)
    deliver_events()
    return variants


@pytest.fixture
def method(acme):
    """A way to send things to Germany."""
    return save_shipping_method(
        actor=SYSTEM,
        handle="standard",
        names={"en": "Standard", "de": "Standard"},
        rates=[(Money(500, "USD"), None), (Money(450, "EUR"), None)],
        countries=["DE"],
    )
