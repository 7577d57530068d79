"""Permissions that no way in asks for, each with the reason why there it is; one without a reason is a gap."""

from __future__ import annotations

from collections.abc import Iterable

from rustok.access_audit.ways_in import Entry
from rustok.kernel.access import ACTIONS, RESOURCES

__all__ = ["asked", "unasked"]

#: Resources of modules that are not built yet, and one of which there is little to do.
_RESOURCES = {
    "analytics": "figures are read, and nothing else is done with them",
    "customers": "kept for the module `customer`",
    "discounts": "kept for the module `promotion`",
    "webhooks": "kept for the module `webhooks`",
}
_NAMES = {
    "products.import": "asked by `manage.py import_products`, a command",
    "products.list": "asked for what is not on sale, by lists that are public for the rest",
    "tenants.import": "asked by `manage.py tenant import`, a command",
    "modules.create": "modules come with the code",
    "modules.delete": "modules come with the code",
}
_ACTIONS = {
    "manage": "stands for every action of its resource",
    "list": "its lists ask for `read`, or are public",
    "export": "leaves with the whole shop only (`tenants.export`)",
    "import": "comes in with a whole shop only (`tenants.import`)",
}


def asked(entries: Iterable[Entry]) -> set[str]:
    """Name the permissions that ways in ask for."""
    return {name for entry in entries for name in (entry.permission or "").split(", ")}


def unasked(entries: Iterable[Entry]) -> dict[str, str]:
    """Answer why there is each permission that no way in asks for; an empty reason for one that nobody knows."""
    every = {f"{resource}.{action}" for resource in RESOURCES for action in ACTIONS}
    return {name: _why(name) for name in sorted(every - asked(entries))}


def _why(name: str) -> str:
    resource, _, action = name.partition(".")
    return _RESOURCES.get(resource) or _NAMES.get(name) or _ACTIONS.get(action, "")
