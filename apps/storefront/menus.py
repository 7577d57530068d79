"""The menus around every page: read once in a while, not for every reader."""

import time
from typing import Any

from apps.navigation import public as navigation
from rustok.kernel.tenancy import current_schema

__all__ = ["FRESH", "forget_menus", "menu"]

#: Seconds that a process remembers a menu: what an editor hardly waits for, and what a busy shop reads once in.
FRESH = 5.0
MAX_MENUS = 4096

_known: dict[tuple[str, str, str], tuple[float, list[dict[str, Any]]]] = {}


def menu(location: str, locale: str) -> list[dict[str, Any]]:
    """Answer the items of a location, as they were at most five seconds ago."""
    key, now = (current_schema(), location, locale), time.monotonic()
    until, items = _known.get(key, (0.0, []))
    if until < now:
        items = navigation.menu(location, locale)
        if len(_known) >= MAX_MENUS:
            _known.clear()
        _known[key] = (now + FRESH, items)
    return items


def forget_menus() -> None:
    """Read every menu anew."""
    _known.clear()
