"""REST: `/api/v1/pages/`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema

from apps.content.public import PublishInput, UnpublishInput, may_see_drafts
from apps.pages import inputs, selectors, services
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.answers import IF_MATCH, LOCALE, PAGING, answer, page_output
from rustok.kernel.edges.rest import Endpoint, Request, found, page_of, page_response, requested_locale
from rustok.kernel.edges.versions import expected_version

__all__ = ["PagePublishView", "PageUnpublishView", "PageView", "PagesView"]

STATUS = OpenApiParameter("status", description="draft or published; drafts only for those who may read them.")
SOURCES = OpenApiParameter("include", description="`translations` answers the sources of every language, to editors.")
PagePageOutput = page_output("PagePage", inputs.PageOutput(many=True))


def _answer(request: Request, page_id: UUID, status: int = 200) -> HttpResponse:
    """Answer a page with its blocks, or for an editor who asks for it with its sources."""
    locale = requested_locale(request)
    page = found(selectors.find_page(str(page_id)))
    sources = "translations" in request.GET.get("include", "").split(",") and may_see_drafts(request.actor, "page")
    document: dict[str, Any] = found(
        selectors.page_for_editor(page, locale, actor=request.actor)
        if sources
        else selectors.page_by_path(page.path, locale, actor=request.actor)
    )
    return answer(request, document, version=document["version"], locale=document["resolved_locale"], status=status)


def _id(path: str) -> UUID:
    return UUID(str(found(selectors.find_page(path)).pk))


class PagesView(Endpoint):
    """All pages."""

    permission = {"GET": PUBLIC, "POST": "pages.create"}

    @extend_schema(operation_id="pages_list", parameters=[LOCALE, STATUS, *PAGING], responses=PagePageOutput)
    def get(self, request: Request) -> HttpResponse:
        """List pages without their blocks, newest first."""
        locale = requested_locale(request)
        page = selectors.list_pages(locale, page_of(request), actor=request.actor, status=request.GET.get("status"))
        return answer(request, page_response(request, page), locale=locale)

    @extend_schema(request=inputs.PageInput, responses={201: inputs.PageOutput})
    def post(self, request: Request) -> HttpResponse:
        """Make a page."""
        data, now = inputs.PageInput.parse(request.data), timezone.now()
        publish_at = now if data.pop("publish") else None
        page = services.create_page(actor=request.actor, now=now, publish_at=publish_at, **data)
        return _answer(request, page.pk, status=201)


class PageView(Endpoint):
    """One page, by path or id."""

    permission = {"GET": PUBLIC, "PATCH": "pages.update", "DELETE": "pages.delete"}

    @extend_schema(parameters=[LOCALE, SOURCES], responses=inputs.PageOutput)
    def get(self, request: Request, path: str) -> HttpResponse:
        """Answer a page with its blocks."""
        return _answer(request, _id(path))

    @extend_schema(parameters=[IF_MATCH], request=inputs.PageUpdateInput, responses=inputs.PageOutput)
    def patch(self, request: Request, path: str) -> HttpResponse:
        """Change a page."""
        data = inputs.PageUpdateInput.parse(request.data, partial=True)
        page = services.update_page(
            actor=request.actor, page_id=_id(path), now=timezone.now(), expected=expected_version(request), **data
        )
        return _answer(request, page.pk)

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, path: str) -> HttpResponse:
        """Remove a page."""
        services.delete_page(actor=request.actor, page_id=_id(path), expected=expected_version(request))
        return HttpResponse(status=204)


class PagePublishView(Endpoint):
    """Publishing a page."""

    permission = "pages.update"

    @extend_schema(parameters=[IF_MATCH], request=PublishInput, responses=inputs.PageOutput)
    def post(self, request: Request, path: str) -> HttpResponse:
        """Let visitors see it."""
        data = PublishInput.parse(request.data or {})
        page = services.publish_page(
            actor=request.actor, page_id=_id(path), now=timezone.now(), expected=expected_version(request), **data
        )
        return _answer(request, page.pk)


class PageUnpublishView(Endpoint):
    """Taking a page back."""

    permission = "pages.update"

    @extend_schema(parameters=[IF_MATCH], request=UnpublishInput, responses=inputs.PageOutput)
    def post(self, request: Request, path: str) -> HttpResponse:
        """Hide it from visitors."""
        data = UnpublishInput.parse(request.data or {})
        page = services.unpublish_page(
            actor=request.actor, page_id=_id(path), now=timezone.now(), expected=expected_version(request), **data
        )
        return _answer(request, page.pk)
