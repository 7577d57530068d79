"""Files on the disk of the current tenant: written whole or not at all, under names that only we make."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from django.core.files.storage import default_storage

__all__ = ["TYPES", "absolute", "discard", "file_name", "is_ours", "locate", "write"]

_NAME = re.compile(
    r"[0-9a-f]{2}/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:-\d{1,5})?\.(jpg|png|webp|gif)", re.ASCII
)
_DRAFT = re.compile(r"[0-9a-f]{2}/\.[0-9a-f]{32}\.part", re.ASCII)
TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}


def file_name(asset_id: UUID, extension: str, spec: int = 0) -> str:
    """Name a file: by the asset's key, in one of 256 folders."""
    return f"{asset_id.hex[-2:]}/{asset_id}{f'-{spec}' if spec else ''}.{extension}"


def absolute(name: str) -> Path:
    """Answer where a file of the current tenant lies, or will."""
    return Path(default_storage.path(name))


def write(name: str, content: bytes) -> None:
    """Put a file in its place; whoever looks sees all of it or none, also after a power cut."""
    target = absolute(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.parent / f".{uuid4().hex}.part"
    try:
        with draft.open("xb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def discard(paths: Iterable[Path]) -> None:
    """Remove files that no row names any more; one that is gone already is fine."""
    for path in paths:
        with suppress(OSError):
            path.unlink()


def is_ours(name: str) -> bool:
    """Tell whether we named a file, or the draft of one."""
    return bool(_NAME.fullmatch(name) or _DRAFT.fullmatch(name))


def locate(name: str) -> tuple[Path, str] | None:
    """Answer where a file of this tenant lies and its type; None for a name that is not one of ours."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    path = absolute(name)
    return (path, TYPES[match.group(1)]) if path.is_file() and not path.is_symlink() else None
