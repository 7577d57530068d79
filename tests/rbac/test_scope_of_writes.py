"""Nobody writes something out of what they may write, whichever edge or service does it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.pricing.public import set_prices
from apps.pricing.services import replace_prices
from apps.product import services as products
from apps.product.models import Product
from rustok.kernel.access import OutsideOwnScope, authorize
from rustok.kernel.errors import Forbidden
from rustok.kernel.money import Money
from tests.product.factories import ProductFactory
from tests.rbac.factories import SYSTEM, fresh_actor, person, policy

OWN_VENDOR = "object.vendor == subject.vendor"


@pytest.fixture
def editor(acme: Any) -> Any:
    """Somebody of the vendor Acme, who may do everything with Acme's products."""
    policy(OWN_VENDOR, actions=["manage"])
    return person("editor@acme.test", vendor="Acme")


@pytest.fixture
def own(acme: Any) -> Product:
    """A product of Acme."""
    return ProductFactory(vendor="Acme")


def test_the_editor_changes_own_products_and_no_others(editor: Any, own: Product) -> None:
    other = ProductFactory(vendor="Globex")
    actor = fresh_actor(editor)
    products.update_product(actor=actor, product_id=own.pk, now=timezone.now(), button_text="Buy")
    with pytest.raises(Forbidden):
        products.update_product(actor=actor, product_id=other.pk, now=timezone.now(), button_text="Buy")


def test_a_product_cannot_be_given_to_another_vendor_by_its_service(editor: Any, own: Product, events_of: Any) -> None:
    before = len(events_of("product.updated"))
    with pytest.raises(OutsideOwnScope):
        products.update_product(actor=fresh_actor(editor), product_id=own.pk, now=timezone.now(), vendor="Globex")
    own.refresh_from_db()
    assert own.vendor == "Acme"
    assert len(events_of("product.updated")) == before


def test_a_product_of_another_vendor_cannot_be_made(editor: Any, events_of: Any) -> None:
    given: dict[str, Any] = {"translations": {"en": {"title": "Shoe"}}, "now": timezone.now()}
    with pytest.raises(OutsideOwnScope):
        products.create_product(actor=fresh_actor(editor), vendor="Globex", **given)
    assert not Product.objects.exists()
    assert not events_of("product.created")
    products.create_product(actor=fresh_actor(editor), vendor="Acme", **given)
    assert Product.objects.get().vendor == "Acme"


def test_prices_of_another_vendor_cannot_be_set_though_no_object_was_asked_about(editor: Any, own: Product) -> None:
    other = ProductFactory(vendor="Globex")
    price = Money(500, "USD")
    set_prices(actor=fresh_actor(editor), prices=[(own.variants.get().pk, price, None)])
    with pytest.raises(OutsideOwnScope):
        set_prices(actor=fresh_actor(editor), prices=[(other.variants.get().pk, price, None)])


def test_parts_of_another_vendors_product_are_not_the_editors(editor: Any, own: Product) -> None:
    variant = ProductFactory(vendor="Globex").variants.get()
    set_prices(actor=SYSTEM, prices=[(variant.pk, Money(500, "USD"), None)])
    actor = fresh_actor(editor)
    with pytest.raises(Forbidden):
        products.delete_variant(actor=actor, variant_id=variant.pk)
    with pytest.raises(Forbidden):
        replace_prices(actor=actor, variant_id=variant.pk, prices=[])
    with pytest.raises(products.LastVariant):  # the right to it was there
        products.delete_variant(actor=actor, variant_id=own.variants.get().pk)


def test_a_change_by_queryset_is_seen_too(editor: Any, own: Product) -> None:
    with pytest.raises(OutsideOwnScope), transaction.atomic():
        authorize(fresh_actor(editor), "products.update", own)
        Product.objects.filter(pk=own.pk).update(vendor="Globex")


def test_rows_that_are_not_ones_own_cannot_be_deleted_in_passing(editor: Any, own: Product) -> None:
    other = ProductFactory(vendor="Globex")
    with pytest.raises(OutsideOwnScope), transaction.atomic():
        authorize(fresh_actor(editor), "products.delete", own)
        Product.objects.filter(pk=other.pk).delete()
    assert Product.objects.filter(pk=other.pk).exists()


def test_what_is_watched_ends_with_the_transaction(editor: Any, own: Product, system: Any) -> None:
    products.update_product(actor=fresh_actor(editor), product_id=own.pk, now=timezone.now(), button_text="Buy")
    products.update_product(actor=system, product_id=own.pk, now=timezone.now(), vendor="Globex")
    assert Product.objects.get(pk=own.pk).vendor == "Globex"


def test_a_denied_state_cannot_be_reached(own: Product, manager: Any) -> None:
    policy('object.status == "archived"', effect="deny", actions=["update"])
    with pytest.raises(OutsideOwnScope):
        products.update_product(actor=fresh_actor(manager), product_id=own.pk, now=timezone.now(), status="archived")


def test_rest_refuses_and_writes_nothing(editor: Any, own: Product, api: Any, events_of: Any) -> None:
    client = api(editor)
    before = len(events_of("product.updated"))
    answer = client.patch(f"/api/v1/products/{own.pk}/", {"vendor": "Globex"})
    assert (answer.status_code, answer.json()["code"]) == (403, "outside_own_scope")
    own.refresh_from_db()
    assert own.vendor == "Acme"
    assert len(events_of("product.updated")) == before
    assert client.patch(f"/api/v1/products/{own.pk}/", {"button_text": "Buy"}).status_code == 200


def test_graphql_refuses_and_writes_nothing(editor: Any, own: Product, api: Any) -> None:
    body = api(editor).graphql(
        'mutation($id: ID!) { productUpdate(input: {id: $id, vendor: "Globex"}) { errors { code } } }', id=str(own.pk)
    )
    assert body["data"]["productUpdate"]["errors"][0]["code"] == "outside_own_scope", body
    own.refresh_from_db()
    assert own.vendor == "Acme"


def test_a_transaction_that_really_ends_is_refused_and_the_connection_goes_on(committed_db: str) -> None:
    from apps.tenant.public import find, use_tenant

    with use_tenant(find("acme")):
        policy(OWN_VENDOR, actions=["manage"])
        somebody = person("editor@acme.test", vendor="Acme")
        own = ProductFactory(vendor="Acme")
        with pytest.raises(OutsideOwnScope):
            products.update_product(actor=fresh_actor(somebody), product_id=own.pk, now=timezone.now(), vendor="G")
        own.refresh_from_db()
        assert own.vendor == "Acme"
        products.update_product(actor=fresh_actor(somebody), product_id=own.pk, now=timezone.now(), button_text="B")
        own.refresh_from_db()
        assert own.button_text == "B"
