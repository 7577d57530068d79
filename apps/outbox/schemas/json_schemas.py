"""JSON Schemas: one file per version, which never changes its meaning once it is published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from apps.outbox.schemas.files import Version, as_text, folder, label, published, put, read, schema_path, versions_in
from rustok.kernel.events import Event, event_types, missing_upcasters, newest_version, upcasters
from rustok.kernel.payloads import loose_fields

__all__ = ["check", "schema_of", "write"]

#: What a schema says to people; it may change without a new version.
_WORDS = {"title", "description", "examples"}
#: Keys whose value maps names, which may be words too, to schemas.
_BY_NAME = {"properties", "$defs"}


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


def check() -> Iterator[str]:
    """Name versions without bounds, without a file, changed or withdrawn, and steps that nothing bridges."""
    for version, kind in sorted(event_types().items()):
        yield from (f"{label(version)}: {problem}" for problem in _problems(version, kind))
    yield from _withdrawn()
    yield from missing_upcasters()
    for name, step in sorted(upcasters()):
        if step >= newest_version(name):
            yield f"{name} v{step}: its upcaster leads to v{step + 1}, which no class declares"


def write() -> Iterator[Path]:
    """Write the files of new versions, and new words into old ones."""
    for version, kind in sorted(event_types().items()):
        committed = read(schema_path(version))
        if not loose_fields(kind) and (committed is None or _meaning(committed) == _meaning(_plain(kind))):
            yield from put(schema_path(version), as_text(schema_of(kind)))


def _problems(version: Version, kind: type[Event]) -> Iterator[str]:
    yield from loose_fields(kind)
    path = schema_path(version)
    committed = read(path)
    if committed is None:
        yield f"{path.name} is no JSON" if path.exists() else "no schema file; run `manage.py events write`"
    elif _meaning(committed) != _meaning(_plain(kind)):
        yield (
            f"changed without a new version; declare v{version[1] + 1} and an upcaster "
            "(or, if it was never released, delete its files and run `manage.py events write`)"
        )
    elif path.read_bytes() != as_text(schema_of(kind)):
        yield "its words changed; run `manage.py events write`"


def _withdrawn() -> Iterator[str]:
    """Name published versions that cannot be read any more: each needs its file, and a class or an upcaster."""
    for name, version in sorted(versions_in(folder()) - event_types().keys()):
        newest = newest_version(name)
        if newest == 0:
            yield f"{name} v{version}: published, but no module declares the event any more"
        elif version > newest:
            yield f"{name} v{version}: published, but the newest class is v{newest}"
    known = published()
    for name, newest in dict(known).items():
        for version in range(1, newest):
            if (name, version) not in known:
                yield f"{name} v{version}: published before v{newest}, but its schema file is gone; restore it"


def _plain(kind: type[Event]) -> Any:
    """Build a schema as it is read from a file."""
    return msgspec.json.decode(as_text(schema_of(kind)))


def _meaning(schema: Any) -> Any:
    """Leave the words out of a schema."""
    if isinstance(schema, list):
        return [_meaning(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _meaning(one) for name, one in value.items()} if key in _BY_NAME else _meaning(value)
        for key, value in schema.items()
        if key not in _WORDS
    }
