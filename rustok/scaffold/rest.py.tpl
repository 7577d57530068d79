"""REST: `/api/v1/$path/`."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.$module import inputs, selectors, services
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.rest import Endpoint, Request, page_of, page_response
from rustok.kernel.pages import paginate

__all__ = ["${Model}sView"]


class ${Model}Output(serializers.Serializer):
    """A $word."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    position = serializers.IntegerField()


class ${Model}sView(Endpoint):
    """All of them."""

    permission = {"GET": PUBLIC, "POST": "$resource.create"}

    @extend_schema(operation_id="${module}_list", responses=${Model}Output(many=True))
    def get(self, request: Request) -> Response:
        """List, a page at a time."""
        page = paginate(selectors.${word}s(), ("position", "id"), page_of(request))
        return page_response(request, page, selectors.${word}_document)

    @extend_schema(operation_id="${module}_create", request=inputs.${Model}Input, responses={201: ${Model}Output})
    def post(self, request: Request) -> Response:
        """Create one."""
        row = services.create_$word(actor=request.actor, **inputs.${Model}Input.parse(request.data))
        return Response(selectors.${word}_document(row), status=201)
