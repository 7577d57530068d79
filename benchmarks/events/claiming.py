"""A claim while a million deliveries are open, and a million events are over: is it slower than with none?"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from uuid import UUID

from django.db import connection, transaction

from apps.outbox import services
from apps.outbox.services import Position, claiming
from benchmarks.events.report import RESULTS, Figure

__all__ = ["measure"]

#: Deliveries that a claim takes, as the relay asks for them.
LIMIT = 200
ROUNDS = 40

#: A tenant with many aggregates, one with a hot aggregate, and one of whose aggregates all but one wait for their next
#: attempt; 37 others have the rest.
PLAIN, HOT, BACKOFF = (UUID(f"00000000-0000-7000-8000-00000000000{number}") for number in (1, 2, 3))
OTHERS = "('00000000-0000-7000-8000-' || lpad((10 + n %% 37)::text, 12, '0'))::uuid"

_OPEN = """
INSERT INTO public.outbox_delivery (event_id, handler, tenant_id, lane, aggregate_version, state, attempts, next_at,
    error_class, error, created_at)
SELECT gen_random_uuid(), 'index.reindex_products', {tenant},
    ('x' || md5({tenant}::text || ({lane})::text))::bit(64)::bigint & 9223372036854775807, n, 'waiting', 0,
    clock_timestamp() + make_interval(hours => {hours}), '', '', clock_timestamp()
FROM generate_series(1, %s) AS n
"""
# Events of today that nothing waits for any more: what a claim must not look at.
_OVER = """
INSERT INTO public.outbox_outboxevent (id, tenant_id, event_type, schema_version, aggregate_type, aggregate_id,
    aggregate_version, correlation_id, trace_id, payload, handlers, created_at)
SELECT overlay(gen_random_uuid()::text placing left(public.outbox_first_id(current_date)::text, 13) from 1)::uuid,
    '00000000-0000-7000-8000-000000000001', 'price.updated', 1, 'pricing.price', gen_random_uuid(), 1,
    gen_random_uuid(), '', '{}', '{index.reindex_products}', clock_timestamp()
FROM generate_series(1, %s)
"""


def measure(million: int = 1_000_000) -> list[Figure]:
    """Time claims with nothing, with ten thousand and with a million deliveries open; write the plans down."""
    _run("TRUNCATE public.outbox_delivery, public.outbox_dispatch")
    nothing = _claim(PLAIN)
    _fill(PLAIN, 4_000, lane="n %% 1000")
    _fill(OTHERS, 6_000)
    _run("ANALYZE public.outbox_delivery")
    few = _claim(PLAIN)
    _fill(PLAIN, million // 5 * 2, lane="n %% 100000")
    _fill(HOT, million // 10, lane="0")
    _fill(HOT, 1_000)
    _fill(BACKOFF, million // 10, hours=1)
    _fill(BACKOFF, 1, lane="-1")
    _fill(OTHERS, million // 5 * 2)
    _run(_OVER, million)
    flood = _claim(PLAIN)
    _run("ANALYZE public.outbox_delivery")
    many, hot, backoff = _claim(PLAIN), _claim(HOT), _claim(BACKOFF)
    _write_plans()
    turn = million // 10 // claiming.LANES
    rest = _time(lambda: (services.tenants_with_work(), services.in_flight()))
    _run("TRUNCATE public.outbox_delivery, public.outbox_dispatch")
    return [
        Figure("claim when nothing is open", nothing, "ms"),
        Figure(f"claim of {LIMIT} of 10,000 open", few, "ms"),
        Figure(f"claim of {LIMIT} of {million:,} open, to the one of 10,000", many / few, "times", "≤ 1.5",
               f"{many:.2f} ms; before ANALYZE {flood:.2f} ms; {million:,} events are over", {"ms": many}),
        Figure("claim of a tenant with 100,000 in one aggregate, and 1,000 others", hot, "ms"),
        Figure(f"claim of a tenant of whose 100,000 aggregates one is due: a look at {claiming.LANES}", backoff, "ms",
               "", f"{turn} looks are a turn"),
        Figure("which tenants have work, and what is on its way", rest, "ms"),
    ]  # fmt: skip


def _fill(tenant: UUID | str, count: int, *, lane: str = "n", hours: int = 0) -> None:
    named = f"'{tenant}'::uuid" if isinstance(tenant, UUID) else tenant
    _run(_OPEN.format(tenant=named, lane=lane, hours=hours), count)


def _run(sql: str, *params: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)


def _claim(tenant: UUID) -> float:
    """Answer the milliseconds of a claim, each going on where the one before stopped; what it leased is let go."""
    position = Position()

    def one() -> None:
        nonlocal position
        with transaction.atomic():
            _, position = services.claim(tenant, after=position, limit=LIMIT)
            transaction.set_rollback(True)

    return _time(one)


def _time(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1e3


def _write_plans() -> None:
    """Write what PostgreSQL does for the statement of a claim that looks for what is due."""
    RESULTS.mkdir(exist_ok=True)
    for name, tenant in {"plain": PLAIN, "hot": HOT, "backoff": BACKOFF}.items():
        params = {"tenant": tenant, "lane": 2**62, "handler": "", "high": 2**63 - 1, "lanes": LIMIT,
                  "limit": LIMIT, "run": claiming.RUN}  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + claiming._ROTATION + claiming._RUNS, params)
            plan = "\n".join(line for (line,) in cursor.fetchall())
        (RESULTS / f"plans-claim-{name}.txt").write_text(plan + "\n")
