"""Reactions: the modules above name the events when they register their parts."""

from __future__ import annotations

from collections.abc import Sequence

from apps.index import parts, services
from rustok.kernel.events import Envelope, on

__all__ = ["reindex_content", "reindex_products"]


@on(batch=True, group="index", runs_as="keeps the index true")
def reindex_products(envelopes: Sequence[Envelope]) -> None:
    """Bring the rows of the products that the events are about up to date; safe to run twice."""
    for keys in services.batches(parts.keys_of("products", envelopes)):
        services.reindex_products(keys)


@on(batch=True, group="index", runs_as="keeps the index true")
def reindex_content(envelopes: Sequence[Envelope]) -> None:
    """Bring the rows of the nodes that the events are about up to date; safe to run twice."""
    for keys in services.batches(parts.keys_of("content", envelopes)):
        services.reindex_content(keys)
