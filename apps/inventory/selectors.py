"""Reading stock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet, Sum

from apps.index.public import Part
from apps.inventory.models import Location, StockAdjustment, StockLevel, StockPolicy
from apps.product.public import products_of_variants

__all__ = [
    "UNLIMITED", "Stock", "adjustment_document", "adjustments", "available", "check_lines", "default_location",
    "index_part", "inventory_document", "location_document", "locations", "products_at", "stock_of",
]  # fmt: skip

#: What is available of a variant that is not counted, or sold beyond stock.
UNLIMITED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Stock:
    """The stock of one variant over all locations that sell."""

    on_shelf: int
    tracked: bool = True
    backorder: bool = False

    @property
    def available(self) -> int:
        """How many can be sold now."""
        return self.on_shelf if self.tracked and not self.backorder else UNLIMITED

    @property
    def quantity(self) -> int | None:
        """How many there are; null if nobody counts."""
        return self.on_shelf if self.tracked else None


def stock_of(variant_ids: Iterable[UUID]) -> dict[UUID, Stock]:
    """Answer the stock of variants; two queries, and nothing counted is zero."""
    ids = list(variant_ids)
    levels = StockLevel.objects.filter(variant_id__in=ids, location__is_active=True)
    sums = levels.values("variant_id").annotate(free=Sum(F("on_hand") - F("reserved")))
    shelves = dict(sums.values_list("variant_id", "free"))
    policies = StockPolicy.objects.filter(variant_id__in=ids).values_list("variant_id", "tracked", "backorder")
    rules = {variant_id: (tracked, backorder) for variant_id, tracked, backorder in policies}
    return {key: Stock(int(shelves.get(key) or 0), *rules.get(key, (True, False))) for key in ids}


def available(variant_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Answer how many of each variant can be sold now; `UNLIMITED` if that is not counted."""
    return {key: stock.available for key, stock in stock_of(variant_ids).items()}


def check_lines(lines: Sequence[tuple[UUID, int]]) -> list[dict[str, Any]]:
    """Tell for each variant of a list whether there is enough, without promising it; summed per variant."""
    wanted: dict[UUID, int] = {}
    for variant_id, quantity in lines:
        wanted[variant_id] = wanted.get(variant_id, 0) + quantity
    known, stock = products_of_variants(wanted), stock_of(wanted)
    return [
        {
            "variant_id": str(variant_id),
            "quantity": quantity,
            "available": variant_id in known and stock[variant_id].available >= quantity,
            "inventory_quantity": stock[variant_id].quantity if variant_id in known else 0,
        }
        for variant_id, quantity in wanted.items()
    ]


def default_location() -> Location | None:
    """Answer where stock goes when nobody says where."""
    return Location.objects.filter(is_default=True).first()


def products_at(location_id: UUID) -> list[UUID]:
    """List the products that have stock rows at a location."""
    rows = StockLevel.objects.filter(location_id=location_id)
    return list(rows.values_list("variant__product_id", flat=True).distinct())


def locations() -> QuerySet[Location]:
    """List every location, the one that stock is taken from first coming first."""
    return Location.objects.order_by("-is_default", "position", "name", "pk")


def adjustments(variant_id: UUID | None = None) -> QuerySet[StockAdjustment]:
    """List changes to stock, of one variant or of all, newest first."""
    rows = StockAdjustment.objects.order_by("-id")
    return rows.filter(variant_id=variant_id) if variant_id else rows


# --- documents ----------------------------------------------------------------------------------------------------


def inventory_document(variant_id: UUID) -> dict[str, Any]:
    """Answer the form that the APIs show of a variant's stock."""
    levels = StockLevel.objects.filter(variant_id=variant_id).select_related("location")
    policy = StockPolicy.objects.filter(variant_id=variant_id).first() or StockPolicy(variant_id=variant_id)
    rows = sorted(levels, key=lambda level: (not level.location.is_default, level.location.position, level.pk))
    return {
        "variant_id": str(variant_id),
        "available": sum(level.available for level in rows if level.location.is_active),
        "tracked": policy.tracked,
        "backorder": policy.backorder,
        "low_stock_at": policy.low_stock_at,
        "levels": [
            {
                "location_id": str(level.location_id),
                "location": level.location.name,
                "on_hand": level.on_hand,
                "reserved": level.reserved,
                "available": level.available,
            }
            for level in rows
        ],
    }


def location_document(location: Location) -> dict[str, Any]:
    """Answer the form that the APIs show of a location."""
    return {
        "id": str(location.pk),
        "name": location.name,
        "is_default": location.is_default,
        "is_active": location.is_active,
        "position": location.position,
        "address": location.address,
    }


def adjustment_document(adjustment: StockAdjustment) -> dict[str, Any]:
    """Answer the form that the APIs show of a change to stock."""
    return {
        "id": str(adjustment.pk),
        "variant_id": str(adjustment.variant_id),
        "location_id": str(adjustment.location_id),
        "delta": adjustment.delta,
        "on_hand": adjustment.on_hand,
        "reason": adjustment.reason,
        "reference": str(adjustment.reference) if adjustment.reference else None,
        "actor_id": str(adjustment.actor_id) if adjustment.actor_id else None,
        "created_at": adjustment.created_at.isoformat().replace("+00:00", "Z"),
    }


_OF_PRODUCTS = """
SELECT v.product_id, v.id::text, coalesce(p.tracked, true), coalesce(p.backorder, false), coalesce((
    SELECT sum(l.on_hand - l.reserved) FROM inventory_stocklevel l JOIN inventory_location o ON o.id = l.location_id
    WHERE l.variant_id = v.id AND o.is_active), 0)::bigint
FROM product_variant v LEFT JOIN inventory_stockpolicy p ON p.variant_id = v.id WHERE v.product_id = ANY(%s)
"""


def index_part(product_ids: Sequence[UUID], locales: Sequence[str], currencies: Sequence[str]) -> dict[UUID, Part]:
    """Say what the stock of the products' variants is, for the index; one query. What has no row has no stock."""
    nothing = _shown(Stock(0))
    variants: dict[UUID, dict[str, dict[str, Any]]] = {key: {} for key in product_ids}
    with connection.cursor() as cursor:
        cursor.execute(_OF_PRODUCTS, [list(product_ids)])
        for product_id, variant_id, tracked, backorder, free in cursor.fetchall():
            variants[product_id][variant_id] = _shown(Stock(free, tracked, backorder))
    return {key: {"every_variant": nothing, "variants": shown} for key, shown in variants.items()}


def _shown(stock: Stock) -> dict[str, Any]:
    return {"available": stock.available > 0, "inventory_quantity": stock.quantity}
