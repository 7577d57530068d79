"""Writing the index: read the source, compute, write; the same result whoever does it and however often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from apps.index import tables
from apps.index.events import IndexRebuildContinued
from apps.index.models import IndexRun
from apps.index.parts import Kind, is_asleep, key_sources, kinds_off
from apps.index.selectors import compute
from rustok.kernel.events import publish

__all__ = [
    "BATCH", "Drift", "batches", "begin_rebuild", "continue_rebuild", "rebuild", "reindex_content", "reindex_products",
    "verify",
]  # fmt: skip

#: Keys that are computed and written together.
BATCH = 200
#: Batches that a rebuild in the background does before it lets others have the worker.
STRETCH = 5


def batches(keys: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    """Cut keys into pieces of a size that one transaction treats well."""
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


@transaction.atomic
def reindex_products(product_ids: Iterable[UUID], *, force: bool = False) -> int:
    """Bring the rows of some products up to date; answer how many rows changed.

    Any number of workers may do so at once: rows that were read before others were written are left away. `force`
    writes rows that look unchanged, too.
    """
    return _reindex("products", product_ids, force=force)


@transaction.atomic
def reindex_content(node_ids: Iterable[UUID], *, force: bool = False) -> int:
    """Bring the rows of some nodes up to date; answer how many rows changed."""
    return _reindex("content", node_ids, force=force)


def _reindex(kind: Kind, keys: Iterable[UUID], *, force: bool) -> int:
    ordered = sorted(set(keys))
    if not ordered or is_asleep(kind):
        return 0
    number = _next_reading()
    rows = compute(kind, ordered)
    newest = _newest(kind, _awake(kind, ordered, rows), number)
    return tables.of(kind).write(newest, tables.of(kind).only(newest, rows), force=force)


def _awake(kind: Kind, keys: Sequence[UUID], rows: Sequence[dict[str, Any]]) -> list[UUID]:
    """Answer the keys without those of modules that are off, whose rows stay as they are."""
    off = kinds_off() if kind == "content" else ()
    asleep = {row["node_id"] for row in rows if row["kind"] in off} if off else set()
    return [key for key in keys if str(key) not in asleep]


def _next_reading() -> int:
    """Number a reading before it begins, by a sequence that every tenant has: it survives a dump and a clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('index_indexreading', 'id'))")
        return int(cursor.fetchone()[0])


_NEWEST = """
INSERT INTO index_indexreading AS r (kind, key, number)
SELECT %(kind)s, key, %(number)s FROM unnest(%(keys)s::uuid[]) AS key ORDER BY key
ON CONFLICT (kind, key) DO UPDATE SET number = excluded.number WHERE r.number < excluded.number RETURNING key
"""


def _newest(kind: Kind, keys: Sequence[UUID], number: int) -> list[UUID]:
    """Answer the keys of which no later reading was written, and keep others from writing until the transaction ends.

    The rows are locked in key order, and only now, when all has been computed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"kind": kind, "number": number, "keys": list(keys)})
        return [key for (key,) in cursor.fetchall()]


# --- rebuild ------------------------------------------------------------------------------------------------------

Progress = Callable[[int, int], None]


def rebuild(kind: Kind, *, restart: bool = False, progress: Progress = lambda done, total: None) -> int:
    """Compute every row again, from where the last unfinished rebuild stopped; answer how many keys it did.

    Readers and events go on meanwhile. After every batch the place is kept, in the batch's own transaction.
    """
    if is_asleep(kind):
        return 0
    if restart:
        IndexRun.objects.filter(kind=kind, state=IndexRun.State.RUNNING).delete()
    run, _ = IndexRun.objects.get_or_create(kind=kind, state=IndexRun.State.RUNNING)
    run.total = _total(kind)
    while _step(run, force=True):
        progress(run.done, max(run.total, run.done))
    return run.done


def _total(kind: Kind) -> int:
    return sum(source.count() for source in key_sources(kind))


@transaction.atomic
def _step(run: IndexRun, *, force: bool) -> bool:
    """Do one batch and keep the place, or end the run if nothing is left; tell whether it goes on."""
    kind: Kind = run.kind  # type: ignore[assignment]
    keys = _keys_after(kind, run.reached)
    if not keys:
        IndexRun.objects.filter(pk=run.pk).update(state=IndexRun.State.DONE, finished_at=Now())
        return False
    _reindex(kind, keys, force=force)
    run.reached = keys[-1]
    run.done += len(keys)
    run.save()
    return True


# --- rebuilds in the background -----------------------------------------------------------------------------------
# One event a stretch, each in a delivery of its own: whoever dies in between, the next worker goes on from there.


@transaction.atomic
def begin_rebuild(kind: Kind) -> IndexRun:
    """Begin a rebuild from the start, in the background; one that was only just asked for is taken as it is."""
    running = IndexRun.objects.select_for_update().filter(kind=kind, state=IndexRun.State.RUNNING).first()
    if running is not None and running.reached is None:
        return running
    if running is not None:
        running.delete()
    run = IndexRun.objects.create(kind=kind, total=_total(kind))
    publish(IndexRebuildContinued(run_id=run.pk, kind=kind), aggregate=run)
    return run


@transaction.atomic
def continue_rebuild(run_id: UUID) -> None:
    """Do a stretch of a rebuild, and ask for the next; safe to run twice. A run that was ended is left alone."""
    run = IndexRun.objects.select_for_update().filter(pk=run_id, state=IndexRun.State.RUNNING).first()
    if run is None:
        return
    for _ in range(STRETCH):
        if not _step(run, force=False):
            return
    publish(IndexRebuildContinued(run_id=run.pk, kind=run.kind), aggregate=run)


def _keys_after(kind: Kind, reached: UUID | None) -> list[UUID]:
    """List the next keys of the source, and those that only the index still has."""
    queries = [*key_sources(kind), None]
    found: set[UUID] = set()
    for query in queries:
        if query is None:
            found |= set(tables.of(kind).keys_after(reached, BATCH))
            continue
        rows = query.filter(pk__gt=reached) if reached else query
        found |= set(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
    return sorted(found)[:BATCH]


# --- verify -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drift:
    """A row that is not what its source says."""

    key: UUID
    row: str
    #: missing, extra or different.
    problem: str


def verify(kind: Kind, *, repair: bool = False, progress: Progress = lambda done, total: None) -> Iterator[Drift]:
    """Recompute every row, compare it with the stored one, and tell the differences; `repair` writes them anew.

    A difference is looked at again, so that a change that is just being indexed is not reported.
    """
    reached, done = None, 0
    if is_asleep(kind):
        return
    total = sum(source.count() for source in key_sources(kind))
    while keys := _keys_after(kind, reached):
        suspects = {key for key, _, _ in _differences(kind, keys, compute(kind, keys))}
        if suspects:
            yield from _look_again(kind, sorted(suspects), repair=repair)
        reached, done = keys[-1], done + len(keys)
        progress(done, max(total, done))


def _differences(kind: Kind, keys: Sequence[UUID], rows: Sequence[dict[str, Any]]) -> list[tuple[UUID, str, str]]:
    awake = _awake(kind, keys, rows)
    return tables.of(kind).differences(awake, tables.of(kind).only(awake, rows))


@transaction.atomic
def _look_again(kind: Kind, keys: Sequence[UUID], *, repair: bool) -> list[Drift]:
    number = _next_reading()
    rows = compute(kind, keys)
    newest = _newest(kind, _awake(kind, keys, rows), number)
    rows = tables.of(kind).only(newest, rows)
    found = [Drift(*difference) for difference in tables.of(kind).differences(newest, rows)]
    if repair and found:
        tables.of(kind).write(newest, rows, force=True)
    return found
