"""Reading orders, and the document that every edge shows of one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from apps.order.models import Order, OrderLine, OrderTransition
from rustok.kernel.access import Actor, restrict
from rustok.kernel.errors import NotFound
from rustok.kernel.models import ProtectedQuerySet
from rustok.kernel.money import Money
from rustok.kernel.pages import Page, PageRequest, paginate

__all__ = ["find_order", "list_orders", "order_by_token", "order_document", "own_orders"]

NEWEST_FIRST = ("-placed_at", "-id")


def _whole() -> ProtectedQuerySet[Order]:
    return Order.objects.prefetch_related("lines", "transitions")


def find_order(*, actor: Actor, number: str) -> Order:
    """Answer an order by number.

    :raises NotFound: if there is none that the actor may see
    """
    order = restrict(actor, _whole(), "orders.read").filter(number=number[:16]).first()
    if order is None:
        raise NotFound()
    return order


def list_orders(*, actor: Actor, page: PageRequest, status: str = "") -> Page[Order]:
    """List the orders that the actor may see, newest first."""
    rows = restrict(actor, _whole(), "orders.list")
    return paginate(rows.filter(status=status) if status else rows, NEWEST_FIRST, page)


def own_orders(*, actor: Actor, page: PageRequest) -> Page[dict[str, Any]]:
    """List what the actor bought, newest first, as documents; nobody bought nothing."""
    mine = _whole().because("who bought it reads it").filter(customer_id=actor.id) if actor.id else Order.objects.none()
    found = paginate(mine, NEWEST_FIRST, page)
    return Page([order_document(row) for row in found.results], found.next, found.previous, found.count, found.cursors)


def order_by_token(token: str) -> dict[str, Any] | None:
    """Answer the document of the order whose secret address this is."""
    order = (
        _whole().because("who has the secret address reads it").filter(token=token).first()
        if 16 <= len(token) <= 64
        else None
    )
    return order_document(order) if order else None


def order_document(
    order: Order, lines: Iterable[OrderLine] | None = None, steps: Iterable[OrderTransition] | None = None
) -> dict[str, Any]:
    """Answer what every edge shows of an order: two queries, none when lines and steps were prefetched."""

    def money(amount: int) -> dict[str, str]:
        return Money(amount, order.currency).as_dict()

    return {
        "id": str(order.pk),
        "number": order.number,
        "token": order.token,
        "status": order.status,
        "payment_status": order.payment_status,
        "fulfillment_status": order.fulfillment_status,
        "email": order.email,
        "currency": order.currency,
        "locale": order.locale,
        "lines": [_line_document(line, money) for line in (order.lines.all() if lines is None else lines)],
        "subtotal": money(order.subtotal),
        "discount_total": money(order.discount_total),
        "shipping_total": money(order.shipping_total),
        "tax_total": money(order.tax_total),
        "tax_included": order.tax_included,
        "total": money(order.total),
        "shipping_method": _method(order),
        "shipping_address": order.shipping_address,
        "billing_address": order.billing_address,
        "addresses": {"shipping": order.shipping_address, "billing": order.billing_address},
        "tracking": _tracking(order),
        "placed_at": stamp(order.placed_at),
        "timeline": [_step_document(step) for step in (order.transitions.all() if steps is None else steps)],
    }


def _line_document(line: OrderLine, money: Any) -> dict[str, Any]:
    return {
        "id": str(line.pk),
        "variant_id": str(line.variant_id) if line.variant_id else None,
        "handle": line.product_handle,
        "sku": line.sku,
        "title": line.title,
        "variant_title": line.variant_title,
        "options": line.options,
        "image": {"url": line.image_url, "alt": line.title} if line.image_url else None,
        "quantity": line.quantity,
        "unit_price": money(line.unit_price),
        "discount": money(line.discount),
        "tax": money(line.tax),
        "total": money(line.total),
    }


def _method(order: Order) -> dict[str, str] | None:
    if order.shipping_method_id is None:
        return None
    return {"id": str(order.shipping_method_id), "name": order.shipping_method_name}


def _tracking(order: Order) -> dict[str, str] | None:
    if not (order.carrier or order.tracking_number or order.tracking_url):
        return None
    return {"carrier": order.carrier, "number": order.tracking_number, "url": order.tracking_url}


def _step_document(step: OrderTransition) -> dict[str, str]:
    return {"status": step.to_status, "at": stamp(step.at), "note": step.note}


def stamp(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
