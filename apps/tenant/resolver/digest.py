"""Which names exist, as sorted hashes: what tells strangers from tenants when too many names are asked for."""

from __future__ import annotations

import threading
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable

__all__ = ["Digest"]

#: Seconds between two readings at least, whatever happens.
PAUSE = 0.5


class Digest:
    """Eight bytes for every name there is; Python's string hash is keyed, so nobody can aim at a collision."""

    def __init__(self, read: Callable[[], Iterable[str]], life: float) -> None:
        self._read, self._life = read, life
        self._hashes = array("q")
        self._good_until = self._read_at = float("-inf")
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._hashes)

    def knows(self, key: str) -> bool:
        """Tell whether there is such a name; False is certain, True may be wrong once in 10^12."""
        if time.monotonic() >= self._good_until:
            self._renew()
        hashes, wanted = self._hashes, hash(key)
        place = bisect_left(hashes, wanted)
        return place < len(hashes) and hashes[place] == wanted

    def expire(self) -> None:
        """Read again when it is next needed, though not at once after the last time."""
        self._good_until = min(self._good_until, self._read_at + PAUSE)

    def _renew(self) -> None:
        with self._lock:  # one reads, the others wait for it
            now = time.monotonic()
            if now < self._good_until:
                return
            self._hashes = array("q", sorted(map(hash, self._read())))
            self._read_at, self._good_until = now, now + self._life
