"""Two people change one product at once, in transactions that really commit."""

import threading

import pytest
from django.db import connection

from apps.product import services
from apps.product.models import Product, Variant
from apps.tenant.public import find, use_tenant
from rustok.kernel.errors import Conflict, PreconditionFailed
from tests.product.factories import NOW, SYSTEM, ProductFactory


@pytest.fixture
def together(committed_db):
    """Run functions at once in acme; answer what each raised."""
    acme = find("acme")

    def run(*functions):
        start, raised = threading.Barrier(len(functions)), []

        def work(function):
            try:
                with use_tenant(acme):
                    start.wait()
                    function()
                raised.append(None)
            except Exception as error:
                raised.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=[function]) for function in functions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return raised

    run.tenant = acme
    return run


def refusals(raised, kind):
    assert all(error is None or isinstance(error, kind) for error in raised), raised
    return [error for error in raised if error]


def test_of_two_changes_made_from_one_version_one_loses(together):
    with use_tenant(together.tenant):
        key = ProductFactory().pk

    def change(vendor):
        return lambda: services.update_product(actor=SYSTEM, product_id=key, now=NOW, expected_version=1, vendor=vendor)

    assert len(refusals(together(*(change(f"v{n}") for n in range(4))), PreconditionFailed)) == 3
    with use_tenant(together.tenant):
        assert Product.objects.get(pk=key).version == 2


def test_the_same_choice_is_added_once(together):
    with use_tenant(together.tenant):
        key = ProductFactory(variants=[{"sku": "S", "options": {"Size": "S"}}]).pk

    def add(sku):
        return lambda: services.add_variant(actor=SYSTEM, product_id=key, sku=sku, options={"Size": "M"})

    assert len(refusals(together(*(add(f"M{n}") for n in range(4))), services.SameChoice)) == 3
    with use_tenant(together.tenant):
        assert Variant.objects.filter(product=key).count() == 2


def test_the_last_two_variants_are_not_both_removed(together):
    with use_tenant(together.tenant):
        product = ProductFactory(variants=[{"options": {"Size": "S"}}, {"options": {"Size": "M"}}])
        first, second = product.variants.values_list("pk", flat=True)
    raised = together(
        *(lambda key=key: services.delete_variant(actor=SYSTEM, variant_id=key) for key in (first, second))
    )
    assert len(refusals(raised, services.LastVariant)) == 1
    with use_tenant(together.tenant):
        assert Variant.objects.filter(product=product.pk).count() == 1


def test_a_handle_and_a_sku_are_taken_once(together):
    def create(sku):
        return lambda: services.create_product(
            actor=SYSTEM, now=NOW, translations={"en": {"title": "Tent"}}, handle="tent", variants=[{"sku": sku}]
        )

    assert len(refusals(together(*(create(f"T{n}") for n in range(4))), Conflict)) == 3
    with use_tenant(together.tenant):
        assert Product.objects.count() == 1
