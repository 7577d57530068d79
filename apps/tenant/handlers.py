"""Reactions of the tenant module to its own events."""

from __future__ import annotations

from uuid import UUID

from apps.tenant.resolver import announce_again
from rustok.kernel.events import Envelope, event_types, on

__all__ = ["announce_change"]


def _changes() -> list[str]:
    """Name the events of this module; its `events.py` is loaded before its handlers."""
    return sorted({name for name, _version in event_types() if name.startswith(("module.", "tenant."))})


@on(*_changes())
def announce_change(event: Envelope) -> None:
    """Tell every process of a change, should the one that made it have died right after its commit."""
    is_tenants = event.event_type.startswith("tenant.")  # else the slug is a module's
    slug = str(event.payload.get("slug", "")) if is_tenants else ""
    announce_again(UUID(str(event.payload.get("tenant_id", event.tenant_id))), slug)
