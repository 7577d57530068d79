"""The registry of event schemas: one JSON Schema file per event and version, committed under `docs/events/`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson
from django.conf import settings

from rustok.kernel.events import Event, event_types, handlers, missing_upcasters

__all__ = ["check", "folder", "schema_of", "write"]


def folder() -> Path:
    """Answer where the schema files lie."""
    return Path(settings.BASE_DIR) / "docs" / "events"


def schema_of(kind: type[Event]) -> dict[str, Any]:
    """Build the JSON Schema (2020-12) of one version of an event."""
    (schema,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    definition = components[kind.__name__] if "$ref" in schema else schema
    others = {name: body for name, body in components.items() if name != kind.__name__}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:rustok:event:{kind.name}:{kind.version}",
        **definition,
        "title": f"{kind.name} v{kind.version}",
    }
    return document | ({"$defs": others} if others else {})


def _path(kind: type[Event]) -> Path:
    return folder() / f"{kind.name}.v{kind.version}.json"


def _text(kind: type[Event]) -> bytes:
    return orjson.dumps(schema_of(kind), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def check() -> Iterator[str]:
    """Name everything that is wrong: a schema that changed without a new version, a missing file or upcaster."""
    for (name, version), kind in sorted(event_types().items()):
        if not _path(kind).exists():
            yield f"{name} v{version}: no schema file; run `manage.py events write`"
        elif _path(kind).read_bytes() != _text(kind):
            yield f"{name} v{version}: the schema changed; declare version {version + 1} and an upcaster"
    yield from missing_upcasters()
    known = {name for name, _ in event_types()}
    for handler in handlers().values():
        for unknown in sorted(handler.events - known):
            yield f"handler {handler.name}: nobody declares the event {unknown!r}"
    expected = {_path(kind) for kind in event_types().values()}
    for stray in sorted(set(folder().glob("*.json")) - expected):
        yield f"{stray.name}: no such event is declared; a published version is never withdrawn"


def write() -> list[Path]:
    """Write the schema files of versions that have none; an existing one is never changed."""
    folder().mkdir(parents=True, exist_ok=True)
    missing = [kind for kind in event_types().values() if not _path(kind).exists()]
    for kind in missing:
        _path(kind).write_bytes(_text(kind))
    return [_path(kind) for kind in missing]
