"""kill -9 of the relay and the worker at any moment: the index still ends equal to the tables."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from uuid import UUID

import pytest

from apps.index.models import IndexProduct
from apps.index.services import verify
from apps.outbox.models import DeadLetter, OutboxEvent
from apps.pricing.public import set_prices
from apps.product.public import create_product, publish_product
from rustok.kernel.access import Actor
from rustok.kernel.money import Money
from tests.faults.scenario import Scenario, pick
from tests.faults.writers import crew, use

SYSTEM = Actor.system("tests")
NOW = datetime(2026, 2, 1, tzinfo=UTC)
PRODUCTS = 10
CHANGES, KILLS = pick(short=50, full=200), pick(short=3, full=10)


def make_variant(number: int) -> UUID:
    """Put one product on sale; answer its variant."""
    ref = create_product(actor=SYSTEM, now=NOW, translations={"en": {"title": f"Lamp {number}"}})
    (variant,) = ref.variants.values()
    set_prices(actor=SYSTEM, prices=[(variant, Money(900, "USD"), None)])
    publish_product(actor=SYSTEM, product_id=ref.id, now=NOW)
    return variant


def change_prices(variants: list[UUID], chance: random.Random) -> None:
    """Change prices in random order, each change in a transaction of its own."""
    for number in range(CHANGES):
        set_prices(actor=SYSTEM, prices=[(chance.choice(variants), Money(1000 + number, "USD"), None)])
        time.sleep(0.02)


@pytest.mark.fault("all")
def test_the_index_converges_under_kill_9(scenario: Scenario):
    """The platform's own events and handlers, `manage.py relay` and the worker, killed at random while prices change.

    Bound: 60 s after the last kill.
    """
    with use("acme"):
        variants = [make_variant(number) for number in range(PRODUCTS)]
    scenario.platform.start("relay")
    scenario.platform.start("worker")
    with crew(120) as writers:
        writers.send("acme", lambda dice: change_prices(variants, dice))
        while scenario.kills < KILLS:
            time.sleep(scenario.dice.uniform(0.5, 1.5))
            scenario.platform.restart(scenario.dice.choice(["relay", "worker"]))
            scenario.kills += 1
    scenario.drain(within=60)
    scenario.events = OutboxEvent.objects.count()
    with use("acme"):
        assert not DeadLetter.objects.exists()
        assert list(verify("products")) == []
        assert IndexProduct.objects.filter(locale="en", currency="USD").count() == PRODUCTS
