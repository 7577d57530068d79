"""Where the registry's files lie, and how they are read and written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from rustok.kernel.events import event_types

__all__ = ["as_text", "example_path", "folder", "label", "page_path", "put", "read", "schema_path", "versions_in"]

#: One version of one event.
Version = tuple[str, int]

_FILE = re.compile(r"(?P<name>.+)\.v(?P<version>[1-9][0-9]*)\.json")


def folder() -> Path:
    """Answer where the schema files lie."""
    return Path(settings.BASE_DIR) / "docs" / "events"


def schema_path(version: Version) -> Path:
    """Answer the file of a version's JSON Schema."""
    return folder() / f"{version[0]}.v{version[1]}.json"


def example_path(version: Version) -> Path:
    """Answer the file of a version's example."""
    return folder() / "examples" / schema_path(version).name


def page_path() -> Path:
    """Answer the file of the reference page."""
    return folder().with_suffix(".md")


def versions_in(place: Path) -> set[Version]:
    """List the versions that have a file in a folder."""
    found = (_FILE.fullmatch(path.name) for path in place.glob("*.json"))
    return {(match["name"], int(match["version"])) for match in found if match}


def published() -> list[Version]:
    """List every version that is declared or has a schema file, in order."""
    return sorted(versions_in(folder()) | event_types().keys())


def label(version: Version) -> str:
    """Name a version as people do."""
    return f"{version[0]} v{version[1]}"


def read(path: Path) -> Any:
    """Read a JSON file; None if it is absent or no JSON."""
    try:
        return orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None


def as_text(document: Any, *, in_order: bool = False) -> bytes:
    """Write JSON as the files have it: by key, or in the document's own order."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(document, option=option if in_order else option | orjson.OPT_SORT_KEYS)


def put(path: Path, text: bytes) -> list[Path]:
    """Write a file if that changes it; answer it if so."""
    if path.exists() and path.read_bytes() == text:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return [path]
