"""REST: `/api/v1/events/` and `/api/v1/events/dead-letters/`, for staff."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.outbox import selectors, services
from apps.outbox.inputs import (
    BulkDiscardInput,
    DiscardInput,
    EventQuery,
    LetterQuery,
    LetterSelection,
    NothingInput,
    ReplayInput,
    event_filter,
    letter_filter,
)
from apps.outbox.outputs import CountOutput, EventOutput, LetterOutput, ReplayOutput, WholeLetterOutput
from rustok.kernel.edges.answers import PAGING, answer, page_output
from rustok.kernel.edges.rest import Endpoint, Request, found, page_of, page_response
from rustok.kernel.inputs import Input
from rustok.kernel.pages import Page, paginate

__all__ = [
    "BulkDiscardView", "BulkRetryView", "DiscardView", "EventView", "EventsView", "LetterView", "LettersView",
    "ReplayView", "RetryView",
]  # fmt: skip


def _asked(request: Request, kind: type[Input]) -> dict[str, Any]:
    """Read the parameters of a query that a filter knows."""
    sent = request.query_params
    given = {
        name: sent.getlist(name) if isinstance(field, serializers.ListField) else sent[name]
        for name, field in kind().fields.items()
        if sent.get(name)
    }
    return kind.parse(given)


class EventsView(Endpoint):
    """What happened."""

    permission = "logs.read"

    @extend_schema(
        operation_id="events_list", parameters=[EventQuery, *PAGING],
        responses=page_output("EventPage", EventOutput(many=True)),
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """List events, newest first, with how they fared with each handler."""
        wanted = event_filter(request.actor, _asked(request, EventQuery))
        page: Page[Any] = paginate(selectors.events(request.actor, wanted), ["-id"], page_of(request))
        written = replace(page, results=selectors.event_documents(page.results))
        return answer(request, page_response(request, written))


class EventView(Endpoint):
    """One event."""

    permission = "logs.read"

    @extend_schema(responses=EventOutput)
    def get(self, request: Request, event_id: UUID) -> HttpResponse:
        """Answer an event, with how it fared with each handler."""
        event = selectors.find_event(request.actor, event_id)
        return answer(request, selectors.event_documents([event])[0])


class ReplayView(Endpoint):
    """An event, again."""

    permission = "logs.manage"

    @extend_schema(request=ReplayInput, responses=ReplayOutput)
    def post(self, request: Request, event_id: UUID) -> Response:
        """Deliver an event again: to all that listen to it today, or to some of them."""
        chosen = ReplayInput.parse(request.data or {}).get("handlers", ())
        count = services.replay_event(actor=request.actor, event_id=event_id, handlers=chosen)
        event = selectors.find_event(request.actor, event_id)
        return Response({"count": count, "event": selectors.event_documents([event])[0]})


# --- dead letters -------------------------------------------------------------------------------------------------


class LettersView(Endpoint):
    """What was given up."""

    permission = "logs.read"

    @extend_schema(
        operation_id="dead_letters_list", parameters=[LetterQuery, *PAGING],
        responses=page_output("DeadLetterPage", LetterOutput(many=True)),
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """List dead letters, newest first."""
        wanted = letter_filter(request.actor, _asked(request, LetterQuery))
        page: Page[Any] = paginate(services.letters(request.actor, wanted), ["-died_at", "-id"], page_of(request))
        written = replace(page, results=selectors.letter_documents(page.results))
        return answer(request, page_response(request, written))


class LetterView(Endpoint):
    """One dead letter."""

    permission = "logs.read"

    @extend_schema(responses=WholeLetterOutput)
    def get(self, request: Request, letter_id: UUID) -> HttpResponse:
        """Answer a dead letter with traceback, event and what was done with it."""
        return answer(request, _whole(request, letter_id))


def _whole(request: Request, letter_id: UUID) -> dict[str, Any]:
    wanted = services.LetterFilter(ids=[letter_id], states=())
    letter = found(services.letters(request.actor, wanted).first())
    return selectors.letter_documents([letter], whole=True)[0]


class RetryView(Endpoint):
    """Another try."""

    permission = "logs.manage"

    @extend_schema(request=None, responses=WholeLetterOutput)
    def post(self, request: Request, letter_id: UUID) -> Response:
        """Deliver a dead letter again, with its attempts counted from zero."""
        NothingInput.parse(request.data or {})
        services.retry_dead_letter(actor=request.actor, letter_id=letter_id)
        return Response(_whole(request, letter_id))


class DiscardView(Endpoint):
    """No other try."""

    permission = "logs.manage"

    @extend_schema(request=DiscardInput, responses=WholeLetterOutput)
    def post(self, request: Request, letter_id: UUID) -> Response:
        """Give a dead letter up for good, with a reason."""
        reason = DiscardInput.parse(request.data or {})["reason"]
        services.discard_dead_letter(actor=request.actor, letter_id=letter_id, reason=reason)
        return Response(_whole(request, letter_id))


class BulkRetryView(Endpoint):
    """Another try for all that match."""

    permission = "logs.manage"

    @extend_schema(operation_id="dead_letters_retry", request=LetterSelection, responses=CountOutput)
    def post(self, request: Request) -> Response:
        """Deliver all dead letters again that match, the oldest first, 10,000 at most."""
        wanted = letter_filter(request.actor, LetterSelection.parse(request.data or {}))
        count = services.retry_matching(actor=request.actor, wanted=wanted, limit=services.AT_ONCE)
        return Response(_counted(request, wanted, count))


class BulkDiscardView(Endpoint):
    """No other try for all that match."""

    permission = "logs.manage"

    @extend_schema(operation_id="dead_letters_discard", request=BulkDiscardInput, responses=CountOutput)
    def post(self, request: Request) -> Response:
        """Give all dead letters up that match, with a reason; the oldest first, 10,000 at most."""
        data = BulkDiscardInput.parse(request.data or {})
        wanted = letter_filter(request.actor, data)
        count = services.discard_matching(
            actor=request.actor, wanted=wanted, reason=data["reason"], limit=services.AT_ONCE
        )
        return Response(_counted(request, wanted, count))


def _counted(request: Request, wanted: services.LetterFilter, count: int) -> dict[str, int]:
    left = services.letters(request.actor, wanted).count() if count == services.AT_ONCE else 0
    return {"count": count, "left": left}
