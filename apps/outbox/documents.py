"""Events and dead letters as REST, GraphQL and commands write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.outbox.models import DeadLetter, DeadLetterAct, OutboxEvent
from rustok.kernel.times import iso

__all__ = ["Way", "act_document", "event_document", "last_line", "letter_document", "way_document"]


@dataclass(frozen=True, slots=True)
class Way:
    """How an event fared with one handler: waiting, leased, parked, dead, discarded or delivered."""

    handler: str
    state: str
    attempts: int = 0
    next_at: datetime | None = None
    error: str = ""
    letter_id: UUID | None = None


def last_line(error: str) -> str:
    """Answer what a traceback ends with: the error, by the short name of its class."""
    lines = error.strip().splitlines()
    name, colon, said = (lines[-1] if lines else "").partition(":")
    return (name if " " in name else name.rpartition(".")[2]) + colon + said


def event_document(event: OutboxEvent, *, tenant: str | None, ways: Sequence[Way]) -> dict[str, Any]:
    """Write an event with its envelope, and how it fared; `tenant` is a slug, None if that is gone."""
    return {
        "id": str(event.pk),
        "type": event.event_type,
        "schema_version": event.schema_version,
        "position": event.position,
        "tenant": tenant,
        "aggregate_type": event.aggregate_type,
        "aggregate_id": str(event.aggregate_id),
        "aggregate_version": event.aggregate_version,
        "correlation_id": str(event.correlation_id),
        "causation_id": _text(event.causation_id),
        "trace_id": event.trace_id,
        "actor_id": _text(event.actor_id),
        "payload": event.payload,
        "created_at": iso(event.created_at),
        "deliveries": [way_document(way) for way in ways],
    }


def way_document(way: Way) -> dict[str, Any]:
    """Write how an event fared with one handler."""
    return {
        "handler": way.handler,
        "state": way.state,
        "attempts": way.attempts,
        "next_at": iso(way.next_at) if way.next_at else None,
        "error": last_line(way.error),
        "dead_letter_id": _text(way.letter_id),
    }


def letter_document(letter: DeadLetter, *, tenant: str | None) -> dict[str, Any]:
    """Write a dead letter in short."""
    return {
        "id": str(letter.pk),
        "event_id": str(letter.event_id),
        "event_type": letter.event_type,
        "tenant": tenant,
        "handler": letter.handler,
        "aggregate_type": letter.aggregate_type,
        "aggregate_id": str(letter.aggregate_id),
        "aggregate_version": letter.aggregate_version,
        "attempts": letter.attempts,
        "error_class": letter.error_class,
        "error": last_line(letter.error),
        "occurred_at": iso(letter.occurred_at),
        "died_at": iso(letter.died_at),
        "state": letter.state,
        "resolved_at": iso(letter.resolved_at) if letter.resolved_at else None,
    }


def act_document(act: DeadLetterAct) -> dict[str, Any]:
    """Write what somebody did with a letter."""
    return {
        "action": act.action,
        "actor_id": _text(act.actor_id),
        "actor": act.actor_label,
        "reason": act.reason,
        "at": iso(act.at),
    }


def _text(key: UUID | None) -> str | None:
    return str(key) if key else None
