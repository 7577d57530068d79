"""The consumers of L2: take messages from the stream and do the work that they name."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from apps.outbox import metrics, services
from apps.outbox.leases import TTL, Partitions
from apps.outbox.models import Dispatch
from apps.outbox.stream import MAX_DELIVER, Received, Stream, StreamDrift, StreamUnavailable
from apps.outbox.stream_transport import WORK, Work
from rustok.kernel.events import DEFAULT_GROUP, handlers

__all__ = ["Consumer", "run_all"]

log = logging.getLogger(__name__)

#: Messages taken at once.
BATCH = 500
#: Seconds until the next look when the database or NATS is away.
AWAY = 1.0


class Consumer:
    """One group's consumer; any number may run side by side, each with its share of the stream's partitions."""

    def __init__(self, stream: Stream, group: str) -> None:
        self.stream = stream
        self.group = group
        self.partitions = Partitions(group, settings.STREAM_PARTITIONS)
        self._stopped = threading.Event()
        self._renewed = 0.0

    def stop(self) -> None:
        """Ask the consumer to finish its batch and end."""
        self._stopped.set()

    def run(self) -> None:
        """Consume for ever; a database or a stream that is away only costs time."""
        while not self._stopped.is_set():
            try:
                self.step(TTL / 3)
            except (StreamUnavailable, DatabaseError, InterfaceError) as error:
                self._wait(error)
                self._make_what_is_missing()
            except Exception as error:
                log.exception("consumer_failed", extra={"group": self.group})
                self._wait(error)
        self._leave()

    def step(self, patience: float) -> int:
        """Take messages, waiting some seconds for the first, and do their work; answer how many there were."""
        self._keep_partitions()
        if not self.partitions.owned:
            self._stopped.wait(patience)
            return 0
        messages = self.stream.fetch(self.group, self.partitions.owned, BATCH, patience)
        if messages:
            begun = time.monotonic()
            try:
                self._handle(messages)
            except Exception:
                self.stream.nak(messages, AWAY)
                raise
            metrics.consumer_batch(self.group, time.monotonic() - begun, len(messages))
        return len(messages)

    def _handle(self, messages: Sequence[Received]) -> None:
        """Do the work of all messages, each dispatch at once; what is left when we are stopped goes to others."""
        begun_before = self._begun(messages)
        works: dict[tuple[str, int], list[int]] = {}
        for message in messages:
            for work in self._works(message):
                if message.delivered == 1 or self._may_run(work, message, begun_before):
                    works.setdefault((work.handler, work.dispatch_id), []).append(work.delivery_id)
        for (_, dispatch_id), delivery_ids in works.items():
            if not self._deliver(dispatch_id, delivery_ids):
                self.stream.nak(messages)
                return
        self.stream.term(message for message in messages if message.delivered >= MAX_DELIVER)
        self.stream.ack(message for message in messages if message.delivered < MAX_DELIVER)

    def _works(self, message: Received) -> list[Work]:
        """List the work that a message has for this group."""
        try:
            works = [Work(*each) for each in json.loads(message.headers.get(WORK, "[]"))]
        except (ValueError, TypeError):
            log.error("message_unreadable", extra={"subject": message.subject, "sequence": message.sequence})
            return []
        return [work for work in works if _group_of(work.handler) == self.group]

    def _begun(self, messages: Sequence[Received]) -> dict[int, Dispatch]:
        """Find the dispatches that messages which come again name, and that somebody has begun with."""
        again = [message for message in messages if message.delivered > 1]
        ids = {work.dispatch_id for message in again for work in self._works(message)}
        return {each.pk: each for each in Dispatch.objects.filter(pk__in=ids, started_at__isnull=False)} if ids else {}

    def _may_run(self, work: Work, message: Received, begun: dict[int, Dispatch]) -> bool:
        """Tell whether to run what comes again: its last worker may have died of it, or of its neighbour.

        Work in company is left to the lease of its dispatch, after which each goes alone. Work that is alone is tried
        again, and given up when the stream would hand it out no more.
        """
        dispatch = begun.get(work.dispatch_id)
        if dispatch is None:
            return True
        if len(dispatch.delivery_ids) > 1:
            return False
        if message.delivered < MAX_DELIVER:
            return True
        reason = f"handed out {message.delivered} times by the stream, and each time its consumer ended before it did"
        services.give_up(work.dispatch_id, [work.delivery_id], reason)
        return False

    def _deliver(self, dispatch_id: int, delivery_ids: list[int]) -> bool:
        """Run a part of a dispatch, waiting for the database if it is away; false if we were stopped meanwhile."""
        while not self._stopped.is_set():
            try:
                self._keep_partitions()
                services.deliver(dispatch_id, delivery_ids)
                return True
            except (OperationalError, InterfaceError) as error:
                self._wait(error)
            except Exception:
                # Not the handler's: deliver() keeps those. The dispatch is left to its lease, and is run again.
                log.exception("delivery_interrupted", extra={"dispatch": dispatch_id})
                return True
        return False

    def _keep_partitions(self) -> None:
        now = time.monotonic()
        if now - self._renewed > TTL / 3:
            self.partitions.renew()
            self._renewed = now

    def _wait(self, error: Exception) -> None:
        log.warning("consumer_waits", extra={"group": self.group, "reason": " ".join(str(error).split())[:200]})
        connection.close()
        self._stopped.wait(AWAY)

    def _make_what_is_missing(self) -> None:
        """A stream that lost everything is made again; the relay sends again what was in it."""
        try:
            self.stream.setup()
        except (StreamUnavailable, StreamDrift) as error:
            log.debug("setup: %s", error)

    def _leave(self) -> None:
        try:
            self.partitions.leave()
        except DatabaseError:
            log.warning("consumer_left_its_leases", extra={"group": self.group}, exc_info=True)
        connection.close()


def run_all(consumers: Iterable[Consumer]) -> list[threading.Thread]:
    """Run each consumer in a thread of its own."""
    threads = [threading.Thread(target=each.run, name=f"consumer-{each.group}") for each in consumers]
    for thread in threads:
        thread.start()
    return threads


def _group_of(handler_name: str) -> str:
    """Name the group that runs a handler; one that is gone makes a dead letter in the default group."""
    handler = handlers().get(handler_name)
    return handler.group if handler else DEFAULT_GROUP
