"""A reader of acme, and what there is to read."""

import pytest
from django.test import Client

from apps.shipping.public import save_shipping_method
from apps.storefront.menus import forget_menus
from rustok.kernel.money import Money
from rustok.kernel.tenancy import current_tenant, use_tenant
from tests.storefront.factories import SYSTEM, make_department, make_jacket


@pytest.fixture(autouse=True)
def _forget_menus():
    """Let no menu outlive a test."""
    forget_menus()


class Reader(Client):
    """A browser; between its requests the test goes on in the tenant that it was in."""

    def request(self, **request):
        with use_tenant(current_tenant()):
            return super().request(**request)


@pytest.fixture
def reader(acme):
    """A browser without a history, on acme's host."""
    return Reader(HTTP_HOST="acme.localhost")


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
