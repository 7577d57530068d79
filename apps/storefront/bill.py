"""Carts and orders as their pages show them: what shipping costs, what was taken off, how far the order is."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

PROGRESS = ("pending", "confirmed", "paid", "shipped", "delivered")


def bill_of(document: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a cart's or an order's document with the questions its summary asks answered."""
    if not document:
        return {"lines": []}
    settled = "number" in document or bool(document["shipping_method_id"]) or not document["needs_shipping"]
    return {
        **document,
        "shipping_known": settled,
        "shipping_free": not _amount(document["shipping_total"]),
        "discounted": bool(_amount(document.get("discount_total"))),
        "blocked": any(line.get("problem") for line in document["lines"]),
        "taxed": bool(_amount(document.get("tax_total"))),
    }


def progress_of(order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the stations of an order's way and how far it has come; none once it is cancelled."""
    names = {
        "pending": _("Received"),
        "confirmed": _("Confirmed"),
        "paid": _("Paid"),
        "shipped": _("On its way"),
        "delivered": _("Delivered"),
    }
    if order["status"] not in PROGRESS:
        return []
    reached = PROGRESS.index(order["status"])
    return [
        {"title": names[status], "done": place <= reached, "current": place == reached}
        for place, status in enumerate(PROGRESS)
    ]


def _amount(money: Mapping[str, str] | None) -> Decimal:
    return Decimal(money["amount"]) if money else Decimal(0)
