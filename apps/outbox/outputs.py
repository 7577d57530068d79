"""What OpenAPI says of events and dead letters."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.outbox.models import DeadLetter, DeadLetterAct

__all__ = ["CountOutput", "EventOutput", "LetterOutput", "ReplayOutput", "WholeLetterOutput"]

WAYS = ["delivered", "waiting", "leased", "parked", "dead", "discarded"]


class WayOutput(serializers.Serializer[Any]):
    """How an event fared with one handler."""

    handler = serializers.CharField()
    state = serializers.ChoiceField(WAYS, help_text="`parked` waits for code that knows the event's version.")
    attempts = serializers.IntegerField(help_text="That failed, as long as it is not delivered.")
    next_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(help_text="The last line of the traceback.")
    dead_letter_id = serializers.UUIDField(allow_null=True)


class EventOutput(serializers.Serializer[Any]):
    """Something that happened, with its envelope."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    schema_version = serializers.IntegerField()
    position = serializers.IntegerField(help_text="Grows with time, with gaps; good to name a range.")
    tenant = serializers.CharField(allow_null=True, help_text="Slug; null if the tenant is gone.")
    aggregate_type = serializers.CharField()
    aggregate_id = serializers.UUIDField()
    aggregate_version = serializers.IntegerField(help_text="From 1, without gaps, in the order of the commits.")
    correlation_id = serializers.UUIDField(help_text="The same for all that began with one request.")
    causation_id = serializers.UUIDField(allow_null=True, help_text="The event whose handler announced this one.")
    trace_id = serializers.CharField()
    actor_id = serializers.UUIDField(allow_null=True)
    payload = serializers.DictField()
    created_at = serializers.DateTimeField()
    deliveries = WayOutput(many=True)


class LetterOutput(serializers.Serializer[Any]):
    """A delivery that was given up."""

    id = serializers.UUIDField()
    event_id = serializers.UUIDField()
    event_type = serializers.CharField()
    tenant = serializers.CharField(allow_null=True, help_text="Slug; null if the tenant is gone.")
    handler = serializers.CharField()
    aggregate_type = serializers.CharField()
    aggregate_id = serializers.UUIDField()
    aggregate_version = serializers.IntegerField()
    attempts = serializers.IntegerField()
    error_class = serializers.CharField()
    error = serializers.CharField(help_text="The last line of the traceback.")
    occurred_at = serializers.DateTimeField()
    died_at = serializers.DateTimeField()
    state = serializers.ChoiceField(DeadLetter.State.choices)
    resolved_at = serializers.DateTimeField(allow_null=True)


class ActOutput(serializers.Serializer[Any]):
    """What somebody did with a letter; it stays on record."""

    action = serializers.ChoiceField(DeadLetterAct.Action.choices)
    actor_id = serializers.UUIDField(allow_null=True)
    actor = serializers.CharField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class WholeLetterOutput(LetterOutput):
    """A delivery that was given up, with everything that is needed to understand it."""

    traceback = serializers.CharField()
    event = EventOutput(allow_null=True, help_text="Null if it is no longer kept.")
    acts = ActOutput(many=True)


class CountOutput(serializers.Serializer[Any]):
    """How many."""

    count = serializers.IntegerField()
    left = serializers.IntegerField(help_text="That match, too, and wait for the next request.")


class ReplayOutput(serializers.Serializer[Any]):
    """What is on its way."""

    count = serializers.IntegerField(help_text="New deliveries; what was still on its way is not counted.")
    event = EventOutput()
