"""What others announce that leaves no row in a tenant's tables."""

from __future__ import annotations

from apps.audit.recorder import keep_now
from rustok.kernel.events import Envelope, on

__all__ = ["keep_dead_letter_act"]


@on("dead_letter.retried", "dead_letter.discarded", runs_as="keeps who dealt with what failed")
def keep_dead_letter_act(event: Envelope) -> None:
    """Keep who had an event delivered again, or gave it up."""
    said = {name: value for name, value in event.payload.items() if name in ("handler", "event_id", "reason")}
    letter, handler = event.payload["letter_id"], event.payload["handler"]
    keep_now(event.event_type, None, said, kind="outbox.deadletter", key=letter, label=handler)
