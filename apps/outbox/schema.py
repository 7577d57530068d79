"""GraphQL: events and dead letters, for staff."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import graphene
from graphene.types.generic import GenericScalar

from apps.outbox import selectors, services
from apps.outbox.inputs import DiscardInput, EventQuery, LetterQuery, ReplayInput, event_filter, letter_filter
from rustok.kernel.access import Actor
from rustok.kernel.edges.graphql import (
    Field,
    Mutation,
    as_connection,
    connection_of,
    decode_node_id,
    encode_node_id,
    page_request,
)
from rustok.kernel.errors import NotFound
from rustok.kernel.ids import parse_id
from rustok.kernel.pages import Page, paginate

__all__ = ["Mutations", "Query"]


class EventDeliveryType(graphene.ObjectType):
    """How an event fared with one handler."""

    class Meta:
        name = "EventDelivery"

    handler = graphene.String(required=True)
    state = graphene.String(required=True, description="delivered, waiting, leased, parked, dead or discarded.")
    attempts = graphene.Int(required=True, description="That failed, as long as it is not delivered.")
    next_at = graphene.String()
    error = graphene.String(required=True, description="The last line of the traceback.")
    dead_letter_id = graphene.ID()

    def resolve_dead_letter_id(root: Any, info: Any) -> str | None:
        """Write a node id."""
        return encode_node_id("DeadLetter", root["dead_letter_id"]) if root["dead_letter_id"] else None


class EventType(graphene.ObjectType):
    """Something that happened, with its envelope."""

    class Meta:
        name = "Event"

    id = graphene.ID(required=True)
    type = graphene.String(required=True)
    schema_version = graphene.Int(required=True)
    tenant = graphene.String(description="Slug; null if the tenant is gone.")
    aggregate_type = graphene.String(required=True)
    aggregate_id = graphene.String(required=True)
    aggregate_version = graphene.Int(required=True)
    correlation_id = graphene.String(required=True, description="The same for all that began with one request.")
    causation_id = graphene.ID(description="The event whose handler announced this one.")
    trace_id = graphene.String(required=True)
    actor_id = graphene.String()
    payload = graphene.Field(GenericScalar, required=True)
    created_at = graphene.String(required=True)
    deliveries = graphene.List(graphene.NonNull(EventDeliveryType), required=True)

    def resolve_id(root: Any, info: Any) -> str:
        """Write a node id."""
        return encode_node_id("Event", root["id"])

    def resolve_causation_id(root: Any, info: Any) -> str | None:
        """Write a node id."""
        return encode_node_id("Event", root["causation_id"]) if root["causation_id"] else None


class DeadLetterActType(graphene.ObjectType):
    """What somebody did with a dead letter; it stays on record."""

    class Meta:
        name = "DeadLetterAct"

    action = graphene.String(required=True, description="retry or discard.")
    actor = graphene.String(required=True)
    reason = graphene.String(required=True)
    at = graphene.String(required=True)


class DeadLetterType(graphene.ObjectType):
    """A delivery that was given up."""

    class Meta:
        name = "DeadLetter"

    id = graphene.ID(required=True)
    event_type = graphene.String(required=True)
    event = graphene.Field(EventType, description="Null if it is no longer kept.")
    tenant = graphene.String(description="Slug; null if the tenant is gone.")
    handler = graphene.String(required=True)
    attempts = graphene.Int(required=True)
    error_class = graphene.String(required=True)
    error = graphene.String(required=True, description="The last line of the traceback.")
    traceback = graphene.String(required=True)
    occurred_at = graphene.String(required=True)
    died_at = graphene.String(required=True)
    state = graphene.String(required=True, description="dead, retried or discarded.")
    resolved_at = graphene.String()
    acts = graphene.List(graphene.NonNull(DeadLetterActType), required=True)

    def resolve_id(root: Any, info: Any) -> str:
        """Write a node id."""
        return encode_node_id("DeadLetter", root["id"])


EventConnection = connection_of(EventType, "Event")
DeadLetterConnection = connection_of(DeadLetterType, "DeadLetter")


class EventFilterInput(graphene.InputObjectType):
    """Which events."""

    type = graphene.List(graphene.NonNull(graphene.String))
    aggregate_type = graphene.String(description="Such as product.product.")
    aggregate_id = graphene.String()
    correlation_id = graphene.String()
    tenant = graphene.String(description="Slug; for the platform.")
    since = graphene.String(description="ISO 8601.")
    until = graphene.String()


class DeadLetterFilterInput(graphene.InputObjectType):
    """Which dead letters."""

    handler = graphene.List(graphene.NonNull(graphene.String))
    event_type = graphene.List(graphene.NonNull(graphene.String))
    error_class = graphene.List(graphene.NonNull(graphene.String))
    tenant = graphene.String(description="Slug; for the platform.")
    state = graphene.String(description="dead (if left out), retried, discarded or any.")
    died_after = graphene.String(description="ISO 8601.")
    died_before = graphene.String()


def _given(values: Any) -> dict[str, Any]:
    return {name: value for name, value in (values or {}).items() if value is not None}


def _key(kind: str, text: str) -> UUID:
    """Read a node id.

    :raises NotFound: if nothing has such an id
    """
    key = parse_id(decode_node_id(kind, text))
    if key is None:
        raise NotFound()
    return key


def _letters(actor: Actor, wanted: services.LetterFilter, request: Any) -> Page[Any]:
    page: Page[Any] = paginate(services.letters(actor, wanted), ["-died_at", "-id"], request)
    return replace(page, results=selectors.letter_documents(page.results, whole=True))


class Query(graphene.ObjectType):
    """What happened, and what of it was given up."""

    events = Field(
        EventConnection, permission="logs.read", required=True, first=graphene.Int(), after=graphene.String(),
        filter=EventFilterInput(), description="Events, newest first.",
    )  # fmt: skip
    event = Field(EventType, permission="logs.read", id=graphene.ID(required=True))
    dead_letters = Field(
        DeadLetterConnection, permission="logs.read", required=True, first=graphene.Int(), after=graphene.String(),
        filter=DeadLetterFilterInput(), description="Dead letters, newest first.",
    )  # fmt: skip

    def resolve_events(
        root: Any, info: Any, first: int | None = None, after: str | None = None, filter: Any = None
    ) -> dict[str, Any]:
        """List events."""
        actor = info.context.actor
        wanted = event_filter(actor, EventQuery.parse(_given(filter)))
        page: Page[Any] = paginate(selectors.events(actor, wanted), ["-id"], page_request(first, after))
        return as_connection(replace(page, results=selectors.event_documents(page.results)))

    def resolve_event(root: Any, info: Any, id: str) -> dict[str, Any] | None:
        """Answer an event; null if there is none that you may see."""
        try:
            return selectors.event_documents([selectors.find_event(info.context.actor, _key("Event", id))])[0]
        except NotFound:
            return None

    def resolve_dead_letters(
        root: Any, info: Any, first: int | None = None, after: str | None = None, filter: Any = None
    ) -> dict[str, Any]:
        """List dead letters."""
        actor = info.context.actor
        wanted = letter_filter(actor, LetterQuery.parse(_given(filter)))
        return as_connection(_letters(actor, wanted, page_request(first, after)))


def _letter(actor: Actor, key: UUID) -> dict[str, Any]:
    wanted = services.LetterFilter(ids=[key], states=())
    return {"dead_letter": _letters(actor, wanted, page_request(1, None)).results[0]}


class DeadLetterRetry(Mutation):
    """Deliver a dead letter again, with its attempts counted from zero."""

    permission = "logs.manage"
    dead_letter = graphene.Field(DeadLetterType)

    class Input:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Retry."""
        key = _key("DeadLetter", data["id"])
        services.retry_dead_letter(actor=actor, letter_id=key)
        return _letter(actor, key)


class DeadLetterDiscard(Mutation):
    """Give a dead letter up for good."""

    permission = "logs.manage"
    dead_letter = graphene.Field(DeadLetterType)

    class Input:
        id = graphene.ID(required=True)
        reason = graphene.String(required=True, description="1 to 300 characters.")

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Discard."""
        key, reason = _key("DeadLetter", data.pop("id")), DiscardInput.parse(data)["reason"]
        services.discard_dead_letter(actor=actor, letter_id=key, reason=reason)
        return _letter(actor, key)


class EventReplay(Mutation):
    """Deliver an event again: to all that listen to it today, or to some of them."""

    permission = "logs.manage"
    event = graphene.Field(EventType)
    count = graphene.Int(description="New deliveries; what was still on its way is not counted.")

    class Input:
        id = graphene.ID(required=True)
        handlers = graphene.List(graphene.NonNull(graphene.String))

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Replay."""
        key, chosen = _key("Event", data.pop("id")), ReplayInput.parse(_given(data)).get("handlers", ())
        count = services.replay_event(actor=actor, event_id=key, handlers=chosen)
        return {"count": count, "event": selectors.event_documents([selectors.find_event(actor, key)])[0]}


class Mutations(graphene.ObjectType):
    """Putting right what failed."""

    dead_letter_retry = DeadLetterRetry.Field()
    dead_letter_discard = DeadLetterDiscard.Field()
    event_replay = EventReplay.Field()
