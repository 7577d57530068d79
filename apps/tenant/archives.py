"""The archive of a tenant: a zip with a manifest, one COPY file per table, and the media files.

A zip, and not a tar: its directory names every member with its size before anything is unpacked, members can be read in
any order, it needs no library beyond Python's, and everybody can look into it. Reading and writing take buffers of
64 KiB, and a line of the manifest per file. It holds password hashes: only its owner may read it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings

from rustok.kernel.errors import DomainError, Invalid

__all__ = [
    "FORMAT", "ArchiveDamaged", "ArchiveTooLarge", "Reader", "Writer", "archive_path", "delete_archives", "media_name",
    "table_name",
]  # fmt: skip

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 64 * 1024
#: What a manifest may weigh: some million files.
MAX_MANIFEST = 512 * 1024 * 1024
#: What deflate makes of tables and pictures at the best; what claims to be more is a bomb.
MAX_RATIO, RATIO_FREE = 300, 100 * 1024 * 1024
#: How exports pack. Python unpacks other ways without a bound: some kilobytes of them become gigabytes at once.
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: What Python says of a member that is not as it should be.
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, UnicodeError, ValueError,
    struct.error,
)  # fmt: skip
#: Rows of a table and counts of a counter.
_MOST = 2**63


class ArchiveDamaged(Invalid):
    """The archive is not as it was written."""

    code = "archive_damaged"


class ArchiveUnsafe(Invalid):
    """The archive names a file that would lie outside of the tenant's folder."""

    code = "archive_unsafe_path"


class ArchiveTooLarge(DomainError):
    """The archive would take more room than it may."""

    code = "archive_too_large"
    status = 413


class ArchiveUnknown(Invalid):
    """This is no archive of a tenant, or of a format that this version cannot read."""

    code = "archive_unknown_format"


def archive_path(slug: str, job_id: object) -> Path:
    """Answer where an export lies that a worker makes: in no tenant's media."""
    return Path(settings.EXPORTS_ROOT) / slug / f"{job_id}.zip"


def delete_archives(slug: str) -> int:
    """Delete the exports of a tenant that lie here; answer how many."""
    folder = Path(settings.EXPORTS_ROOT) / slug
    count = sum(1 for _ in folder.glob("*.zip"))
    if folder.exists():
        shutil.rmtree(folder)
    return count


def table_name(table: str) -> str:
    """Name the member of a table."""
    return f"tables/{table}.copy"


def media_name(path: str) -> str:
    """Name the member of a file, by its path in the tenant's folder."""
    return f"media/{path}"


class Sink:
    """Where a member is written to, with what the manifest says of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self._buffer = bytearray()
        self.bytes = self.lines = 0

    def write(self, data: bytes | memoryview) -> None:
        """Write some bytes."""
        self._buffer += data
        if len(self._buffer) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Pass on what is in the buffer."""
        self._stream.write(self._buffer)
        self._digest.update(self._buffer)
        self.bytes += len(self._buffer)
        self.lines += self._buffer.count(b"\n")
        self._buffer.clear()

    def facts(self) -> dict[str, Any]:
        """Answer size and checksum."""
        return {"bytes": self.bytes, "sha256": self._digest.hexdigest()}


class Writer:
    """An archive that is being written; it gets its name when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._part = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.fdopen(os.open(self._part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=2)

    @contextlib.contextmanager
    def member(self, name: str, *, packed: bool = True) -> Iterator[Sink]:
        """Write one member; what is packed already is only stored."""
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        entry.external_attr = 0o600 << 16
        with self._zip.open(entry, "w", force_zip64=True) as stream:
            sink = Sink(stream)
            yield sink
            sink.flush()

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest, and give the archive its name."""
        with self.member(MANIFEST) as sink:
            sink.write(json.dumps(manifest, indent=1, sort_keys=True).encode())
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._part, self.path)

    def discard(self) -> None:
        """Leave nothing of it."""
        self._file.close()
        self._part.unlink(missing_ok=True)


class Reader:
    """An archive that somebody sent: nothing in it is believed before it was checked."""

    def __init__(self, path: Path) -> None:
        """Open an archive, and check its directory and its manifest.

        :raises ArchiveUnknown: if it is none that this version can read
        :raises ArchiveUnsafe: if a name leads out of the folder
        :raises ArchiveTooLarge: if it would take more room than it may
        :raises ArchiveDamaged: if members are missing, or are not in the manifest
        """
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except _UNREADABLE as error:
            raise ArchiveUnknown(f"{path.name}: {error}") from None
        self._entries = self._checked_entries()
        self.manifest = self._read_manifest()
        self._check_members()

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def verify(self, tell: Callable[[int, int], None]) -> None:
        """Read everything once, and compare it with the checksums; `tell` hears of bytes done and bytes to do.

        :raises ArchiveDamaged: if a member is not as it was written
        """
        total, done = sum(facts["bytes"] for facts in self._members().values()), 0
        for name in self._members():
            for chunk in self.chunks(name):
                done += len(chunk)
                tell(done, total)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Read a member piece by piece.

        :raises ArchiveDamaged: at the end, if it is not as it was written, and before, if it is longer
        """
        facts, digest, size = self._members()[name], hashlib.sha256(), 0
        try:
            with self._zip.open(self._entries[name]) as stream:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    if size > facts["bytes"]:
                        raise ArchiveDamaged(f"{name} is longer than it says")
                    digest.update(chunk)
                    yield chunk
        except _UNREADABLE as error:
            raise ArchiveDamaged(f"{name}: {error}") from None
        if size != facts["bytes"] or digest.hexdigest() != facts["sha256"]:
            raise ArchiveDamaged(f"{name} does not have its checksum")

    def tables(self) -> dict[str, dict[str, Any]]:
        """Answer what the manifest says of each table."""
        tables: dict[str, dict[str, Any]] = self.manifest["tables"]
        return tables

    def files(self) -> list[str]:
        """List the media files by path."""
        return sorted(self.manifest["files"])

    def _members(self) -> dict[str, dict[str, Any]]:
        if not hasattr(self, "_known"):
            self._known = {table_name(name): facts for name, facts in self.manifest["tables"].items()}
            self._known |= {media_name(path): facts for path, facts in self.manifest["files"].items()}
        return self._known

    def _checked_entries(self) -> dict[str, zipfile.ZipInfo]:
        entries: dict[str, zipfile.ZipInfo] = {}
        for entry in self._zip.infolist():
            if not _is_safe(entry):
                raise ArchiveUnsafe(entry.filename[:200])
            if entry.compress_type not in PACKINGS:
                raise ArchiveUnknown(f"{entry.filename[:200]} is packed in a way that no export uses")
            if entry.filename in entries:
                raise ArchiveDamaged(f"{entry.filename} is in it twice")
            entries[entry.filename] = entry
        total, here = sum(entry.file_size for entry in entries.values()), os.path.getsize(self.path)
        if total > settings.IMPORT_MAX_BYTES or total > RATIO_FREE + MAX_RATIO * here:
            raise ArchiveTooLarge(f"{total} bytes in an archive of {here}")
        return entries

    def _read_manifest(self) -> dict[str, Any]:
        entry = self._entries.get(MANIFEST)
        if entry is None or entry.file_size > MAX_MANIFEST:
            raise ArchiveUnknown("it has no manifest")
        try:
            with self._zip.open(entry) as stream:  # with a number, or Python unpacks it all, whatever it says it is
                manifest = json.loads(stream.read(entry.file_size + 1), parse_constant=_refuse_constant)
        except _UNREADABLE as error:
            raise ArchiveDamaged(f"{MANIFEST}: {error}") from None
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise ArchiveUnknown(f"its format is not {FORMAT}")
        if not _is_told_in_full(manifest):
            raise ArchiveDamaged("the manifest is not as an export writes it")
        return manifest

    def _check_members(self) -> None:
        try:
            told = {MANIFEST, *self._members()}
            sizes_fit = all(self._entries[name].file_size == facts["bytes"] for name, facts in self._members().items())
        except (KeyError, TypeError, AttributeError):
            raise ArchiveDamaged("the manifest names what is not there") from None
        if told != set(self._entries) or not sizes_fit:
            raise ArchiveDamaged("the manifest does not fit what is in it")
        files = {PurePosixPath(path) for path in self.manifest["files"]}
        if any(not files.isdisjoint(path.parents) for path in files):
            raise ArchiveUnsafe("a file is a folder of another")


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _is_told_in_full(manifest: dict[str, Any]) -> bool:
    """Tell whether the manifest has all that an import reads later, each of its kind."""
    tables, files = manifest.get("tables"), manifest.get("files")
    kinds, counters, steps = (manifest.get(name) for name in ("content_types", "counters", "migrations"))
    if not (isinstance(tables, dict) and isinstance(files, dict) and isinstance(kinds, dict)):
        return False
    if not (isinstance(counters, list) and isinstance(steps, list)):
        return False
    return (
        all(_are_facts(facts) and _is_count(facts.get("rows")) for facts in tables.values())
        and all(_are_facts(facts) for facts in files.values())
        and all(re.fullmatch("[0-9]{1,9}", key) and isinstance(name, str) for key, name in kinds.items())
        and all(isinstance(one, list) and list(map(type, one)) == [str, str, int] and 0 < one[2] < _MOST
                for one in counters)
        and all(isinstance(step, str) for step in steps)
    )  # fmt: skip


def _are_facts(facts: object) -> bool:
    return isinstance(facts, dict) and _is_count(facts.get("bytes")) and isinstance(facts.get("sha256"), str)


def _is_count(number: object) -> bool:
    return type(number) is int and 0 <= number < _MOST


def _is_safe(entry: zipfile.ZipInfo) -> bool:
    """Tell whether a member is a plain file below one of the known folders."""
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or "\\" in name or "\0" in name or len(name) > 1_000:
        return False
    parts = PurePosixPath(name).parts
    if name == MANIFEST:
        return True
    if name != "/".join(parts) or any(part in ("..", ".") or ":" in part for part in parts):
        return False
    if any(len(part.encode()) > 255 for part in parts) or any(ord(char) < 32 for char in name):
        return False
    return len(parts) > 1 and (parts[0] == "media" or (parts[0] == "tables" and len(parts) == 2))
