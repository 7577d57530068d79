"""The registry of events: what is committed under `docs/` of every version, and the proof that the code agrees.

For each published version one JSON Schema and one example that every later version must still read; the names of the
handlers, which wait in the database; and a page for people.
"""

from __future__ import annotations

from pathlib import Path

from apps.outbox.schemas import examples, handler_names, json_schemas, reference
from apps.outbox.schemas.json_schemas import schema_of

__all__ = ["check", "schema_of", "write"]

_PARTS = (json_schemas, examples, handler_names, reference)


def check() -> list[str]:
    """Name everything in which the code and the committed files differ; each is one line."""
    return [problem for part in _PARTS for problem in part.check()]


def write() -> list[Path]:
    """Write what is missing, and what may change: words, new handlers, the page. Nothing published is overwritten."""
    return [path for part in _PARTS for path in part.write()]
