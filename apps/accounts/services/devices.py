"""What a browser or program calls itself, in words that people know."""

from __future__ import annotations

import re

__all__ = ["describe_device"]

#: Looked for in this order: most browsers also name others.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Vivaldi", "Vivaldi"),
    ("YaBrowser", "Yandex Browser"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,40}")


def describe_device(agent: str) -> str:
    """Answer "Firefox on Linux" for a User-Agent header; the first name in it for a program, empty for none."""
    if not agent.startswith("Mozilla/"):
        named = _PRODUCT.match(agent)
        return named.group().strip() if named else ""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return " on ".join(part for part in (browser, system) if part)
