"""Puts every request into its tenant's schema, or answers 404 with nothing to learn from it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from apps.tenant.resolver import Snapshot, TenantLookupBusy, host_of, resolve_host, resolve_slug
from rustok.kernel.edges.problems import problem_response
from rustok.kernel.errors import NotFound
from rustok.kernel.tenancy import use_tenant

__all__ = ["TenantMiddleware"]

#: Paths that answer on every domain: clients that follow no redirect, files, proofs that a domain is the tenant's, and
#: the admin, from which a primary domain that leads nowhere is put right.
EVERYWHERE = ("/api/", "/admin/", "/static/", "/media/", "/health/", "/metrics", "/.well-known/")
#: Seconds that a browser may remember where the primary domain is; it can be changed.
REDIRECT_LIFE = 300


class TenantMiddleware:
    """Resolves the tenant by host and, for API calls when enabled, by the `X-Tenant` header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request inside the tenant."""
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        try:
            tenant = self._resolve(request)
        except TenantLookupBusy as busy:
            return _busy(request, busy)
        if tenant is None:
            return _nothing_here(request)
        if elsewhere := _primary_url(request, tenant):
            return _redirect(elsewhere)
        request.tenant = tenant  # type: ignore[attr-defined]
        with use_tenant(tenant):
            return self.get_response(request)

    def _resolve(self, request: HttpRequest) -> Snapshot | None:
        tenant = resolve_host(request.META.get("HTTP_HOST", ""))
        header = request.META.get("HTTP_X_TENANT")
        if header and tenant and tenant.is_platform and settings.TENANT_HEADER_ENABLED:
            return resolve_slug(header) if request.path.startswith("/api/") else tenant
        return tenant


def _primary_url(request: HttpRequest, tenant: Snapshot) -> str:
    """Answer where a page is that was asked for on another domain of the tenant; empty if it is right here.

    The host is the tenant's own from the database and the port is kept on plain http alone, where one develops, so
    that nothing of the request can lead anywhere else. The platform's addresses are how its machines are reached.
    """
    if not tenant.primary_host or tenant.is_platform or request.method not in ("GET", "HEAD"):
        return ""
    raw = request.META.get("HTTP_HOST", "")
    if host_of(raw) == tenant.primary_host or request.path.startswith(EVERYWHERE) or "HTTP_HX_REQUEST" in request.META:
        return ""
    scheme = "https" if settings.HTTPS else request.scheme
    port = raw.rstrip().partition(":")[2] if scheme == "http" else ""
    # A path that begins with two slashes stays behind the host, and Django quotes what is no part of a path.
    return f"{scheme}://{tenant.primary_host}{port and ':'}{port}{request.get_full_path(force_append_slash=False)}"


def _redirect(url: str) -> HttpResponse:
    return HttpResponsePermanentRedirect(url, headers={"Cache-Control": f"max-age={REDIRECT_LIFE}"})


def _nothing_here(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_response(NotFound())
    return HttpResponse("Not found\n", status=404, content_type="text/plain")


def _busy(request: HttpRequest, busy: TenantLookupBusy) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_response(busy)
    retry = {"Retry-After": str(busy.retry_after)}
    return HttpResponse("Please try again\n", status=503, content_type="text/plain", headers=retry)
