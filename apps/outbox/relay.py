"""The relay: takes committed deliveries to the workers, again and again until they are done."""

from __future__ import annotations

import logging
import threading
import time

from celery import current_app as app
from django.conf import settings
from django.db import OperationalError, close_old_connections, connection
from kombu.exceptions import OperationalError as BrokerDown

from apps.outbox import services, tasks

__all__ = ["Relay"]

log = logging.getLogger(__name__)

#: Seconds between two looks, at work and at rest.
SOONEST, LATEST = 0.02, 0.25
#: Tasks that may wait at the broker before the relay stops adding.
MAX_QUEUED = 200
#: Seconds between two looks for expired leases.
EXPIRY_EVERY = 1.0


class Relay:
    """Runs until `stop()`; any number of relays may run side by side."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._expired_at = 0.0

    def stop(self) -> None:
        """Ask the relay to finish what it is doing and end."""
        self._stopped.set()

    def run(self) -> None:
        """Relay for ever; a database or a broker that is away only costs time."""
        pause = SOONEST
        while not self._stopped.is_set():
            try:
                pause = SOONEST if self.step() else min(pause * 2, LATEST)
            except (OperationalError, BrokerDown, OSError) as error:
                log.warning("relay_waits", extra={"reason": str(error)[:200]})
                close_old_connections()
                connection.close()
                pause = 1.0
            self._stopped.wait(pause)

    def step(self) -> int:
        """Dispatch what is due; answer how many deliveries that was."""
        now = time.monotonic()
        if now - self._expired_at > EXPIRY_EVERY:
            self._expired_at = now
            services.expire_leases()
        if queued() >= MAX_QUEUED:
            return 0
        claims = services.claim()
        for claim in claims:
            tasks.deliver.delay(str(claim.tenant_id), claim.handler, claim.delivery_ids)
        return sum(len(claim.delivery_ids) for claim in claims)


def queued() -> int:
    """Count the tasks that wait at the broker."""
    with app.connection_for_read() as broker:
        channel = broker.default_channel
        size = channel.client.llen(settings.CELERY_TASK_DEFAULT_QUEUE) if hasattr(channel, "client") else 0
    return int(size)
