"""Files that no row names: of a transaction that rolled back, or a process that was killed before its commit."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from apps.media import files
from apps.media.models import Asset, Rendition

__all__ = ["FOLDERS", "SLOTS", "Orphans", "find_orphans", "folders_of"]

#: How old a file is before anybody asks for its row: no upload takes that long.
AGE = timedelta(days=1)
#: All folders there are, and in how many parts they are looked at.
FOLDERS, SLOTS = tuple(f"{n:02x}" for n in range(256)), 24
#: Files whose rows are asked for at once, and orphans that one look answers at most.
BATCH, MOST = 500, 10_000
#: More than so many that are more than half of all are no leftovers: their rows are gone, as after a restore.
MANY = 100


@dataclass(slots=True)
class Orphans:
    """What a look found in one shop."""

    looked_at: int = 0
    paths: list[Path] = field(default_factory=list)
    bytes: int = 0
    #: Whether there was time and room for all of it.
    is_all: bool = True

    @property
    def are_suspect(self) -> bool:
        """Tell whether it is rather the rows that are missing."""
        return len(self.paths) > MANY and len(self.paths) * 2 > self.looked_at


def folders_of(slot: int) -> list[str]:
    """Answer the folders of one hour: after a day all had their turn, and it is not always the same that are last."""
    turn = [name for n, name in enumerate(FOLDERS) if n % SLOTS == slot % SLOTS]
    first = slot // SLOTS % len(turn)
    return turn[first:] + turn[:first]


def find_orphans(folders: Sequence[str], *, now: datetime, seconds: float) -> Orphans:
    """Look through folders of the current tenant for files of ours that are old enough and that no row names."""
    found, end = Orphans(), time.monotonic() + seconds
    for folder in folders:
        for some in _batches(folder, (now - AGE).timestamp()):
            named = _named(list(some))
            found.looked_at += len(some)
            for name in some.keys() - named:
                found.paths.append(files.absolute(name))
                found.bytes += some[name]
            if len(found.paths) >= MOST or time.monotonic() > end:
                found.is_all = False
                return found
    return found


def _batches(folder: str, before: float) -> Iterator[dict[str, int]]:
    """Walk the old files of a folder, some at a time, with their sizes; what is not ours is not looked at."""
    there, some = files.absolute(folder), dict[str, int]()
    if there.is_symlink() or not there.is_dir():
        return
    with os.scandir(there) as entries:
        for entry in entries:
            name = f"{folder}/{entry.name}"
            if not files.is_ours(name) or not entry.is_file(follow_symlinks=False):
                continue
            state = entry.stat(follow_symlinks=False)
            if state.st_mtime < before:
                some[name] = state.st_size
            if len(some) == BATCH:
                yield some
                some = {}
    if some:
        yield some


def _named(names: list[str]) -> set[str]:
    """Answer which files a row names; in two queries."""
    found: set[str] = set()
    for model in (Asset, Rendition):
        found.update(model.objects.filter(file__in=names).order_by().values_list("file", flat=True))
    return found
