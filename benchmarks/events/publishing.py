"""What `publish()` adds to a transaction: the same one with it, without it, and with a bare INSERT."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from django.db import connection, transaction

from apps.pricing.events import PriceUpdated
from apps.pricing.models import Price
from benchmarks.events.processes import nanoseconds
from benchmarks.events.report import Figure
from rustok.kernel.events import Event, publish, publish_many
from rustok.kernel.ids import new_id

__all__ = ["measure"]

ROUNDS, TRANSACTIONS, BULK = 5, 500, 1_000

_FLOOR = """
DROP TABLE IF EXISTS public.bench_floor;
CREATE TABLE public.bench_floor (LIKE public.outbox_outboxevent INCLUDING IDENTITY);
ALTER TABLE public.bench_floor ADD PRIMARY KEY (id)
"""
_INSERT = """
INSERT INTO public.bench_floor (id, tenant_id, event_type, schema_version, aggregate_type, aggregate_id,
    aggregate_version, correlation_id, trace_id, payload, handlers, created_at)
VALUES (%s, %s, 'price.updated', 1, 'pricing.price', %s, 1, %s, '', %s, '{}', clock_timestamp())
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of one transaction or event."""

    process: float
    postgres: float
    wall: float

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.process - other.process, self.postgres - other.postgres, self.wall - other.wall)


def measure() -> list[Figure]:
    """Measure one event in a transaction, and a thousand in one call; in the tenant's context."""
    prices = list(Price.objects.select_related("variant")[:BULK])
    writer = _Writer(prices)
    kinds: dict[str, Callable[[Price], None]] = {"none": _nothing, "publish": _publish, "insert": writer.insert}
    for extra in kinds.values():
        writer.run(extra)
    rounds = [{name: writer.run(extra) for name, extra in kinds.items()} for _ in range(ROUNDS)]
    added = [each["publish"] - each["none"] for each in rounds]
    floor = [each["insert"] - each["none"] for each in rounds]
    bulk = [writer.bulk() for _ in range(ROUNDS + 1)][1:]
    return [
        _figure("publish, added to its transaction: CPU of the process", added, "≤ 0.4"),
        _figure("floor: a bare INSERT by psycopg in its place", floor),
        _figure("publish_many of 1,000 in one statement: CPU per event", bulk),
    ]


def _figure(name: str, costs: list[Cost], goal: str = "") -> Figure:
    one = {key: statistics.median(getattr(cost, key) for cost in costs) for key in ("process", "postgres", "wall")}
    spread = sorted(cost.process for cost in costs)
    note = f"PostgreSQL {one['postgres']:.3f}, on the clock {one['wall']:.3f}"
    return Figure(name, one["process"], "ms", goal, note, one | {"spread": [spread[0], spread[-1]]})


def _nothing(price: Price) -> None:
    pass


def _fact(price: Price) -> Event:
    return PriceUpdated(variant_id=price.variant_id, product_id=price.variant.product_id, currency=price.currency)


def _publish(price: Price) -> None:
    publish(_fact(price), aggregate=price)


class _Writer:
    """Runs the same transaction again and again: one price is changed."""

    def __init__(self, prices: list[Price]) -> None:
        self.prices = prices
        self.amounts = itertools.count(1_000)
        with connection.cursor() as cursor:
            cursor.execute(_FLOOR)
            cursor.execute("SELECT pg_backend_pid()")
            self.backend = cursor.fetchone()[0]

    def run(self, extra: Callable[[Price], None]) -> Cost:
        """Answer what one transaction costs."""
        begun = self._now()
        for number in range(TRANSACTIONS):
            price = self.prices[number]
            with transaction.atomic():
                Price.objects.filter(pk=price.pk).update(amount=next(self.amounts))
                extra(price)
        return self._since(begun, TRANSACTIONS)

    def bulk(self) -> Cost:
        """Answer what one of a thousand events costs."""
        facts = [(_fact(price), price) for price in self.prices]
        begun = self._now()
        with transaction.atomic():
            publish_many(facts)
        return self._since(begun, len(facts))

    def insert(self, price: Price) -> None:
        """Insert a row such as an event's, by psycopg alone."""
        payload = f'{{"product_id": "{price.variant.product_id}", "variant_id": "{price.variant_id}"}}'
        with psycopg.Cursor(connection.connection) as cursor:
            cursor.execute(_INSERT, [new_id(), price.pk, price.pk, price.pk, payload])

    def _now(self) -> Cost:
        return Cost(time.process_time() * 1e3, nanoseconds(self.backend) / 1e6, time.perf_counter() * 1e3)

    def _since(self, begun: Cost, count: int) -> Cost:
        spent = self._now() - begun
        return Cost(spent.process / count, spent.postgres / count, spent.wall / count)
