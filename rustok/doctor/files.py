"""Folders and disks."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from rustok.doctor.findings import Finding, bad, check, ok, warn

#: Share of a disk that is free at least, and bytes.
FREE, ROOM = 0.1, 2 * 1024**3


@check("disk")
def disk() -> Iterator[Finding]:
    """See that there is room for data and files."""
    places = {"RUSTOK_HOME": Path(settings.HOME), "MEDIA_ROOT": Path(settings.MEDIA_ROOT)}
    for name, folder in places.items():
        there = next(place for place in (folder, *folder.resolve().parents) if place.exists())
        usage = shutil.disk_usage(there)
        text = f"{name}: {usage.free / 1024**3:.1f} GB free ({usage.free / usage.total:.0%})"
        if usage.free < ROOM / 4:
            yield bad(text, "make room: uploads and exports will fail")
        elif usage.free < ROOM or usage.free < usage.total * FREE:
            yield warn(text, "make room before it is full")
        else:
            yield ok(text)


@check("media")
def media() -> Iterator[Finding]:
    """See that files can be written, and read by nobody else on the machine."""
    folder = Path(settings.MEDIA_ROOT)
    if not folder.exists():
        parent = next(place for place in folder.resolve().parents if place.exists())
        if parent.is_dir() and os.access(parent, os.W_OK):
            yield ok("the folder of files is made with the first one")
        else:
            yield bad(f"{folder} is not there and cannot be made", "make it, owned by the account that runs the web")
        return
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield bad(f"{folder} cannot be written: {error.strerror}", "give it to the account that runs the web")
        return
    if folder.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        yield warn(f"{folder} is open to every account of this machine", f"chmod o-rwx {folder}")
    else:
        yield ok("files can be written, and read by us alone")
