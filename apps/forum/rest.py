"""REST: `/api/v1/forum/`."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema

from apps.forum import inputs, selectors, services
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.answers import LOCALE, PAGING, answer, page_output
from rustok.kernel.edges.rest import Endpoint, Request, found, page_of, page_response, requested_locale

__all__ = ["BoardView", "BoardsView", "RepliesView", "ReplyView", "TopicView", "TopicsView"]

TopicPageOutput = page_output("TopicPage", inputs.TopicOutput(many=True))
ReplyPageOutput = page_output("ReplyPage", inputs.ReplyOutput(many=True))


class BoardsView(Endpoint):
    """All boards."""

    permission = {"GET": PUBLIC, "POST": "nodes.manage"}

    @extend_schema(
        operation_id="forum_categories_list",
        parameters=[LOCALE],
        responses=page_output("BoardPage", inputs.BoardOutput(many=True)),
    )
    def get(self, request: Request) -> HttpResponse:
        """List the boards in order; there are at most 100."""
        locale = requested_locale(request)
        boards = selectors.categories(locale)
        return answer(request, {"next": None, "previous": None, "results": boards}, locale=locale)

    @extend_schema(request=inputs.BoardInput, responses={201: inputs.BoardOutput})
    def post(self, request: Request) -> HttpResponse:
        """Make a board, or bring the one of that slug up to date."""
        board = services.ensure_category(actor=request.actor, **inputs.BoardInput.parse(request.data))
        return answer(request, selectors.category(board.slug, requested_locale(request)), status=201)


class BoardView(Endpoint):
    """One board, by slug or id."""

    permission = {"GET": PUBLIC, "DELETE": "nodes.manage"}

    @extend_schema(parameters=[LOCALE], responses=inputs.BoardOutput)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Answer a board."""
        document = found(selectors.category(slug, requested_locale(request)))
        return answer(request, document, locale=document["resolved_locale"])

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> HttpResponse:
        """Remove a board that has no topics."""
        document = found(selectors.category(slug, requested_locale(request)))
        services.delete_category(actor=request.actor, category_id=UUID(document["id"]))
        return HttpResponse(status=204)


def _topic(request: Request, topic_id: UUID, status: int = 200) -> HttpResponse:
    document = found(selectors.topic(topic_id, requested_locale(request), actor=request.actor))
    return answer(request, document, version=document["version"], locale=document["resolved_locale"], status=status)


class TopicsView(Endpoint):
    """All topics."""

    permission = {"GET": PUBLIC, "POST": "nodes.create"}

    @extend_schema(
        operation_id="forum_topics_list",
        parameters=[LOCALE, OpenApiParameter("category", description="Slug of a board."), *PAGING],
        responses=TopicPageOutput,
    )
    def get(self, request: Request) -> HttpResponse:
        """List topics: pinned ones first, then by their last activity."""
        locale = requested_locale(request)
        page = selectors.topics(locale, page_of(request), category=request.GET.get("category"), actor=request.actor)
        return answer(request, page_response(request, page), locale=locale)

    @extend_schema(request=inputs.TopicInput, responses={201: inputs.TopicOutput})
    def post(self, request: Request) -> HttpResponse:
        """Open a topic."""
        data = inputs.TopicInput.parse(request.data)
        data.setdefault("locale", requested_locale(request))
        topic = services.add_topic(actor=request.actor, now=timezone.now(), **data)
        return _topic(request, topic.pk, status=201)


class TopicView(Endpoint):
    """One topic."""

    permission = {"GET": PUBLIC, "PATCH": "nodes.manage", "DELETE": "nodes.delete"}

    @extend_schema(parameters=[LOCALE], responses=inputs.TopicOutput)
    def get(self, request: Request, topic_id: UUID) -> HttpResponse:
        """Answer a topic."""
        return _topic(request, topic_id)

    @extend_schema(request=inputs.TopicUpdateInput, responses=inputs.TopicOutput)
    def patch(self, request: Request, topic_id: UUID) -> HttpResponse:
        """Pin, close or move a topic."""
        data = inputs.TopicUpdateInput.parse(request.data)
        services.change_topic(actor=request.actor, topic_id=topic_id, **data)
        return _topic(request, topic_id)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, topic_id: UUID) -> HttpResponse:
        """Remove a topic and what was said in it."""
        services.delete_topic(actor=request.actor, topic_id=topic_id)
        return HttpResponse(status=204)


class RepliesView(Endpoint):
    """What was said in a topic."""

    permission = {"GET": PUBLIC, "POST": "comments.create"}

    @extend_schema(operation_id="forum_replies_list", parameters=PAGING, responses=ReplyPageOutput)
    def get(self, request: Request, topic_id: UUID) -> HttpResponse:
        """List the replies of a topic, oldest first."""
        found(selectors.topic(topic_id, requested_locale(request), actor=request.actor))
        return answer(request, page_response(request, selectors.replies(topic_id, page_of(request))))

    @extend_schema(request=inputs.ReplyInput, responses={201: inputs.ReplyOutput})
    def post(self, request: Request, topic_id: UUID) -> HttpResponse:
        """Answer in a topic."""
        found(selectors.topic(topic_id, requested_locale(request), actor=request.actor))
        body = inputs.ReplyInput.parse(request.data)["body"]
        reply = services.add_reply(actor=request.actor, topic_id=topic_id, body=body, now=timezone.now())
        return answer(request, selectors.reply_document(reply), status=201)


class ReplyView(Endpoint):
    """One reply."""

    permission = "comments.delete"

    @extend_schema(responses={204: None})
    def delete(self, request: Request, topic_id: UUID, reply_id: UUID) -> HttpResponse:
        """Remove a reply."""
        services.delete_reply(actor=request.actor, reply_id=reply_id)
        return HttpResponse(status=204)
