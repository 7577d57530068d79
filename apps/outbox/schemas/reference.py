"""The page that people read: every event, what it says, and who hears it."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path

from django.apps import apps

from apps.outbox.schemas.fields import fields_of
from apps.outbox.schemas.files import example_path, page_path, published, put, schema_path
from rustok.kernel.events import Event, Handler, RetryPolicy, event_types, handlers_of, newest_version

__all__ = ["check", "module_of", "page", "retry_in_words", "write"]

_HEAD = """# Events

Written by `manage.py events write` from the code; do not edit it by hand.

This is what the modules announce. A handler takes an envelope; the fields below are its `payload`, always in the newest
version. Ids are never nil, times have a time zone, and a payload is at most 64 KiB of JSON. `manage.py events list`
shows the same in short.
"""


def check() -> Iterator[str]:
    """Tell whether the page is not what the code says."""
    if not page_path().exists() or page_path().read_text() != page():
        yield f"docs/{page_path().name} is stale; run `manage.py events write`"


def write() -> Iterator[Path]:
    """Write the page."""
    yield from put(page_path(), page().encode())


def page() -> str:
    """Make the page."""
    modules = _by_module()
    parts = [_HEAD, "\n".join(_contents(name, kinds) for name, kinds in modules.items())]
    for name, kinds in modules.items():
        parts += [f"\n## {name}", *(_event(kind) for kind in kinds)]
    return "\n".join(parts) + "\n"


def module_of(kind: type[Event]) -> str:
    """Name the module that declares an event."""
    config = apps.get_containing_app_config(kind.__module__)
    return config.label if config else kind.__module__


def retry_in_words(retry: RetryPolicy) -> str:
    """Tell how often and how soon a failed delivery is tried again."""
    if retry.max_attempts == 1:
        return "one attempt"
    return f"{retry.max_attempts} attempts, {_span(retry.base)} to {_span(retry.ceiling)} apart"


def _by_module() -> dict[str, list[type[Event]]]:
    newest = [kind for (name, version), kind in event_types().items() if version == newest_version(name)]
    found: dict[str, list[type[Event]]] = {}
    for kind in sorted(newest, key=lambda kind: (module_of(kind), kind.name)):
        found.setdefault(module_of(kind), []).append(kind)
    return found


def _contents(module: str, kinds: list[type[Event]]) -> str:
    links = ", ".join(f"[{kind.name}](#{kind.name.replace('.', '')})" for kind in kinds)
    return f"- [{module}](#{module}): {links}"


def _event(kind: type[Event]) -> str:
    rows = "\n".join(f"| `{one.name}` | {one.type} | {one.bounds} |" for one in fields_of(kind))
    example = example_path((kind.name, kind.version))
    return f"""
### {kind.name}

{getdoc(kind)}

{_versions(kind)}

| Field | Type | Bounds |
|---|---|---|
{rows}

```json
{example.read_text().strip() if example.exists() else "{}"}
```

{_heard_by(handlers_of(kind.name))}"""


def _versions(kind: type[Event]) -> str:
    older = [version for name, version in published() if name == kind.name and version != kind.version]
    link = f"[schema](events/{schema_path((kind.name, kind.version)).name})"
    told = f"Version {kind.version}, {link}."
    return f"{told} Still read: {', '.join(f'version {version}' for version in older)}." if older else told


def _heard_by(heard: list[Handler]) -> str:
    if not heard:
        return "Nobody hears it yet."
    return "Heard by:\n\n" + "\n".join(_handler(one) for one in sorted(heard, key=lambda one: one.name))


def _handler(one: Handler) -> str:
    how = "in batches" if one.batch else "one by one"
    return f"- `{one.name}`: group `{one.group}`, {how}, {retry_in_words(one.retry)}"


def _span(seconds: float) -> str:
    if seconds >= 60 and seconds % 60 == 0:
        return f"{seconds / 60:g} min"
    return f"{seconds:g} s"
