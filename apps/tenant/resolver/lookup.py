"""The way of a name: memory, one flight, Valkey, lease, PostgreSQL; and the way of a change back to all processes."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Collection
from concurrent.futures import TimeoutError as FlightTimeout
from uuid import UUID

from django.db import connection

from apps.tenant.resolver import tally
from apps.tenant.resolver.digest import Digest
from apps.tenant.resolver.flights import Flights
from apps.tenant.resolver.loading import Lane, TenantLookupBusy, Tokens, load, names
from apps.tenant.resolver.memory import Memory
from apps.tenant.resolver.shared import Ask, Away, News, Shared
from apps.tenant.resolver.snapshot import STALE, Entry, Snapshot

__all__ = ["Resolver"]

log = logging.getLogger(__name__)

#: Names that one process remembers: those that lead to a tenant, and those that lead nowhere.
CAPACITY, NEGATIVE = 4_096, 10_000
#: Seconds between two looks at what has changed; one thread looks, while Valkey answers.
HEAR_EVERY = 0.5
#: Seconds that a request waits for another's answer, and for a place at PostgreSQL.
PATIENCE, PLACE = 2.0, 1.0
#: Seconds that a process waits for the one that holds the lease, and between two looks.
LEASE_PATIENCE, LOOK_EVERY = 0.3, 0.01
#: Unvouched names that one process looks up in a second, and at once.
STRANGERS, BURST = 50, 100
#: Threads of one process at PostgreSQL: for names known to exist, and for the others.
VOUCHED_WIDTH, STRANGER_WIDTH = 4, 2


class Resolver:
    """All that one process knows and does about names; tests have several."""

    def __init__(self, shared: Shared | None = None) -> None:
        self.shared = shared or Shared()
        self.memory, self.negative = Memory(CAPACITY), Memory(NEGATIVE)
        self.digest = Digest(names, STALE)
        self._flights: Flights[Entry] = Flights()
        self._vouched, self._strangers = Lane(VOUCHED_WIDTH), Lane(STRANGER_WIDTH)
        self._tokens = Tokens(STRANGERS, BURST)
        self._heard = 0
        self._hear_at = float("-inf")
        self._hearing = threading.Lock()
        self._hits, self._told = itertools.count(), 0

    def resolve(self, key: str) -> Snapshot | None:
        """Answer the tenant that a name leads to; None for none.

        :raises TenantLookupBusy: if that cannot be found out now
        """
        now = time.monotonic()
        if now >= self._hear_at:
            self.hear(now)
        entry = self.memory.get(key)
        if entry is not None and now < entry.refresh_at:
            next(self._hits)
            return entry.tenant
        return self._look(key, entry, now).tenant

    def forget(self) -> None:
        """Drop every answer of this process."""
        now = time.monotonic()
        self.memory.cut(now)
        self.negative.cut(now)
        self.digest.expire()

    def drop(self, keys: Collection[str], tenant_id: UUID) -> None:
        """Drop what this process knows of some names and of a tenant."""
        now = time.monotonic()
        self.memory.cut(now, keys, {tenant_id})
        self.negative.cut(now, keys)
        self.digest.expire()

    def announce(self, tenant_id: UUID, keys: list[str]) -> None:
        """Have every process see a committed change: drop what is known, then leave for all what is true now."""
        self.drop(keys, tenant_id)
        try:
            lease = self.shared.cut(News(tenant_id, keys))
            for key in keys:
                entry = load(key)
                self._keep(key, entry)
                self.shared.put(key, entry, lease)
        except (Away, TenantLookupBusy) as error:
            log.warning("tenant_change_not_announced", extra={"reason": type(error).__name__, "within": STALE})

    def hear(self, now: float) -> None:
        """Drop what others have changed since this process last looked; one thread at a time does that."""
        if not self._hearing.acquire(blocking=False):
            return
        try:
            self._hear_at = now + HEAR_EVERY
            self._tell()
            self._heard, news = self.shared.hear(self._heard)
            if news is None:
                self.forget()
            for item in news or ():
                self.drop(set(item.keys), item.tenant_id)
        except Away:
            pass  # what is remembered ends soon enough by itself
        finally:
            self._hearing.release()

    def _tell(self) -> None:
        """Count the hits since the last time: cheaper than one by one."""
        hits = next(self._hits)
        if hits > self._told:
            tally.add("memory", hits - self._told)
        self._told = hits + 1

    def _look(self, key: str, entry: Entry | None, now: float) -> Entry:
        if entry is not None and now < entry.until:
            return self._refresh(key, entry)
        if known := self._known(key, now):
            return known
        try:
            return self._flights.join(key, lambda: self._lead(key), PATIENCE)
        except FlightTimeout:
            tally.add("busy")
            raise TenantLookupBusy from None

    def _known(self, key: str, now: float) -> Entry | None:
        """Answer what is kept and fresh: a tenant, or that there is none."""
        entry = self.memory.get(key)
        if entry is not None:
            return entry if now < entry.until else None
        unknown = self.negative.get(key)
        if unknown is None or now >= unknown.until:
            return None
        tally.add("negative")
        return unknown

    def _lead(self, key: str) -> Entry:
        """Fetch for all that wait; whoever landed just before has left the answer already."""
        now = time.monotonic()
        if known := self._known(key, now):
            return known
        vouched = self.memory.get(key) is not None or self._admit(key)
        if vouched is None:
            return Entry(None, born=now, noted=now)
        return self._fetch(key, self._vouched if vouched else self._strangers)

    def _refresh(self, key: str, entry: Entry) -> Entry:
        """Ask again before the answer is too old, unless somebody does; if that fails, the old one is still good."""
        try:
            return self._flights.begin(key, lambda: self._fetch(key, self._vouched, entry)) or entry
        except TenantLookupBusy:
            return entry

    def _admit(self, key: str) -> bool | None:
        """Tell whether a name is known to exist (True), may be looked up (False), or cannot exist (None)."""
        if self._tokens.take():
            return False
        if self.digest.knows(key):
            return True
        tally.add("refused")
        return None

    def _fetch(self, key: str, lane: Lane, old: Entry | None = None) -> Entry:
        ask = self._ask(key, old)
        if ask.entry is not None:
            return self._keep(key, ask.entry)
        with lane.place(PLACE):
            entry = self._keep(key, load(key))
        if ask.lease:
            try:
                self.shared.put(key, entry, ask.lease)
            except Away:
                log.debug("tenant_not_shared")
        return entry

    def _ask(self, key: str, old: Entry | None) -> Ask:
        """Ask Valkey, waiting a little for whoever has the lease; inside a transaction what we see is ours alone."""
        if connection.in_atomic_block:
            return Ask()
        until = time.monotonic() + LEASE_PATIENCE
        try:
            while True:
                ask = self.shared.ask(key, fresh_after=old.noted if old else 0.0)
                if ask.entry is not None:
                    tally.add("valkey")
                    return ask
                if ask.lease or time.monotonic() >= until:
                    return ask
                if old is not None:
                    return Ask(entry=old)
                time.sleep(LOOK_EVERY)
        except Away:
            return Ask()

    def _keep(self, key: str, entry: Entry) -> Entry:
        """Remember an answer; answer what is to be used: a newer one, if that is known by now."""
        place = self.negative if entry.tenant_id is None and self.memory.get(key) is None else self.memory
        if not place.put(key, entry):
            newer = self.memory.get(key)
            if newer is not None and time.monotonic() < newer.until and not newer.gives_way_to(entry):
                return newer
        return entry
