"""Who is refused a change, an import, and a purchase: what the log keeps of them."""

from __future__ import annotations

import pytest

from apps.audit.models import AuditEntry
from apps.importer.images import Fetcher
from apps.importer.services import import_products
from apps.importer.woocommerce import read
from apps.product.models import Product
from tests.cart.factories import make_ready_cart, make_variant
from tests.commerce.factories import complete
from tests.importer.test_services import NOW
from tests.importer.test_woocommerce import MUG, export
from tests.shipping.factories import make_method

pytestmark = pytest.mark.django_db


def refusals():
    return list(AuditEntry.objects.filter(action="permission.refused").order_by("id"))


def test_a_refused_change_is_on_record_with_who_and_what(api, customer):
    assert api(customer).post("/api/v1/products/", {}).status_code == 403
    (entry,) = refusals()
    assert (entry.actor_id, entry.actor_label, entry.address) == (customer.pk, customer.email, "127.0.0.1")
    assert entry.after == {"permission": "products.create"}
    assert entry.via == "rest"


def test_a_refused_mutation_is_on_record_too(api, customer):
    api(customer).graphql(
        'mutation { apiKeyRevoke(input: {id: "019bc0fd-89c0-789d-ab69-60453241bc5b"}) { errors { code } } }'
    )
    assert [(one.via, one.after) for one in refusals()] == [("graphql", {"permission": "users.manage"})]


def test_looking_around_and_being_nobody_leave_nothing(api, customer):
    assert api(customer).get("/api/v1/invitations/").status_code == 403
    assert api().post("/api/v1/products/", {}).status_code == 401
    assert refusals() == []


def test_a_flood_of_refusals_fills_no_disk(api, customer):
    client = api(customer)
    for _number in range(60):
        client.post("/api/v1/products/", {})
    assert len(refusals()) < 30


def test_an_import_is_kept_with_who_imported(actor, admin_user):
    reading = read(export(MUG), currency="USD", now=NOW, zone=NOW.tzinfo)
    import_products(
        actor=actor(admin_user), source="woocommerce", reading=reading, locale="en", currency="USD", now=NOW,
        fetcher=Fetcher(enabled=False),
    )  # fmt: skip
    product = Product.objects.get(handle="enamel-mug")
    entry = AuditEntry.objects.get(object_id=str(product.pk), action="row.insert")
    assert (entry.actor_id, entry.actor_label) == (admin_user.pk, admin_user.email)
    assert AuditEntry.objects.filter(whole_id=str(product.pk)).exists()


def test_a_purchase_leaves_few_entries_and_no_copy_of_the_order(acme, system):
    tent = make_variant()
    cart, token = make_ready_cart((tent, 1), method=make_method())
    before = AuditEntry.objects.order_by("-id").first()
    order = complete(cart, token)
    kept = AuditEntry.objects.filter(id__gt=before.id) if before else AuditEntry.objects.all()
    bodies = {one.object_type: one.after for one in kept if one.action == "row.insert"}
    assert bodies.keys() == {"order.order", "payment.payment"}
    assert bodies["order.order"] is None
    assert kept.count() <= 5, [str(one) for one in kept]
    assert order
