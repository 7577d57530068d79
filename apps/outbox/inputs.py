"""What the outbox accepts: filters of events and dead letters, and what is to be done with them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.outbox.models import DeadLetter
from apps.outbox.selectors import EventFilter, tenant_ids
from apps.outbox.services import LetterFilter
from rustok.kernel.access import Actor
from rustok.kernel.inputs import Input, TextField

__all__ = [
    "BulkDiscardInput", "DiscardInput", "EventQuery", "LetterQuery", "LetterSelection", "NothingInput", "ReplayInput",
    "event_filter", "letter_filter",
]  # fmt: skip

#: Names that one filter takes.
NAMES = 50


class NamesField(serializers.ListField):
    """Some names; a single one may stand by itself."""

    def __init__(self, *, length: int = 100, **kwargs: Any) -> None:
        super().__init__(child=TextField(max_length=length), max_length=NAMES, required=False, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        """Read one name or several."""
        names: list[str] = super().to_internal_value([data] if isinstance(data, str) else data)
        return names


class EventQuery(Input):
    """Which events."""

    type = NamesField(length=80, help_text="Name of an event; may be given several times.")
    aggregate_type = TextField(max_length=64, required=False, help_text="Such as product.product.")
    aggregate_id = serializers.UUIDField(required=False)
    correlation_id = serializers.UUIDField(required=False, help_text="What began with the same request.")
    tenant = TextField(max_length=63, required=False, help_text="Slug of a tenant; for the platform.")
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)


class LetterSelection(Input):
    """Which dead letters: all that are left out match."""

    handler = NamesField(help_text="Name of a handler; may be given several times.")
    event_type = NamesField(length=80, help_text="Name of an event; may be given several times.")
    error_class = NamesField(length=200, help_text="Such as django.db.utils.OperationalError.")
    tenant = TextField(max_length=63, required=False, help_text="Slug of a tenant; for the platform.")
    died_after = serializers.DateTimeField(required=False)
    died_before = serializers.DateTimeField(required=False)


class LetterQuery(LetterSelection):
    """Which letters, in which state."""

    state = serializers.ChoiceField(
        [*DeadLetter.State.values, "any"], required=False, default="dead", help_text="`dead` if left out."
    )


class DiscardInput(Input):
    """Why nobody needs it any more."""

    reason = TextField(
        max_length=1_000, required=False, allow_blank=True, default="", help_text="Required; 1 to 300 characters."
    )


class BulkDiscardInput(LetterSelection, DiscardInput):
    """Which dead letters nobody needs any more, and why."""


class ReplayInput(Input):
    """To whom an event is delivered again."""

    handlers = NamesField(help_text="All that listen to it, if left out.")


class NothingInput(Input):
    """Nothing."""


def event_filter(actor: Actor, data: dict[str, Any]) -> EventFilter:
    """Read which events clean values ask for.

    :raises UnknownTenant: if there is none whose events the actor may see
    """
    return EventFilter(
        event_types=data.get("type", ()), aggregate_type=data.get("aggregate_type", ""),
        aggregate_id=data.get("aggregate_id"), correlation_id=data.get("correlation_id"),
        tenant_ids=tenant_ids(actor, data.get("tenant", "")), since=data.get("since"), until=data.get("until"),
    )  # fmt: skip


def letter_filter(actor: Actor, data: dict[str, Any]) -> LetterFilter:
    """Read which dead letters clean values ask for; those that nobody dealt with unless they say otherwise.

    :raises UnknownTenant: if there is none whose letters the actor may see
    """
    state = data.get("state", DeadLetter.State.DEAD)
    return LetterFilter(
        handlers=data.get("handler", ()), event_types=data.get("event_type", ()),
        error_classes=data.get("error_class", ()), tenant_ids=tenant_ids(actor, data.get("tenant", "")),
        died_after=data.get("died_after"), died_before=data.get("died_before"),
        states=() if state == "any" else (state,),
    )  # fmt: skip
