"""Middleware of every request: one `Work`, a bound on the body, problems as problems, and who acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from rustok.kernel.access import Actor, actor_for
from rustok.kernel.context import Work, bind, bind_actor, new_trace_id
from rustok.kernel.edges.problems import problem_response
from rustok.kernel.edges.web import bad_request
from rustok.kernel.errors import DomainError, NotFound, PayloadTooLarge
from rustok.kernel.ids import new_id

Handler = Callable[[HttpRequest], HttpResponse]
#: Methods of requests that change nothing.
SAFE = ("GET", "HEAD", "OPTIONS")
_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")


def _client_address(request: HttpRequest) -> str:
    """Answer where a request comes from; behind a proxy of ours, what that proxy saw: the last address it added."""
    seen: str = request.META.get("REMOTE_ADDR", "")
    if not settings.TRUST_PROXY:
        return seen
    return request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()[:45] or seen


def _edge(path: str) -> str:
    """Name the edge that a path belongs to, for the audit log."""
    if path.startswith("/api/"):
        return "graphql" if path.startswith("/api/graphql") else "rest"
    return "admin" if path.startswith("/admin/") else "storefront"


class WorkMiddleware:
    """Binds the request's trace, refuses what nothing could read, and answers a `DomainError` that no view caught."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve one request as one piece of work."""
        match = _TRACEPARENT.match(request.META.get("HTTP_TRACEPARENT", ""))
        trace_id = match.group(1) if match else new_trace_id()
        correlation_id = UUID(hex=trace_id) if match else new_id()
        request.META["REMOTE_ADDR"] = address = _client_address(request)
        is_write = request.method not in SAFE
        # Django chooses a language later on; what is refused before would speak that of the thread's last reader.
        translation.activate(translation.get_language_from_request(request))
        with bind(Work(trace_id, correlation_id, address=address, via=_edge(request.path), is_write=is_write)):
            response = self._refuse_large(request) or self._refuse_nul(request) or self.get_response(request)
        response["X-Trace-Id"] = trace_id
        return response

    def _refuse_large(self, request: HttpRequest) -> HttpResponse | None:
        multipart = request.META.get("CONTENT_TYPE", "").startswith("multipart/")
        limit = settings.MAX_UPLOAD if multipart else settings.MAX_BODY
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > limit:
            return problem_response(PayloadTooLarge(f"the limit is {limit} bytes"))
        return None

    def _refuse_nul(self, request: HttpRequest) -> HttpResponse | None:
        """Refuse here, once for all pages, what PostgreSQL cannot hold; in a cookie it is written in octal."""
        if "\0" in request.path:
            if request.path.startswith("/api/"):
                return problem_response(NotFound())
            return HttpResponse("Not found\n", status=404, content_type="text/plain")
        filters = request.META.get("QUERY_STRING", "") if request.path.startswith("/admin/") else ""
        return bad_request(request) if "\\000" in request.META.get("HTTP_COOKIE", "") or "%00" in filters else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a domain error of an API view that is not DRF's."""
        if isinstance(error, DomainError) and request.path.startswith("/api/"):
            return problem_response(error)
        return None


class ActorMiddleware:
    """Gives `request.actor`, found out only when somebody asks."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach the actor of the session."""
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _actor(request: HttpRequest) -> Actor:
    actor = actor_for(request.user)
    bind_actor(actor.id, actor.key_id, actor.email)
    return actor
