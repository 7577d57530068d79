"""kill -9 of the relay and the worker at any moment: the index still ends equal to the tables."""

from __future__ import annotations

import random
import threading
import time

from django.db import connection

from apps.index import public as index
from apps.outbox.models import Delivery
from apps.pricing.public import prices_for, set_prices
from apps.tenant.public import find, use_tenant
from rustok.kernel.access import Actor
from rustok.kernel.money import Money
from tests.pricing.factories import ProductFactory

SYSTEM = Actor.system("tests")
PRODUCTS, CHANGES = 10, 200


def change_prices(variants: list, done: threading.Event) -> None:
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
        variants = [product.variant_id for product in ProductFactory.create_batch(PRODUCTS)]
    platform.start("relay")
    platform.start("worker")
    done = threading.Event()
    threading.Thread(target=change_prices, args=(variants, done)).start()
    victims = random.Random(11)
    while not done.is_set():
        time.sleep(victims.uniform(0.2, 0.6))
        platform.restart(victims.choice(["relay", "worker"]))
    eventually(lambda: not open_deliveries(), seconds=60, what="every delivery is done")
    with use_tenant(find("acme")):
        assert Delivery.objects.filter(state="dead").count() == 0
        assert list(index.drift()) == []
        assert prices_for(variants, "USD")
