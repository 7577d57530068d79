"""Answers that one process remembers: the least recently used go first, an older version never replaces a newer one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from uuid import UUID

from apps.tenant.resolver.snapshot import Entry

__all__ = ["Memory"]


class Memory:
    """A bounded mapping of names to entries; reading takes no lock."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._lock = threading.Lock()
        #: What was read before this moment is not kept any more: something has changed since.
        self._cut_at = float("-inf")

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> Entry | None:
        """Answer what is kept of a name, fresh or not."""
        entry = self._entries.get(key)
        if entry is not None:
            try:
                self._entries.move_to_end(key)  # one step of C: safe beside other threads
            except KeyError:  # it has just been dropped
                return None
        return entry

    def put(self, key: str, entry: Entry) -> bool:
        """Keep an answer unless a newer one is known; tell whether it was kept."""
        with self._lock:
            kept = self._entries.get(key)
            if entry.born < self._cut_at or (kept is not None and not kept.gives_way_to(entry)):
                return False
            self._entries[key] = entry
            self._entries.move_to_end(key)
            while len(self._entries) > self.capacity:
                self._entries.popitem(last=False)
            return True

    def cut(self, now: float, keys: Collection[str] | None = None, tenants: Collection[UUID] = ()) -> None:
        """Drop some names and everything of some tenants (all, without names), and what is still being read of them."""
        with self._lock:
            self._cut_at = max(self._cut_at, now)
            if keys is None:
                self._entries.clear()
                return
            gone = [key for key, entry in self._entries.items() if key in keys or entry.tenant_id in tenants]
            for key in gone:
                del self._entries[key]
