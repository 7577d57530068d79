"""REST: `/api/v1/posts/`, and the comments on a post."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema

from apps.blog import inputs, selectors, services
from apps.comments.public import CommentInput, CommentOutput, add_comment, comment_document, comments_for
from apps.content.public import PublishInput, UnpublishInput, lists_drafts, may_see_drafts
from apps.index.public import content_list
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.answers import IF_MATCH, LOCALE, PAGING, answer, page_output
from rustok.kernel.edges.rest import Endpoint, Request, found, page_of, page_response, requested_locale
from rustok.kernel.edges.versions import expected_version

__all__ = ["PostCommentsView", "PostPublishView", "PostUnpublishView", "PostView", "PostsView"]

STATUS = OpenApiParameter("status", description="draft or published; drafts only for those who may read them.")
SOURCES = OpenApiParameter("include", description="`translations` answers the sources of every language, to editors.")
PostPageOutput = page_output("PostPage", inputs.PostOutput(many=True))
PostCommentPageOutput = page_output("PostCommentPage", CommentOutput(many=True))


def _answer(request: Request, slug: str, status: int = 200) -> HttpResponse:
    """Answer a post, for an editor who asks for it with its sources."""
    document: dict[str, Any] = found(selectors.get_post(slug, requested_locale(request), actor=request.actor))
    if "translations" in request.GET.get("include", "").split(",") and may_see_drafts(request.actor, "post"):
        document = found(
            selectors.post_for_editor(UUID(document["id"]), requested_locale(request), actor=request.actor)
        )
    return answer(request, document, version=document["version"], locale=document["resolved_locale"], status=status)


def _id(request: Request, slug: str) -> UUID:
    return UUID(str(found(selectors.post_id_of(slug, actor=request.actor))))


class PostsView(Endpoint):
    """All posts."""

    permission = {"GET": PUBLIC, "POST": "posts.create"}

    @extend_schema(
        operation_id="posts_list",
        parameters=[LOCALE, OpenApiParameter("tag", description="Slug of a tag."), STATUS, *PAGING],
        responses=PostPageOutput,
    )
    def get(self, request: Request) -> HttpResponse:
        """List posts, newest first."""
        status = request.GET.get("status")
        if not lists_drafts(request.actor, "post", status):
            return content_list(request, kind="post")
        locale = requested_locale(request)
        page: Any = selectors.list_posts(
            locale, page_of(request), tag=request.GET.get("tag"), actor=request.actor, status=status
        )
        return answer(request, page_response(request, page), locale=locale)

    @extend_schema(request=inputs.PostInput, responses={201: inputs.PostOutput})
    def post(self, request: Request) -> HttpResponse:
        """Write a post."""
        data, now = inputs.PostInput.parse(request.data), timezone.now()
        publish_at = now if data.pop("publish") else None
        post = services.create_post(actor=request.actor, now=now, publish_at=publish_at, **data)
        return _answer(request, str(post.pk), status=201)


class PostView(Endpoint):
    """One post, by slug or id."""

    permission = {"GET": PUBLIC, "PATCH": "posts.update", "DELETE": "posts.delete"}

    @extend_schema(parameters=[LOCALE, SOURCES], responses=inputs.PostOutput)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Answer a post."""
        return _answer(request, slug)

    @extend_schema(parameters=[IF_MATCH], request=inputs.PostUpdateInput, responses=inputs.PostOutput)
    def patch(self, request: Request, slug: str) -> HttpResponse:
        """Change a post."""
        data = inputs.PostUpdateInput.parse(request.data, partial=True)
        post = services.update_post(
            actor=request.actor,
            post_id=_id(request, slug),
            now=timezone.now(),
            expected=expected_version(request),
            **data,
        )
        return _answer(request, str(post.pk))

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, slug: str) -> HttpResponse:
        """Remove a post."""
        services.delete_post(actor=request.actor, post_id=_id(request, slug), expected=expected_version(request))
        return HttpResponse(status=204)


class PostPublishView(Endpoint):
    """Publishing a post."""

    permission = "posts.update"

    @extend_schema(parameters=[IF_MATCH], request=PublishInput, responses=inputs.PostOutput)
    def post(self, request: Request, slug: str) -> HttpResponse:
        """Let visitors read it."""
        data = PublishInput.parse(request.data or {})
        post = services.publish_post(
            actor=request.actor,
            post_id=_id(request, slug),
            now=timezone.now(),
            expected=expected_version(request),
            **data,
        )
        return _answer(request, str(post.pk))


class PostUnpublishView(Endpoint):
    """Taking a post back."""

    permission = "posts.update"

    @extend_schema(parameters=[IF_MATCH], request=UnpublishInput, responses=inputs.PostOutput)
    def post(self, request: Request, slug: str) -> HttpResponse:
        """Hide it from visitors."""
        data = UnpublishInput.parse(request.data or {})
        post = services.unpublish_post(
            actor=request.actor,
            post_id=_id(request, slug),
            now=timezone.now(),
            expected=expected_version(request),
            **data,
        )
        return _answer(request, str(post.pk))


class PostCommentsView(Endpoint):
    """What was said about a post."""

    permission = {"GET": PUBLIC, "POST": "comments.create"}
    needs = ("comments",)

    @extend_schema(operation_id="posts_comments_list", parameters=PAGING, responses=PostCommentPageOutput)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """List the comments on a post, oldest first; one's own that wait are among them."""
        page = comments_for("post", _id(request, slug), page_of(request), actor=request.actor)
        return answer(request, page_response(request, page))

    @extend_schema(request=CommentInput, responses={201: CommentOutput})
    def post(self, request: Request, slug: str) -> HttpResponse:
        """Say something about a post."""
        data = CommentInput.parse(request.data)
        comment = add_comment(actor=request.actor, target_kind="post", target_id=_id(request, slug), body=data["body"])
        return answer(request, comment_document(comment), version=comment.version, status=201)
