"""Answers that carry a digest of themselves: an unchanged one costs the client nothing to read again."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rustok.kernel.edges.rest import json_text, not_modified

__all__ = ["IF_MATCH", "LOCALE", "PAGING", "answer", "page_output"]

LOCALE = OpenApiParameter("locale", description="BCP 47; else Accept-Language, else the shop's default.")
PAGING = [
    OpenApiParameter("page_size", OpenApiTypes.INT, description="1 to 100; 20 if left out."),
    OpenApiParameter("cursor", description="From `next` or `previous`."),
    OpenApiParameter("include", description="`count` adds how many there are."),
]
IF_MATCH = OpenApiParameter(
    "If-Match", location=OpenApiParameter.HEADER, description="The entity tag of the version that you change."
)


def page_output(name: str, item: serializers.BaseSerializer[Any]) -> serializers.Serializer[Any]:
    """Describe a page of a list for OpenAPI; `item` is a serializer with `many=True`."""
    return inline_serializer(name, {
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
        "count": serializers.IntegerField(required=False),
        "results": item,
    })  # fmt: skip


def answer(
    request: HttpRequest | Request, body: Any, *, version: int | None = None, locale: str | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Answer JSON with an entity tag of its version and digest; 304 if the client has it.

    The digest covers what the version does not: images, visibility, the locale that a read fell back to.
    """
    text = orjson.dumps(body.data if isinstance(body, Response) else body, default=str)
    digest = blake2b(text, digest_size=8).hexdigest()
    tag = digest if version is None else f"{version}.{digest}"
    if request.method in ("GET", "HEAD") and (unchanged := not_modified(request, tag)):
        return unchanged
    response = json_text(text, etag=tag, locale=locale)
    response.status_code = status
    return response
