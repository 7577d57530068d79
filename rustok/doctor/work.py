"""Work in the background: who is there to do it, and what waits for too long."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.conf import settings

from apps.outbox.leases import living
from rustok.doctor.database import rows
from rustok.doctor.findings import Finding, bad, check, graver, ok, warn
from rustok.tasks import ALIVE_EVERY, last_alive

#: Seconds that deliveries may wait; dead letters that are too many; seconds that a tenant's job may stand still.
LAG, DEAD, STUCK = 60.0, 100, 600

_LAG = """
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float
FROM (
    SELECT created_at FROM public.outbox_delivery
    WHERE state <> 'parked' AND tenant_id NOT IN (SELECT id FROM public.tenant_tenant WHERE status <> 'active')
    LIMIT 100000
) AS open
"""
_DEAD = "SELECT count(*) FROM (SELECT 1 FROM public.outbox_deadletter WHERE state = 'dead' LIMIT 10000) AS dead"
_JOBS = """
SELECT kind, tenant_slug, state FROM public.tenant_job
WHERE state IN ('waiting', 'running') AND NOT by_hand
    AND created_at < clock_timestamp() - make_interval(secs => %s)
    AND (lease_until IS NULL OR lease_until < clock_timestamp() - make_interval(secs => %s))
ORDER BY created_at LIMIT 20
"""


@check("processes")
def processes() -> Iterator[Finding]:
    """See that a relay lives, and that beat, broker and a worker have lately worked together."""
    if settings.EVENT_TRANSPORT != "inprocess":
        relays = living("relay")
        if relays:
            yield ok(f"relays alive: {relays}")
        else:
            yield graver("no relay lives: events wait", "run `manage.py relay`")
    try:
        seen = last_alive()
    except Exception as error:  # redis-py has errors of many kinds
        yield bad(f"nobody knows about workers: {type(error).__name__}", "start Valkey")
        return
    age = time.time() - seen if seen else None
    if age is not None and age < 5 * ALIVE_EVERY:
        yield ok(f"beat and worker did a task {age:.0f} s ago")
    else:
        last = f"for {age / 60:.0f} minutes" if age else "for long, or ever"
        yield graver(f"beat and worker have done nothing {last}", "run `celery -A rustok worker` and `… beat`")


@check("events")
def events() -> Iterator[Finding]:
    """See that deliveries are on time, and that somebody deals with what failed."""
    waiting, age = rows(_LAG)[0]
    text = f"{waiting} deliveries wait, the oldest for {age:.0f} s"
    yield ok(text) if age <= LAG else warn(text, "look at relay and workers, then at the events in the admin")
    dead = rows(_DEAD)[0][0]
    if dead > DEAD:
        yield bad(f"{dead} dead letters", "see `manage.py dead_letters list`, then retry or discard them")
    elif dead:
        yield warn(f"{dead} dead letters", "see `manage.py dead_letters list`, then retry or discard them")


@check("jobs")
def jobs() -> Iterator[Finding]:
    """See that no tenant's job stands still."""
    stuck = rows(_JOBS, [STUCK, STUCK])
    if stuck:
        names = ", ".join(f"{kind} {slug or 'all'} ({state})" for kind, slug, state in stuck[:5])
        yield bad(f"{len(stuck)} jobs stand still: {names}", "a worker and beat go on with them: see that both run")
    else:
        yield ok("no tenant's job stands still")
