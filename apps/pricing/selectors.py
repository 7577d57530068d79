"""Reading prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from apps.index.public import Part
from apps.pricing.models import Price
from rustok.kernel.money import Money

__all__ = ["PriceInfo", "has_price", "index_part", "price_document", "prices_for", "prices_of"]


@dataclass(frozen=True, slots=True)
class PriceInfo:
    """What a variant costs, in minor units of the currency that was asked for."""

    amount: int
    compare_at: int | None


def prices_for(variant_ids: Iterable[UUID], currency: str) -> dict[UUID, PriceInfo]:
    """Answer the prices in one currency; a variant that is not sold in it is left out."""
    rows = Price.objects.filter(variant_id__in=list(variant_ids), currency=currency)
    return {
        variant_id: PriceInfo(amount, compare_at)
        for variant_id, amount, compare_at in rows.values_list("variant_id", "amount", "compare_at")
    }


def prices_of(variant_id: UUID) -> list[Price]:
    """List a variant's prices, by currency."""
    return list(Price.objects.filter(variant_id=variant_id).order_by("currency"))


def has_price(product_id: UUID) -> bool:
    """Tell whether something of a product can be bought in some currency."""
    return Price.objects.filter(variant__product_id=product_id, variant__is_active=True).exists()


def price_document(price: Price) -> dict[str, Any]:
    """Answer the form that the APIs show of a price."""
    before = price.money_before
    return {"price": price.money.as_dict(), "compare_at": before.as_dict() if before else None}


_OF_PRODUCTS = """
SELECT v.product_id, p.variant_id::text, p.currency, p.amount, p.compare_at
FROM product_variant v JOIN pricing_price p ON p.variant_id = v.id
WHERE v.product_id = ANY(%s) AND p.currency = ANY(%s)
"""


def index_part(product_ids: Sequence[UUID], locales: Sequence[str], currencies: Sequence[str]) -> dict[UUID, Part]:
    """Say what the variants of products cost, for the index; one query."""
    parts: dict[UUID, dict[str, dict[str, Any]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_PRODUCTS, [list(product_ids), list(currencies)])
        rows = cursor.fetchall()
    for product_id, variant_id, currency, amount, before in rows:
        parts.setdefault(product_id, {}).setdefault(currency, {})[variant_id] = {
            "price": Money(amount, currency).as_dict(),
            "compare_at": None if before is None else Money(before, currency).as_dict(),
        }
    return {product_id: {"variant_currencies": by_currency} for product_id, by_currency in parts.items()}
