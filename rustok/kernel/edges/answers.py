"""Answers that carry a digest of themselves: an unchanged one costs the client nothing to read again."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from rustok.kernel.edges.rest import json_text, not_modified

__all__ = ["answer"]


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
