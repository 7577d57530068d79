"""The folder where the processes of one machine keep what they counted, so that one page can show all of them.

A process has files of its own, named after an identity that never comes again, and holds a lock on `<identity>.alive`
until it ends, however it ends. What the dead have counted is merged into one file of each kind, and the folder stays
as small as the number of processes that live.
"""

from __future__ import annotations

import fcntl
import logging
import os
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import values
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

__all__ = ["folder", "identity", "install", "read"]

log = logging.getLogger(__name__)

#: Bytes that a file has from its beginning: a page that the disk cannot hold would kill the process that writes it.
RESERVED = 1 << 20
#: Seconds to wait for another process to leave the folder, and to rest after it could not be entered.
PATIENCE, REST = 1.0, 10.0

_me = ""
_alive = -1
_continues = False
_rest_until = 0.0
_entering = threading.Lock()


def folder() -> Path:
    """Answer the folder; processes that shall be one `/metrics` have the same."""
    return Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])


def install() -> None:
    """Let prometheus_client count in files that are named after `identity`."""
    values.ValueClass = values.MultiProcessValue(identity)


def identity() -> str:
    """Answer who this process is among those that count; it enters the folder when it first asks.

    :raises OSError: if the folder cannot be used; for some seconds it is then not tried again
    """
    return _me or _enter()


def read() -> list[Metric]:
    """Add up what all processes have counted, and merge the files of the dead.

    Who reads is one of those that live from then on: what it has shown is not forgotten before it ends.

    :raises OSError: if the folder cannot be used
    """
    with _entering, _alone() as path:
        _bury(path)
        if not _me:
            _claim(path)
        return list(MultiProcessCollector(None, str(path)).collect())


def _enter() -> str:
    global _rest_until
    with _entering:
        if not _me:
            if time.monotonic() < _rest_until:
                raise OSError("the folder of the metrics could not be used a moment ago")
            try:
                with _alone() as path:
                    if not (_continues or any(_lives(path, who) for who in _known(path))):
                        _clear(path)
                    _claim(path)
            except OSError:
                _rest_until = time.monotonic() + REST
                raise
        return _me


def _claim(path: Path) -> None:
    """Become somebody: make files, and hold the lock that tells that we live."""
    global _me, _alive
    me = f"{os.getpid()}-{time.time_ns():x}"
    handle = os.open(path / f"{me}.alive", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for kind in ("counter", "histogram"):
            _reserve(path / f"{kind}_{me}.db", RESERVED)
    except OSError:
        os.close(handle)
        raise
    _me, _alive = me, handle


def _after_fork() -> None:
    """Be somebody else than the parent, whose work goes on in us and whose lock must not."""
    global _me, _alive, _continues, _entering
    _me, _continues, _entering = "", _continues or bool(_me), threading.Lock()
    if _alive >= 0:
        os.close(_alive)
        _alive = -1


os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def _alone() -> Iterator[Path]:
    """Be the only one that adds, merges or reads files.

    :raises TimeoutError: if somebody else is for too long
    """
    path = folder()
    path.mkdir(parents=True, exist_ok=True)
    handle = os.open(path / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        _lock(handle)
        yield path
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    last = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > last:
                raise TimeoutError("another process holds the folder of the metrics") from None
            time.sleep(0.005)


def _reserve(file: Path, size: int) -> None:
    """Make a file of zeros that the disk has room for."""
    with file.open("wb") as handle:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(handle.fileno(), 0, size)
        else:
            handle.write(bytes(size))


def _known(path: Path) -> set[str]:
    counted = {file.stem.rsplit("_", 1)[-1] for file in path.glob("*.db")} - {"dead"}
    return counted | {file.stem for file in path.glob("*.alive")}


def _lives(path: Path, who: str) -> bool:
    try:
        handle = os.open(path / f"{who}.alive", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _clear(path: Path) -> None:
    """Begin at zero, as after a restart: nobody lives, and what counted here may have been another release."""
    for pattern in ("*.db", "*.alive", "*.new"):
        _remove(path.glob(pattern))


def _bury(path: Path) -> None:
    """Merge what the dead have counted; what they measured of themselves ends with them."""
    dead = {who for who in _known(path) if not _lives(path, who)}
    if not dead:
        return
    left = [file for file in path.glob("*.db") if file.stem.rsplit("_", 1)[-1] in dead]
    for kind in ("counter", "histogram", "summary"):
        if files := [file for file in left if file.name.startswith(f"{kind}_")]:
            _merge(files, path / f"{kind}_dead.db")
    _remove(left)
    _remove(path / f"{who}.alive" for who in dead)


def _merge(files: list[Path], into: Path) -> None:
    """Add files up; a kill in here may count one process twice, which is not worth a journal."""
    totals: defaultdict[str, float] = defaultdict(float)
    for file in [into, *files] if into.exists() else files:
        try:
            for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file)):
                totals[key] += value
        except (RuntimeError, UnicodeDecodeError, struct.error) as error:
            log.warning("metrics_file_broken", extra={"file": file.name, "reason": str(error)[:200]})
    fresh = into.with_suffix(".new")
    _reserve(fresh, max(RESERVED, sum(len(key.encode()) + 64 for key in totals)))
    merged = MmapedDict(str(fresh))
    for key, value in totals.items():
        merged.write_value(key, value, 0.0)
    merged.close()
    fresh.replace(into)


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
