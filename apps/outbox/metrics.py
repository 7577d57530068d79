"""What operators see of events: counts as they happen, and what waits, asked of the database when somebody looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from django.db import connection, transaction

from apps.outbox.leases import TTL
from apps.telemetry.public import SIZES, Gauge, collector, counter, histogram
from apps.tenant.public import all_resting, resolve_slug
from rustok.kernel.events import handlers

__all__ = [
    "consumer_batch", "delay", "delivered", "died", "parked", "published", "relay_batch", "retried",
    "task_batch",
]  # fmt: skip

#: Open deliveries above which a tenant is busy.
BUSY = 1000
#: Deliveries that one look reads at most; beyond that the figures are of these, and `rustok_events_lag_capped` is 1.
MOST = 2_000_000
#: Milliseconds that one statement may take.
TIMEOUT = 5000

_published = counter("rustok_events_published_total", "Events whose transaction committed", ["event"])
_delivered = counter("rustok_events_delivered_total", "Deliveries whose effect committed", ["handler"])
_skipped = counter(
    "rustok_events_skipped_total",
    "Deliveries to modules that the tenant does not use: done, without effect",
    ["handler"],
)
_retried = counter("rustok_events_retried_total", "Attempts that failed and will be repeated", ["handler"])
_died = counter("rustok_events_dead_total", "Deliveries that were given up", ["handler"])
_parked = counter(
    "rustok_events_parked_total", "Deliveries put aside because the event is of a version unknown here", ["handler"]
)
_delay = histogram(
    "rustok_events_delivery_seconds",
    "From the event's commit to the handler's",
    ["handler"],
    (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)
_relay_seconds = histogram("rustok_relay_batch_seconds", "One round of the relay that dispatched something")
_relay_size = histogram("rustok_relay_batch_size", "Deliveries dispatched in one round", (), SIZES)
_handler_seconds = histogram("rustok_handler_batch_seconds", "One transaction of a handler", ["handler"])
_handler_size = histogram("rustok_handler_batch_size", "Deliveries in one transaction of a handler", ["handler"], SIZES)
_consumer_seconds = histogram("rustok_consumer_batch_seconds", "One batch of a stream's consumer", ["group"])
_consumer_size = histogram("rustok_consumer_batch_size", "Messages in one batch of a consumer", ["group"], SIZES)


def published(event_type: str, count: int = 1) -> None:
    """Count events; to be called when their transaction has committed."""
    _published.inc(event_type, by=count)


def delivered(handler: str, count: int = 1) -> None:
    """Count deliveries whose effect is committed."""
    _delivered.inc(handler, by=count)


def skipped(handler: str, count: int = 1) -> None:
    """Count deliveries whose module the tenant does not use."""
    _skipped.inc(handler, by=count)


def retried(handler: str, count: int = 1) -> None:
    """Count attempts that failed and will be repeated."""
    _retried.inc(handler, by=count)


def died(handler: str, count: int = 1) -> None:
    """Count deliveries that were given up."""
    _died.inc(handler, by=count)


def parked(handler: str, count: int = 1) -> None:
    """Count deliveries put aside until this code knows the event's version."""
    _parked.inc(handler, by=count)


def delay(handler: str, seconds: float) -> None:
    """Note the time from an event's commit to its effect's; clocks that disagree make it zero, never negative."""
    _delay.observe(max(seconds, 0.0), handler)


def relay_batch(seconds: float, dispatched: int) -> None:
    """Note one round of the relay that found work."""
    _relay_seconds.observe(seconds)
    _relay_size.observe(dispatched)


def task_batch(handler: str, seconds: float, size: int) -> None:
    """Note one transaction of a handler."""
    _handler_seconds.observe(seconds, handler)
    _handler_size.observe(size, handler)


def consumer_batch(group: str, seconds: float, size: int) -> None:
    """Note one batch of a stream's consumer."""
    _consumer_seconds.observe(seconds, group)
    _consumer_size.observe(size, group)


# --- what waits -------------------------------------------------------------------------------------------------

# One pass over the open deliveries, whatever the number of tenants. Nothing of it is indexed: an index over the state
# or the time would be written by every delivery, to be read four times a minute.
_LAG = """
WITH open AS (
    SELECT tenant_id, handler, state, count(*) AS rows, min(created_at) AS oldest
    FROM (
        SELECT tenant_id, handler, created_at,
            CASE WHEN tenant_id = ANY(%(resting)s) THEN 'resting' ELSE state END AS state
        FROM public.outbox_delivery LIMIT %(most)s
    ) AS looked
    GROUP BY tenant_id, handler, state
), classed AS (
    SELECT handler, state, rows, oldest, CASE
        WHEN tenant_id = %(platform)s THEN 'platform'
        WHEN sum(rows) OVER (PARTITION BY tenant_id) > %(busy)s THEN 'busy'
        ELSE 'quiet' END AS tenant_class
    FROM open
)
SELECT handler, tenant_class, state, sum(rows)::bigint, extract(epoch FROM clock_timestamp() - min(oldest))::float
FROM classed GROUP BY handler, tenant_class, state
"""
_REST = """
SELECT 'dead', handler, count(*) FROM public.outbox_deadletter WHERE state = 'dead' GROUP BY handler
UNION ALL
SELECT 'dispatch', handler, count(*) FROM public.outbox_dispatch GROUP BY handler
UNION ALL
SELECT 'member', "group", count(*) FROM public.outbox_member
WHERE seen_at > clock_timestamp() - make_interval(secs => %(ttl)s) GROUP BY "group"
"""


Rows = Sequence[tuple[Any, ...]]
Values = dict[tuple[str, ...], float]
_CLASSES = ("busy", "quiet", "platform")
#: What a tenant that is not active has waits for it to come back: no relay is late with it.
_STATES = ("waiting", "leased", "parked", "resting")


@collector
def look() -> Iterator[Gauge]:
    """Ask what waits, by handler and class of tenant, what is given up, and who is there to deliver.

    Three statements, however many tenants there are. A handler of this code for which nothing waits has zeros.
    """
    platform = resolve_slug("platform")
    params: dict[str, Any] = {"most": MOST, "busy": BUSY, "platform": platform and platform.pk, "ttl": TTL}
    params["resting"] = all_resting()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {TIMEOUT}; SET LOCAL jit = off")
        cursor.execute(_LAG, params)
        lag = cursor.fetchall()
        cursor.execute(_REST, params)
        rest = cursor.fetchall()
    yield from _lag(lag)
    yield from _rest(rest)


def _lag(found: Rows) -> Iterator[Gauge]:
    seconds: Values = dict.fromkeys(product(handlers(), _CLASSES), 0.0)
    rows: Values = dict.fromkeys(product(handlers(), _CLASSES, _STATES), 0.0)
    for handler, tenant_class, state, count, oldest in found:
        rows[handler, tenant_class, state] = count
        if state not in ("parked", "resting"):
            seconds[handler, tenant_class] = max(seconds.get((handler, tenant_class), 0.0), oldest)
    labels = ("handler", "tenant_class")
    capped: Values = {(): float(sum(rows.values()) >= MOST)}
    yield Gauge(
        "rustok_events_lag_seconds", "Age of the oldest delivery neither done, parked nor resting", labels, seconds
    )
    yield Gauge("rustok_events_lag_rows", "Deliveries that are not done", (*labels, "state"), rows)
    yield Gauge("rustok_events_lag_capped", f"1 if only the first {MOST:,} open deliveries were counted", (), capped)


def _rest(found: Rows) -> Iterator[Gauge]:
    counts: dict[str, Values] = {
        "dead": dict.fromkeys(((name,) for name in handlers()), 0.0), "dispatch": {}, "member": {}
    }  # fmt: skip
    for kind, name, count in found:
        counts[kind][name,] = count
    relays = counts["member"].pop(("relay",), 0.0)
    yield Gauge("rustok_events_dead_letters", "Dead letters that nobody has dealt with", ("handler",), counts["dead"])
    yield Gauge("rustok_events_dispatches", "Dispatches on their way or being run", ("handler",), counts["dispatch"])
    yield Gauge("rustok_relays", "Relays that live", (), {(): relays})
    yield Gauge("rustok_consumers", "Consumers that live, by group", ("group",), counts["member"])
