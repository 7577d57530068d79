"""Delivering without a relay (transport L0): what was just published is run where it was published."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from uuid import UUID

from django.db import DatabaseError

from apps.outbox.services import claiming
from apps.outbox.services.delivering import deliver

__all__ = ["deliver_lanes"]

log = logging.getLogger(__name__)

_draining = threading.local()


def deliver_lanes(tenant_id: UUID, lanes: Iterable[int]) -> None:
    """Run what is due in some lanes, right here (transport L0); what fails waits for a relay.

    What the handlers publish meanwhile is run by the same call, not by one inside another.
    """
    queue = getattr(_draining, "queue", None)
    if queue is not None:
        queue.append((tenant_id, set(lanes)))
        return
    _draining.queue = queue = [(tenant_id, set(lanes))]
    try:
        while queue:
            _drain(*queue.pop(0))
    finally:
        del _draining.queue


def _drain(tenant_id: UUID, lanes: set[int]) -> None:
    try:
        while claims := claiming.claim_lanes(tenant_id, lanes):
            for claim in claims:
                deliver(claim.id)
    except DatabaseError:
        log.warning("delivery_interrupted", exc_info=True)
