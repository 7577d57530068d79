"""Putting products on sale and taking them off; the modules above say what a product needs for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from apps.product.events import ProductPublished, ProductUnpublished
from apps.product.models import Product
from apps.product.services.aggregate import lock_product, touch, writing
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict
from rustok.kernel.modules import is_enabled, owner_of

__all__ = [
    "ProductNotReady",
    "PublishCheck",
    "check_ready",
    "publish_product",
    "register_publish_check",
    "unpublish_product",
]

#: Raises a DomainError that says what is missing.
PublishCheck = Callable[[UUID], None]
_checks: dict[str, PublishCheck] = {}


class ProductNotReady(Conflict):
    """This product cannot go on sale yet."""

    code = "product_not_ready"


def register_publish_check(check: PublishCheck) -> None:
    """Have a module above asked before a product goes on sale; called with its id, inside the transaction.

    Physical and digital products only: a group has no price of its own, and what is sold elsewhere needs none.
    """
    _checks[f"{check.__module__}.{check.__qualname__}"] = check


@writing()
def publish_product(*, actor: Actor, product_id: UUID, now: datetime, expected_version: int | None = None) -> Product:
    """Put a product on sale and announce it; one that is on sale stays as it is.

    :raises ProductNotReady: or what a registered check raises, if something is missing
    """
    product = lock_product(actor, product_id, expected_version)
    if product.is_on_sale:
        return product
    check_ready(product)
    product.mark_published(at=now)
    return touch(product, ProductPublished(product_id=product.pk, handle=product.handle))


@writing()
def unpublish_product(*, actor: Actor, product_id: UUID, expected_version: int | None = None) -> Product:
    """Take a product off sale and announce it; one that is not on sale stays as it is."""
    product = lock_product(actor, product_id, expected_version)
    if not product.is_on_sale:
        return product
    product.status = Product.Status.DRAFT
    return touch(product, ProductUnpublished(product_id=product.pk, handle=product.handle))


def check_ready(product: Product) -> None:
    """Ask everybody whether a product may go on sale.

    :raises ProductNotReady: if it has nothing to offer
    """
    if product.kind == Product.Kind.EXTERNAL and not product.external_url:
        raise ProductNotReady("say where it is sold", field="external_url")
    if product.kind == Product.Kind.GROUPED and not product.member_links.exists():
        raise ProductNotReady("the group has no members", field="members")
    if product.kind in (Product.Kind.EXTERNAL, Product.Kind.GROUPED):
        return
    if not product.variants.filter(is_active=True).exists():
        raise ProductNotReady("no variant is on offer", field="variants")
    for check in _checks.values():
        if is_enabled(owner_of(check)):
            check(product.pk)
