"""Handlers by name: deliveries wait under it, so that it is declared, and never changes by accident."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.outbox.schemas.files import as_text, folder, put, read
from rustok.kernel.events import check_handlers, handlers

__all__ = ["check", "write"]

Said = dict[str, Any]


def path() -> Path:
    """Answer the file of all handlers."""
    return folder() / "handlers.json"


def check() -> Iterator[str]:
    """Name handlers that hear what nobody announces, and those that differ from what is declared."""
    yield from check_handlers()
    declared, actual = _declared(), _actual()
    new, gone = set(actual) - set(declared), set(declared) - set(actual)
    for name in sorted(new):
        yield f"handler {name}: not declared in docs/events/{path().name}; run `manage.py events write`"
    for name in sorted(gone):
        yield f"handler {name}: declared, but {_fate(name, declared[name], {one: actual[one] for one in new})}"
    for name in sorted(set(declared) & set(actual)):
        for key in actual[name]:
            if declared[name].get(key) != actual[name][key]:
                yield (
                    f"handler {name}: its {key} is {_said(actual[name][key])}, declared as "
                    f"{_said(declared[name].get(key))}; run `manage.py events write`"
                )


def write() -> Iterator[Path]:
    """Declare new handlers, and what changed of the others; one that vanished is taken out by hand only."""
    yield from put(path(), as_text(_declared() | _actual()))


def _declared() -> dict[str, Said]:
    return read(path()) or {}


def _actual() -> dict[str, Said]:
    return {
        name: {"events": sorted(one.events), "group": one.group, "batch": one.batch} for name, one in handlers().items()
    }


def _fate(name: str, said: Said, new: dict[str, Said]) -> str:
    """Tell whether a handler got another name or is gone, and what is to be done."""
    heir = next((other for other, what in new.items() if what == said), None)
    if heir:
        return f'its name is {heir!r} now; keep the old one: @on(…, name="{name}")'
    return "no code has it; restore it, or take it out by hand once no delivery waits for it"


def _said(value: Any) -> str:
    return ", ".join(value) or "none" if isinstance(value, list) else str(value).lower()
