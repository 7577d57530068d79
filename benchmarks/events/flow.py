"""From the commit of an event to the commit of its effect: how many a second, and how long one takes."""

from __future__ import annotations

import itertools
import random
import time
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from django.db import connection, transaction

from apps.index.services import verify
from apps.pricing.models import Price
from apps.pricing.public import set_prices
from benchmarks.events.processes import Program
from benchmarks.platform import cpu_seconds, nats_pids, postgres_pids
from benchmarks.probe import CREATE, Probed
from benchmarks.run import _with_children
from rustok.kernel.access import Actor
from rustok.kernel.events import publish_many
from rustok.kernel.ids import new_id
from rustok.kernel.money import Money

__all__ = ["Load", "Prices", "Probes", "Run", "drain", "latency", "sustain"]

SYSTEM = Actor.system("benchmarks")
#: Open deliveries above which the writer pauses, and events in one of its transactions.
OPEN, BATCH = 1_500, 100
#: Events a second when the time of one is measured.
QUIET = 50

_OPEN = "SELECT count(*) FROM public.outbox_delivery"
# The clock of the database, read by triggers that run as the last thing before the commit, on both sides.
_WATCH = """
DROP TABLE IF EXISTS public.bench_seen;
DROP FUNCTION IF EXISTS public.bench_see() CASCADE;
CREATE UNLOGGED TABLE public.bench_seen (event_id uuid, done boolean, at timestamptz);
CREATE FUNCTION public.bench_see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.bench_seen VALUES (NEW.event_id, false, clock_timestamp());
    ELSE
        INSERT INTO public.bench_seen VALUES (OLD.event_id, true, clock_timestamp());
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER bench_see AFTER INSERT OR DELETE ON public.outbox_delivery
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.bench_see();
"""
_SEEN = """
SELECT extract(epoch FROM done.at - said.at)::float * 1000 FROM public.bench_seen said
JOIN public.bench_seen done ON done.event_id = said.event_id AND done.done WHERE NOT said.done
"""
_UNWATCH = """
DROP TRIGGER bench_see ON public.outbox_delivery;
DROP FUNCTION public.bench_see();
DROP TABLE public.bench_seen
"""


class Load(Protocol):
    """Writes events through the platform, and knows what must have come of them."""

    def __call__(self, count: int) -> None:
        """Write so many events in one transaction."""

    def check(self) -> None:
        """Stop the benchmark unless every effect is there."""


class Prices:
    """Writes through the service of prices: each event is of another product than those beside it."""

    def __init__(self) -> None:
        found: dict[UUID, list[tuple[UUID, str]]] = {}
        rows = Price.objects.order_by("pk").values_list("variant__product_id", "variant_id", "currency")
        for product_id, variant_id, currency in rows:
            found.setdefault(product_id, []).append((variant_id, currency))
        self.by_product = found
        self.products = list(found)
        self.random = random.Random(7)
        #: Never the same amount again, so that every write is a change, and every change an event.
        self.amounts = itertools.count(time.time_ns() // 1_000 % 10**10)

    def __call__(self, count: int) -> None:
        """Change one price of each of `count` products, in one transaction."""
        chosen = self.random.sample(self.products, count)
        prices = [self.random.choice(self.by_product[product]) for product in chosen]
        set_prices(
            actor=SYSTEM,
            prices=[(key, Money(next(self.amounts), currency), None) for key, currency in prices],
        )

    def check(self) -> None:
        """Stop unless the index is what the tables say."""
        wrong = list(verify("products"))
        if wrong:
            raise SystemExit(f"benchmarks: {len(wrong)} rows of the index are wrong, the first is {wrong[0]}")
        _no_letters()


class Probes:
    """Publishes events of a handler that does next to nothing, of a thousand aggregates."""

    def __init__(self) -> None:
        self.aggregates = [Price(pk=new_id()) for _ in range(1_000)]
        self.numbers = itertools.count(1)
        with connection.cursor() as cursor:
            cursor.execute(CREATE)

    @transaction.atomic
    def __call__(self, count: int) -> None:
        """Publish events in one transaction."""
        numbers = itertools.islice(self.numbers, count)
        publish_many([(Probed(number=number), self.aggregates[number % 1_000]) for number in numbers])

    def check(self) -> None:
        """Stop unless every event has its one effect."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), max(number) FROM public.bench_effect")
            count, last = cursor.fetchone()
        if not count == last == next(self.numbers) - 1:
            raise SystemExit(f"benchmarks: {count} effects, the last is of event {last}")
        _no_letters()


@dataclass(slots=True)
class Run:
    """What was seen of one load."""

    seconds: float
    done: int
    #: Open deliveries at equal distances of time.
    backlog: list[int]
    #: CPU milliseconds per event.
    cpu: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return self.done / self.seconds


def sustain(write: Load, programs: dict[str, Program], seconds: float) -> Run:
    """Write as fast as the effects follow: only while few deliveries are open, so that they cannot pile up."""
    write(BATCH)
    drain(programs)
    before = _cpu(programs)
    begun = time.monotonic()
    written, backlog = 0, [0]
    while (elapsed := time.monotonic() - begun) < seconds:
        waiting = _open()
        if elapsed >= len(backlog) * seconds / 6:
            backlog.append(waiting)
        if waiting < OPEN:
            write(BATCH)
            written += BATCH
        else:
            time.sleep(0.05)
    backlog.append(_open())
    run = Run(time.monotonic() - begun, written - backlog[-1], backlog)
    run.cpu = {name: (spent - before[name]) * 1e3 / run.done for name, spent in _cpu(programs).items()}
    drain(programs)
    return run


def latency(write: Load, programs: dict[str, Program], seconds: float) -> list[float]:
    """Write one event per transaction at a quiet rate; answer the sorted milliseconds from commit to commit."""
    with connection.cursor() as cursor:
        cursor.execute(_WATCH)
    begun = time.monotonic()
    for number in range(int(QUIET * seconds)):
        time.sleep(max(0.0, begun + number / QUIET - time.monotonic()))
        write(1)
    drain(programs)
    with connection.cursor() as cursor:
        cursor.execute(_SEEN)
        times = sorted(milliseconds for (milliseconds,) in cursor.fetchall())
        cursor.execute(_UNWATCH)
    return times


def drain(programs: dict[str, Program], patience: float = 60) -> None:
    """Wait until nothing is open."""
    deadline = time.monotonic() + patience
    while waiting := _open():
        for program in programs.values():
            program.check()
        if time.monotonic() > deadline:
            raise SystemExit(f"benchmarks: {waiting} deliveries are open after {patience:.0f} s of rest")
        time.sleep(0.05)


def _no_letters() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.outbox_deadletter")
        dead = cursor.fetchone()[0]
    if dead:
        raise SystemExit(f"benchmarks: {dead} deliveries were given up")


def _open() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN)
        return int(cursor.fetchone()[0])


def _cpu(programs: dict[str, Program]) -> dict[str, float]:
    """Seconds of CPU of the writer, of each program and of the servers."""
    spent = {"writer": time.process_time(), **{name: program.cpu() for name, program in programs.items()}}
    servers = {"NATS": nats_pids(), "PostgreSQL": _with_children(postgres_pids())}
    return spent | {name: cpu_seconds(pids) for name, pids in servers.items() if pids}
