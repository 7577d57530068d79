"""The relay: takes committed deliveries to whoever runs them, again and again until they are done."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.db import Error, connection

from apps.outbox import metrics, services
from apps.outbox.leases import TTL, Partitions
from apps.outbox.services import BATCH, Flight, Position
from apps.outbox.transports import Transport, TransportDown
from apps.outbox.wakeup import Bell

__all__ = ["Relay"]

log = logging.getLogger(__name__)

#: Seconds between two looks, at work and at rest; a ping ends a rest early.
SOONEST, LATEST = 0.02, 0.25
#: Seconds between two looks while as much is on its way as may be.
FULL = 0.05
#: Seconds until the next look when the database or the broker is away.
AWAY = 1.0
#: Seconds between two looks for leases that ended, and between two for events that can now be read.
EXPIRY_EVERY, UNPARK_EVERY = 1.0, 60.0
#: Deliveries that a tenant may be given per round (deficit round-robin, Shreedhar and Varghese 1995).
QUANTUM = 200
#: Dispatches that wait for a worker, from which on a tenant's events gather for so many seconds: the batches grow, and
#: with them what the workers get done.
QUEUED, GATHER = 4, 0.1


class Relay:
    """Runs until `stop()`; any number of relays may run side by side, each with its share of the partitions."""

    def __init__(self, transport: Transport, group: str = "relay") -> None:
        self.transport = transport
        self.partitions = Partitions(group)
        self.bell = Bell()
        self._stopped = False
        self._due = {"lease": 0.0, "expiry": 0.0, "unpark": 0.0}
        self._positions: dict[UUID, Position] = {}
        self._deficits: dict[UUID, int] = {}
        self._gathering: dict[UUID, float] = {}
        self._first = 0
        self._is_full = False

    def stop(self) -> None:
        """Ask the relay to finish what it is doing and end."""
        self._stopped = True
        self.bell.stop()

    def run(self) -> None:
        """Relay for ever; a database or a broker that is away only costs time."""
        pause = SOONEST
        while not self._stopped:
            try:
                pause = SOONEST if self.step() else min(pause * 2, FULL if self._is_full else LATEST)
            except (Error, TransportDown, OSError) as error:
                log.warning("relay_waits", extra={"reason": " ".join(str(error).split())[:200]})
                connection.close()
                pause = AWAY
            if self.bell.sleep(pause):
                pause = SOONEST
        self._leave()

    def step(self) -> int:
        """Dispatch a round of what is due; answer how many deliveries that was."""
        self._keep_house()
        if not self.partitions.owned:
            return 0
        begun = time.monotonic()
        count = self._round()
        if count:
            metrics.relay_batch(time.monotonic() - begun, count)
        return count

    def _keep_house(self) -> None:
        if self._is_time("lease", TTL / 3):
            self.partitions.renew()
        if self._is_time("expiry", EXPIRY_EVERY):
            services.expire()
        if self._is_time("unpark", UNPARK_EVERY):
            services.ensure_partitions(datetime.now(UTC).date())
            services.unpark()

    def _is_time(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._due[what]:
            return False
        self._due[what] = now + every
        return True

    def _round(self) -> int:
        """Give every tenant that has work its share, within what may be on its way for it and for all."""
        tenants = services.tenants_with_work()
        if not tenants:
            self._deficits.clear()
            self._positions.clear()
            self._gathering.clear()
            return 0
        flying = services.in_flight()
        room = settings.EVENT_IN_FLIGHT - sum(flight.deliveries for flight in flying.values())
        self._first += 1
        self._is_full = False
        count = 0
        for tenant_id in _rotated(tenants, self._first):
            if self._stopped:
                break
            flight = flying.get(tenant_id, Flight())
            if self._shall_gather(tenant_id, flight):
                self._is_full = True
                continue
            room_here = settings.EVENT_TENANT_IN_FLIGHT - flight.deliveries
            given = self._serve(tenant_id, min(room, room_here))
            count, room = count + given, room - given
        return count

    def _shall_gather(self, tenant_id: UUID, flight: Flight) -> bool:
        """Tell whether to let a tenant's events gather: there is only room for crumbs, or its workers are behind."""
        most = settings.EVENT_TENANT_IN_FLIGHT
        if most - flight.deliveries < min(BATCH, most // 2):
            return True
        return flight.queued >= QUEUED and time.monotonic() < self._gathering.get(tenant_id, 0.0)

    def _serve(self, tenant_id: UUID, room: int) -> int:
        """Dispatch deliveries of one tenant, no more than its deficit allows."""
        deficit = self._deficits.get(tenant_id, 0) + QUANTUM
        self._deficits[tenant_id] = min(deficit, 2 * QUANTUM)
        if room <= 0:
            self._is_full = True
            return 0
        after = self._positions.get(tenant_id, Position())
        claims, position = services.claim(
            tenant_id, after=after, limit=min(deficit, room), partitions=self.partitions
        )  # fmt: skip
        self._positions[tenant_id] = position
        given = sum(len(claim.delivery_ids) for claim in claims)
        self._deficits[tenant_id] = deficit - given if given else 0
        self._gathering[tenant_id] = time.monotonic() + GATHER if given < BATCH else 0.0
        self._send(claims)
        return given

    def _send(self, claims: list[services.Claim]) -> None:
        if not claims:
            return
        try:
            unsent = self.transport.send(claims)
        except TransportDown:
            services.release([claim.id for claim in claims])
            raise
        if unsent:
            services.release(unsent)
            raise TransportDown(f"{len(unsent)} of {len(claims)} dispatches were not taken")

    def _leave(self) -> None:
        try:
            self.partitions.leave()
        except Error:
            log.warning("relay_left_its_leases", exc_info=True)
        self.transport.close()


def _rotated(tenants: list[UUID], first: int) -> list[UUID]:
    start = first % len(tenants)
    return tenants[start:] + tenants[:start]
