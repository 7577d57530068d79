"""How a dispatch reaches whoever runs it. The database is the truth: what a transport loses is dispatched again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from django.conf import settings
from django.db import Error
from kombu.exceptions import OperationalError as BrokerDown

from apps.outbox import services, tasks
from apps.outbox.services import Claim

__all__ = ["CeleryTransport", "InProcess", "Transport", "TransportDown", "transport"]


log = logging.getLogger(__name__)


class TransportDown(Exception):
    """The broker does not take anything now."""


class Transport(Protocol):
    """Takes dispatches to whoever runs them."""

    def send(self, claims: Sequence[Claim]) -> list[int]:
        """Send dispatches; answer the ids of those that were not taken.

        :raises TransportDown: if none could be sent
        """

    def close(self) -> None:
        """Let go of connections."""


class InProcess:
    """L0: whoever relays also runs the handlers."""

    def send(self, claims: Sequence[Claim]) -> list[int]:
        """Run them here."""
        for claim in claims:
            try:
                services.deliver(claim.id)
            except Error:  # the database's: the relay waits for it
                raise
            except Exception:
                # Not the handler's: deliver() keeps those. The dispatch is left to its lease, and is run again.
                log.exception("delivery_interrupted", extra={"dispatch": claim.id})
        return []

    def close(self) -> None:
        """Nothing is open."""


class CeleryTransport:
    """L1: a Celery task per dispatch."""

    def send(self, claims: Sequence[Claim]) -> list[int]:
        """Queue a task for each."""
        for number, claim in enumerate(claims):
            try:
                tasks.deliver.apply_async((claim.id,), retry=False)
            except (BrokerDown, OSError) as error:
                if number == 0:
                    raise TransportDown(str(error)) from error
                return [unsent.id for unsent in claims[number:]]
        return []

    def close(self) -> None:
        """Celery's pool ends with the process."""


def transport() -> Transport:
    """Make the transport that EVENT_TRANSPORT names."""
    if settings.EVENT_TRANSPORT == "inprocess":
        return InProcess()
    if settings.EVENT_TRANSPORT == "outbox":
        return CeleryTransport()
    from apps.outbox.stream_transport import StreamTransport

    return StreamTransport()
