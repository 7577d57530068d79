"""Reactions: the modules above name the events when they register their parts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from apps.index import parts, services
from rustok.kernel.events import Envelope, on

__all__ = ["continue_rebuild", "follow_settings", "follow_switch", "reindex_content", "reindex_products"]


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


@on("module.enabled", "module.disabled", group="index", runs_as="keeps the index true")
def follow_switch(event: Envelope) -> None:
    """Bring up to date what looks otherwise with a module, or missed what happened while it was off."""
    for kind in parts.touched_by(event.payload["slug"]):
        services.begin_rebuild(kind)


@on("tenant.updated", group="index", runs_as="keeps the index true")
def follow_settings(event: Envelope) -> None:
    """Write the rows of languages and currencies that the tenant has gained, and drop those of what it gave up."""
    if not {"locales", "default_locale", "currencies", "default_currency"}.isdisjoint(event.payload["fields"]):
        for kind in ("products", "content"):
            services.begin_rebuild(kind)


@on("index.rebuild_continued", group="index", runs_as="keeps the index true")
def continue_rebuild(event: Envelope) -> None:
    """Do the next stretch of a rebuild; safe to run twice."""
    services.continue_rebuild(UUID(event.payload["run_id"]))
