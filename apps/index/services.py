"""Writing the index: lock, read the source, compute, write; the same result whoever does it and however often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from apps.index import tables
from apps.index.models import IndexRun
from apps.index.parts import Kind, key_sources
from apps.index.selectors import compute
from rustok.kernel.tenancy import current_schema

__all__ = ["BATCH", "Drift", "batches", "rebuild", "reindex_content", "reindex_products", "verify"]

#: Keys that are computed and written together.
BATCH = 200


def batches(keys: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    """Cut keys into pieces of a size that one transaction treats well."""
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


@transaction.atomic
def reindex_products(product_ids: Iterable[UUID], *, force: bool = False) -> int:
    """Bring the rows of some products up to date; answer how many rows changed.

    Whoever holds a product's lock reads the source after taking it, so the later writer always writes the newer
    state. `force` writes rows that look unchanged, too.
    """
    return _reindex("products", product_ids, force=force)


@transaction.atomic
def reindex_content(node_ids: Iterable[UUID], *, force: bool = False) -> int:
    """Bring the rows of some nodes up to date; answer how many rows changed."""
    return _reindex("content", node_ids, force=force)


def _reindex(kind: Kind, keys: Iterable[UUID], *, force: bool) -> int:
    ordered = sorted(set(keys))
    if not ordered:
        return 0
    _lock(kind, ordered)
    rows = compute(kind, ordered)
    return tables.of(kind).write(ordered, rows, force=force)


def _lock(kind: Kind, keys: Sequence[UUID]) -> None:
    """Take one advisory lock per key, in order, until the transaction ends."""
    space = f"{current_schema()}:{kind}:".encode()
    digests = (blake2b(space + key.bytes, digest_size=8).digest() for key in keys)
    locks = sorted(int.from_bytes(digest, signed=True) for digest in digests)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(pg_advisory_xact_lock(k)) FROM unnest(%s::bigint[]) AS k", [locks])


# --- rebuild ------------------------------------------------------------------------------------------------------

Progress = Callable[[int, int], None]


def rebuild(kind: Kind, *, restart: bool = False, progress: Progress = lambda done, total: None) -> int:
    """Compute every row again, from where the last unfinished rebuild stopped; answer how many keys it did.

    Readers and events go on meanwhile. After every batch the place is kept, in the batch's own transaction.
    """
    if restart:
        IndexRun.objects.filter(kind=kind, state=IndexRun.State.RUNNING).delete()
    run, _ = IndexRun.objects.get_or_create(kind=kind, state=IndexRun.State.RUNNING)
    run.total = sum(source.count() for source in key_sources(kind))
    while keys := _keys_after(kind, run.reached):
        with transaction.atomic():
            _reindex(kind, keys, force=True)
            run.reached = keys[-1]
            run.done += len(keys)
            run.save()
        progress(run.done, max(run.total, run.done))
    IndexRun.objects.filter(pk=run.pk).update(state=IndexRun.State.DONE, finished_at=Now())
    return run.done


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

    A difference is looked at again under the lock, so that a change that is just being indexed is not reported.
    """
    reached, done = None, 0
    total = sum(source.count() for source in key_sources(kind))
    while keys := _keys_after(kind, reached):
        suspects = {key for key, _, _ in tables.of(kind).differences(keys, compute(kind, keys))}
        if suspects:
            yield from _look_again(kind, sorted(suspects), repair=repair)
        reached, done = keys[-1], done + len(keys)
        progress(done, max(total, done))


@transaction.atomic
def _look_again(kind: Kind, keys: Sequence[UUID], *, repair: bool) -> list[Drift]:
    _lock(kind, keys)
    rows = compute(kind, keys)
    found = [Drift(*difference) for difference in tables.of(kind).differences(keys, rows)]
    if repair and found:
        tables.of(kind).write(keys, rows, force=True)
    return found
