"""The index follows what a shop says of itself: nobody has to rebuild it by hand."""

from __future__ import annotations

import pytest

from apps.index import services
from apps.index.models import IndexContent, IndexProduct
from apps.tenant.models import Tenant
from apps.tenant.services import change_settings, update_tenant
from rustok.kernel.tenancy import use_tenant
from tests.index.conftest import Catalogue

KINDS = ("products", "content")


@pytest.fixture
def shop(acme, catalogue: Catalogue, deliver_events):
    """A shop with more products than one batch has, and a post."""
    for n in range(services.BATCH + 5):
        catalogue.add(f"tent-{n}", german=f"Zelt {n}", index=False)
    for batch in services.batches(list(catalogue.products)):
        services.reindex_products(batch)
    catalogue.add_node("news", en={"title": "News"}, de={"title": "Neues"})
    deliver_events()
    return acme


def by_shop(system, **changes) -> None:
    """Change the settings as the shop's own people do."""
    change_settings(actor=system, changes=changes)


def by_platform(system, **changes) -> None:
    """Change them as the platform's people do."""
    tenant = Tenant.objects.get(slug="acme")
    kept = {name: getattr(tenant, name) for name in ("name", "locales", "currencies", "timezone", "theme")}
    update_tenant(actor=system, slug="acme", **(kept | changes))


def seen() -> tuple[set[str], set[str]]:
    return (
        set(IndexProduct.objects.order_by().values_list("locale", flat=True)),
        set(IndexProduct.objects.order_by().values_list("currency", flat=True)),
    )


def drift() -> list[object]:
    """Compare with what the shop is now, as a new process would see it."""
    with use_tenant(Tenant.objects.get(slug="acme")):
        return [one for kind in KINDS for one in services.verify(kind)]


@pytest.mark.django_db
@pytest.mark.parametrize("change", [by_shop, by_platform])
class TestSettings:
    def test_a_new_language_has_all_its_rows_without_a_command(self, shop, system, deliver_events, change):
        change(system, locales=["en", "de", "fr"])
        deliver_events()
        assert seen()[0] == {"en", "de", "fr"}
        assert set(IndexContent.objects.order_by().values_list("locale", flat=True)) == {"en", "de", "fr"}
        assert drift() == []

    def test_a_new_currency_has_all_its_rows_without_a_command(self, shop, system, deliver_events, change):
        change(system, currencies=["USD", "EUR", "GBP"])
        deliver_events()
        assert seen()[1] == {"USD", "EUR", "GBP"}
        assert drift() == []

    def test_what_is_given_up_goes_and_comes_back(self, shop, system, deliver_events, change):
        change(system, locales=["en"], currencies=["EUR"])
        deliver_events()
        assert seen() == ({"en"}, {"EUR"})
        assert drift() == []
        change(system, locales=["de", "en"], currencies=["EUR", "USD"])
        deliver_events()
        assert seen() == ({"en", "de"}, {"EUR", "USD"})
        assert drift() == []

    def test_another_default_language_is_followed(self, shop, system, deliver_events, change):
        change(system, locales=["de", "en"])
        deliver_events()
        assert drift() == []

    def test_other_settings_write_no_row(self, shop, system, deliver_events, change, catalogue):
        before = catalogue.calls
        change(system, name="Acme Outdoors")
        deliver_events()
        assert catalogue.calls == before
