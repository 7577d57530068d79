"""Versions as entity tags: an update names the version it was made from, and the service compares under its lock.

An entity tag begins with the version of the resource; what may follow after a dot or hyphen (a locale, a digest of an
answer that is put together from more than the resource) does not matter to an update.
"""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from rustok.kernel.edges.rest import not_modified, quoted
from rustok.kernel.errors import PreconditionFailed

__all__ = ["expected_version", "versioned"]

_TAG = re.compile(r'^\s*"(\d{1,9})(?:[.-][\w.-]*)?"\s*$', re.ASCII)


def expected_version(request: HttpRequest | Request) -> int | None:
    """Read the version that `If-Match` asks for; None if the update is to win whatever stands there.

    :raises PreconditionFailed: if the header is not one strong entity tag of ours
    """
    sent = request.META.get("HTTP_IF_MATCH")
    if sent is None or sent.strip() == "*":
        return None
    match = _TAG.match(sent)
    if match is None:
        raise PreconditionFailed("If-Match is not an entity tag of this resource")
    return int(match.group(1))


def versioned(
    request: Request, body: object, version: int, *, status: int = 200, locale: str | None = None
) -> Response | HttpResponse:
    """Answer a resource with its version as entity tag; 304 if the client has it."""
    tag = f"{version}.{locale}" if locale else str(version)
    if request.method in ("GET", "HEAD") and (unchanged := not_modified(request, tag)):
        return unchanged
    response = Response(body, status=status, headers={"ETag": quoted(tag)})
    if locale:
        response["Content-Language"] = locale
        response["Vary"] = "Accept-Language"
    return response
