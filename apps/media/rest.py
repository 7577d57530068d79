"""REST: `/api/v1/media/`; and the files themselves under `/media/`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from apps.media import files, inputs, selectors, services
from apps.media.models import Asset
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.declared import declared
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.rest import (
    Endpoint,
    Request,
    found,
    not_modified,
    page_of,
    page_response,
    quoted,
    requested_locale,
)
from rustok.kernel.edges.versions import expected_version, versioned
from rustok.kernel.pages import Page, paginate
from rustok.kernel.tenancy import current_tenant

__all__ = ["AssetView", "AssetsView", "serve_file"]

YEAR = 365 * 24 * 3600
LOCALE = OpenApiParameter("locale", description="BCP 47; else Accept-Language, else the shop's default.")
IF_MATCH = OpenApiParameter(
    "If-Match", location=OpenApiParameter.HEADER, description="The entity tag of the version that you change."
)


class RenditionOutput(serializers.Serializer[Any]):
    """A smaller copy."""

    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class AssetOutput(serializers.Serializer[Any]):
    """An image."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    alt = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    srcset = serializers.CharField()
    renditions = RenditionOutput(many=True)
    alts = serializers.DictField(child=serializers.CharField())
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    original_name = serializers.CharField()
    focal_x = serializers.IntegerField()
    focal_y = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class AssetPageOutput(serializers.Serializer[Any]):
    """A page of images."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(required=False)
    results = AssetOutput(many=True)


def _answer(request: Request, asset: Asset, status: int = 200) -> Response | HttpResponse:
    locale = requested_locale(request)
    return versioned(request, selectors.asset_document(asset, locale), asset.version, status=status, locale=locale)


class AssetsView(Endpoint):
    """All images."""

    permission = {"GET": "media.list", "POST": "media.create"}

    def get_parsers(self) -> list[Any]:
        """Read files from multipart bodies."""
        return [MultiPartParser()]

    @extend_schema(
        operation_id="media_list",
        parameters=[
            LOCALE,
            OpenApiParameter("page_size", OpenApiTypes.INT, description="1 to 100; 20 if left out."),
            OpenApiParameter("cursor", description="From `next` or `previous`."),
            OpenApiParameter("include", description="`count` adds how many there are."),
        ],
        responses=AssetPageOutput,
    )
    def get(self, request: Request) -> Response:
        """List images, newest first."""
        page = paginate(selectors.assets(request.actor), ["-id"], page_of(request))
        documents = selectors.asset_documents(page.results, requested_locale(request))
        return page_response(request, Page(documents, page.next, page.previous, page.count))

    @extend_schema(
        parameters=[LOCALE], request={"multipart/form-data": inputs.UploadInput}, responses={201: AssetOutput}
    )
    def post(self, request: Request) -> Response | HttpResponse:
        """Upload a picture; the same picture again answers the one that is there."""
        limit(request._request, "upload")
        data = inputs.UploadInput.parse({**request.POST.dict(), **request.FILES.dict()})
        locale = data.get("locale", current_tenant().default_locale)
        asset_id = services.store_image(
            actor=request.actor,
            content=data["file"],
            filename=data["file"].name,
            alt={locale: data["alt"]} if data.get("alt") else None,
        )
        return _answer(request, Asset.objects.get(pk=asset_id), status=201)


class AssetView(Endpoint):
    """One image."""

    permission = {"GET": "media.read", "PATCH": "media.update", "DELETE": "media.delete"}

    @extend_schema(parameters=[LOCALE], responses=AssetOutput)
    def get(self, request: Request, asset_id: UUID) -> Response | HttpResponse:
        """Answer an image with its renditions."""
        return _answer(request, found(selectors.find_asset(request.actor, asset_id)))

    @extend_schema(parameters=[LOCALE, IF_MATCH], request=inputs.AssetInput, responses=AssetOutput)
    def patch(self, request: Request, asset_id: UUID) -> Response | HttpResponse:
        """Change alternative texts or the focal point."""
        asset = services.update_asset(
            actor=request.actor,
            asset_id=asset_id,
            expected_version=expected_version(request),
            **inputs.AssetInput.parse(request.data, partial=True),
        )
        return _answer(request, asset)

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, asset_id: UUID) -> Response:
        """Throw an image away that nothing shows."""
        services.delete_asset(actor=request.actor, asset_id=asset_id, expected_version=expected_version(request))
        return Response(status=204)


@declared(PUBLIC)
@require_safe
def serve_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer a file of this tenant; its bytes never change, so it may be kept for ever."""
    located = files.locate(name)
    if located is None:
        raise Http404
    path, content_type = located
    tag = path.stem
    response: HttpResponseBase = not_modified(request, tag) or FileResponse(
        path.open("rb"), content_type=content_type, headers={"ETag": quoted(tag)}
    )
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
