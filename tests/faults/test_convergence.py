"""kill -9 of the relay and the worker at any moment: the index still ends equal to the tables."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection

from apps.index.models import IndexProduct
from apps.index.services import verify
from apps.outbox.models import Delivery
from apps.pricing.public import set_prices
from apps.product.public import create_product, publish_product
from apps.tenant.public import find, use_tenant
from rustok.kernel.access import Actor
from rustok.kernel.money import Money

SYSTEM = Actor.system("tests")
NOW = datetime(2026, 2, 1, tzinfo=UTC)
PRODUCTS, CHANGES = 10, 200


def make_variant(number: int) -> UUID:
    """Put one product on sale; answer its variant."""
    ref = create_product(actor=SYSTEM, now=NOW, translations={"en": {"title": f"Lamp {number}"}})
    (variant,) = ref.variants.values()
    set_prices(actor=SYSTEM, prices=[(variant, Money(900, "USD"), None)])
    publish_product(actor=SYSTEM, product_id=ref.id, now=NOW)
    return variant


def change_prices(variants: list[UUID], done: threading.Event) -> None:
    """Change prices in random order, each change in a transaction of its own."""
    chance = random.Random(7)
    try:
        with use_tenant(find("acme")):
            for number in range(CHANGES):
                set_prices(actor=SYSTEM, prices=[(chance.choice(variants), Money(1000 + number, "USD"), None)])
                time.sleep(0.02)
    finally:
        connection.close()
        done.set()


def open_deliveries() -> bool:
    return Delivery.objects.exclude(state__in=["done", "discarded"]).exists()


def test_the_index_converges_under_kill_9(platform, eventually):
    with use_tenant(find("acme")):
        variants = [make_variant(number) for number in range(PRODUCTS)]
    platform.start("relay")
    platform.start("worker")
    done = threading.Event()
    threading.Thread(target=change_prices, args=(variants, done)).start()
    victims, kills = random.Random(11), 0
    while not done.is_set() or kills < 10:
        time.sleep(victims.uniform(0.5, 1.5))
        platform.restart(victims.choice(["relay", "worker"]))
        kills += 1
    eventually(lambda: not open_deliveries(), seconds=90, what="every delivery is done")
    with use_tenant(find("acme")):
        assert not Delivery.objects.filter(state="dead").exists()
        assert list(verify("products")) == []
        assert IndexProduct.objects.filter(locale="en", currency="USD").count() == PRODUCTS
