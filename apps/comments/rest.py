"""REST: `/api/v1/comments/`, where moderators work and readers find their own."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema

from apps.comments import inputs, selectors, services
from rustok.kernel.edges.answers import IF_MATCH, PAGING, answer, page_output
from rustok.kernel.edges.rest import Endpoint, Request, found, page_of, page_response
from rustok.kernel.edges.versions import expected_version

__all__ = ["CommentView", "CommentsView"]

CommentPageOutput = page_output("CommentPage", inputs.CommentOutput(many=True))


class CommentsView(Endpoint):
    """All comments that the reader may see in any state."""

    permission = "comments.read"

    @extend_schema(
        operation_id="comments_list",
        parameters=[OpenApiParameter("status", description="pending, approved or spam."), *PAGING],
        responses=CommentPageOutput,
    )
    def get(self, request: Request) -> HttpResponse:
        """List comments, newest first: all for a moderator, one's own for others."""
        page = selectors.comments_to_moderate(
            actor=request.actor, page=page_of(request), status=request.GET.get("status")
        )
        return answer(request, page_response(request, page))


class CommentView(Endpoint):
    """One comment."""

    permission = {"GET": "comments.read", "PATCH": "comments.update", "DELETE": "comments.delete"}

    def _answer(self, request: Request, comment_id: UUID) -> HttpResponse:
        document = found(selectors.find_comment(actor=request.actor, comment_id=comment_id))
        return answer(request, document, version=document["version"])

    @extend_schema(responses=inputs.CommentOutput)
    def get(self, request: Request, comment_id: UUID) -> HttpResponse:
        """Answer a comment."""
        return self._answer(request, comment_id)

    @extend_schema(parameters=[IF_MATCH], request=inputs.CommentUpdateInput, responses=inputs.CommentOutput)
    @transaction.atomic
    def patch(self, request: Request, comment_id: UUID) -> HttpResponse:
        """Change the words of a comment, or let it stand."""
        data, now, expected = inputs.CommentUpdateInput.parse(request.data), timezone.now(), expected_version(request)
        if "body" in data:
            comment = services.edit_comment(
                actor=request.actor, comment_id=comment_id, body=data["body"], now=now, expected=expected
            )
            expected = comment.version
        if "status" in data:
            services.moderate_comment(
                actor=request.actor, comment_id=comment_id, status=data["status"], now=now, expected=expected
            )
        return self._answer(request, comment_id)

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, comment_id: UUID) -> HttpResponse:
        """Remove a comment."""
        services.delete_comment(actor=request.actor, comment_id=comment_id, expected=expected_version(request))
        return HttpResponse(status=204)
