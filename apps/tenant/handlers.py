"""Reactions of the tenant module to its own events."""

from __future__ import annotations

from uuid import UUID

from apps.tenant.resolver import announce_again
from rustok.kernel.events import Envelope, event_types, on

__all__ = ["announce_change"]


def _changes() -> list[str]:
    """Name the events of this module; its `events.py` is loaded before its handlers."""
    return sorted({name for (name, _), fact in event_types().items() if fact.__module__ == "apps.tenant.events"})


@on(*_changes(), runs_as="tells every process what a tenant is like now")
def announce_change(event: Envelope) -> None:
    """Tell every process of a change, should the one that made it have died right after its commit."""
    told = event.payload
    slug = str(told.get("slug", "")) if event.event_type.startswith("tenant.") else ""  # else a module's
    hosts = [str(told["domain"])] if "domain" in told else []
    announce_again(UUID(str(told.get("tenant_id", event.tenant_id))), slug=slug, hosts=hosts)
