"""Fills a tenant through the services: products with three variants each, prices, stock, a shipping method."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from apps.index.public import reindex_products
from apps.inventory.public import set_stock
from apps.pricing.public import set_prices
from apps.product.public import create_product, publish_product
from apps.shipping.public import save_shipping_method
from apps.taxonomy.public import ensure_category
from apps.tenant.public import create_tenant, find, use_tenant
from rustok.kernel.access import Actor
from rustok.kernel.money import Money

__all__ = ["HOST", "Seeded", "seed"]

SYSTEM = Actor.system("benchmarks")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOST = "bench.localhost"
ADJECTIVES = ["light", "warm", "dry", "steady", "quiet", "bright", "rugged", "soft", "folding", "tall"]
NOUNS = ["tent", "pack", "jacket", "boot", "bottle", "lamp", "stove", "mat", "knife", "map"]
TEXT = (
    "Made for long days outside, tested by people who know. It packs small, lasts for years and can be repaired. " * 4
)


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the scenarios need to know."""

    handles: list[str]
    variants: list[UUID]
    shipping_method: UUID


def seed(size: int) -> Seeded:
    """Make the tenant `bench` with `size` products."""
    tenant = find("bench") or create_tenant(
        actor=SYSTEM, slug="bench", name="Bench", domains=[HOST], locales=["en", "de"], currencies=["USD", "EUR"]
    )
    handles, variants, ids = [], [], []
    with use_tenant(tenant):
        category = ensure_category(actor=SYSTEM, path=["Outdoor", "Camping"], locale="en")
        method = save_shipping_method(
            actor=SYSTEM, handle="standard", names={"en": "Standard"},
            rates=[(Money(490, "USD"), None), (Money(490, "EUR"), None)],
        )  # fmt: skip
        for number in range(size):
            with transaction.atomic():
                handle, product_id, three = _product(number, category)
            handles.append(handle)
            variants += three
            ids.append(product_id)
            if number % 100 == 99 or number == size - 1:
                reindex_products(ids)
                ids = []
                sys.stderr.write(f"\r  seeded {number + 1}/{size} products")
        sys.stderr.write("\n")
    return Seeded(handles, variants, method)


def _product(number: int, category: UUID) -> tuple[str, UUID, list[UUID]]:
    title = f"{ADJECTIVES[number % 10].title()} {NOUNS[number // 10 % 10]} {number}"
    ref = create_product(
        actor=SYSTEM,
        now=NOW,
        translations={"en": {"title": title, "subtitle": "Benchmark gear", "description": f"<p>{TEXT}</p>"},
                      "de": {"title": f"{title} (de)", "description": f"<p>{TEXT}</p>"}},
        vendor=f"Vendor {number % 7}",
        category_id=category,
        tags=[f"tag-{number % 5}"],
        options=[{"name": "Size", "values": ["S", "M", "L"]}],
        variants=[{"sku": f"B{number}-{size}", "options": {"Size": size}, "weight_g": 500} for size in "SML"],
    )  # fmt: skip
    three = list(ref.variants.values())
    amount = 1000 + number % 500 * 10
    set_prices(actor=SYSTEM, prices=[(v, Money(amount, currency), None) for v in three for currency in ("USD", "EUR")])
    for variant in three:
        set_stock(actor=SYSTEM, variant_id=variant, on_hand=100_000)
    publish_product(actor=SYSTEM, product_id=ref.id, now=NOW)
    return ref.handle, ref.id, three
