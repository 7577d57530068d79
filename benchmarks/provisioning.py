"""What a new tenant costs: one after the other, 32 at once, and 300 with nothing to migrate."""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from collections.abc import Callable

from django.db import connection

from apps.tenant import schemas, services
from apps.tenant.models import Tenant
from benchmarks.events.report import Figure, show, write
from rustok.kernel.access import Actor

__all__ = ["main"]

SYSTEM = Actor.system("benchmarks")
#: Tenants made one after the other, at once, and with nothing to migrate.
SINGLY, AT_ONCE, MANY = 20, 32, 300
#: What stands in each schema, as one hash.
_PARTS = """
SELECT n.nspname, md5(string_agg(part, chr(10) ORDER BY part COLLATE "C")) FROM pg_namespace n JOIN (
    SELECT relnamespace AS space, relkind::text || ' ' || relname AS part FROM pg_class
    WHERE relkind IN ('r', 'i', 'S') UNION ALL
    SELECT connamespace, contype::text || ' ' || conname FROM pg_constraint
    UNION ALL
    SELECT c.relnamespace, 'trigger ' || c.relname || ' ' || t.tgname || ' ' || t.tgenabled::text FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
) AS parts ON space = n.oid WHERE n.nspname = ANY(%s) GROUP BY 1
"""


def main(options: argparse.Namespace, words: list[str]) -> None:
    """Measure, print and write."""
    floor = _time(_from_nothing)
    single = sorted(_time(lambda number=number: _create(f"one-{number}")) for number in range(SINGLY))
    crowd = sorted(_crowd())
    _check_whole([*(f"one-{number}" for number in range(SINGLY)), *(f"many-{number}" for number in range(AT_ONCE))])
    nothing = _nothing_to_migrate()
    lost = _lost_fingerprints()
    figures = [
        Figure("migrating a schema from nothing", floor, "s", "", "what a clone spares", {}),
        _figure("new tenant, one after the other", single, floor, "≤ 1"),
        _figure(f"new tenant, {AT_ONCE} at once", crowd, floor),
        Figure(f"migrate, {MANY} tenants with nothing to apply", nothing, "s", "≤ 30", "by fingerprint", {}),
        Figure(f"migrate, {AT_ONCE + SINGLY} tenants that lost it", lost, "s", "", "by their migrations", {}),
    ]
    show(figures, "tenants")
    write(figures, words, "provisioning")


def _figure(name: str, times: list[float], floor: float, goal: str = "") -> Figure:
    middle, slow = statistics.median(times), times[int(len(times) * 0.95) - 1 if len(times) > 1 else 0]
    note = f"median {middle:.2f}, {floor / middle:.1f} times as fast as migrating, of {len(times)}"
    return Figure(f"{name}, 95th percentile", slow, "s", goal, note, {"median": middle, "max": times[-1]})


def _time(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _from_nothing() -> None:
    schemas.migrate_schema("from_nothing")
    schemas.drop_schema("from_nothing")


def _check_whole(slugs: list[str]) -> None:
    """Count no tenant that is not as complete as the template, to the last constraint, trigger and sequence."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, [[schemas.TEMPLATE, *slugs]])
        found = {schema: parts for schema, *parts in cursor.fetchall()}
    if odd := [slug for slug in slugs if found.get(slug) != found[schemas.TEMPLATE]]:
        raise SystemExit(f"benchmarks: not like the template: {', '.join(odd)}")


def _create(slug: str) -> None:
    job = services.begin_creation(actor=SYSTEM, slug=slug, name=slug, domains=[f"{slug}.localhost"], by_hand=True)
    if services.run(job.pk).state != "done":
        raise SystemExit(f"benchmarks: {slug} could not be made")


def _crowd() -> list[float]:
    """Ask for many at once; clones come one after the other, so the last waits for all."""
    times: list[float] = []

    def work(number: int) -> None:
        times.append(_time(lambda: _create(f"many-{number}")))
        connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(times) != AT_ONCE:
        raise SystemExit(f"benchmarks: only {len(times)} of {AT_ONCE} tenants were made")
    return times


def _nothing_to_migrate() -> float:
    newest = schemas.fingerprint()
    Tenant.objects.bulk_create(
        Tenant(slug=f"idle-{number}", schema_name=f"idle-{number}", name="Idle", migrated_to=newest)
        for number in range(MANY)
    )
    taken = _time(lambda: services.migrate_here(actor=SYSTEM))
    Tenant.objects.filter(slug__startswith="idle-").delete()
    return taken


def _lost_fingerprints() -> float:
    Tenant.objects.filter(slug__regex="^(one|many)-").update(migrated_to="")
    return _time(lambda: services.migrate_here(actor=SYSTEM))
