"""Puts every request into its tenant's schema, or answers 404 with nothing to learn from it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from apps.tenant.models import Tenant
from apps.tenant.resolver import resolve_host, resolve_slug
from rustok.kernel.edges.problems import problem_response
from rustok.kernel.errors import NotFound
from rustok.kernel.tenancy import use_tenant

__all__ = ["TenantMiddleware"]


class TenantMiddleware:
    """Resolves the tenant by host and, for API calls when enabled, by the `X-Tenant` header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request inside the tenant."""
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        tenant = self._resolve(request)
        if tenant is None:
            return _nothing_here(request)
        request.tenant = tenant  # type: ignore[attr-defined]
        with use_tenant(tenant):
            return self.get_response(request)

    def _resolve(self, request: HttpRequest) -> Tenant | None:
        tenant = resolve_host(request.META.get("HTTP_HOST", ""))
        header = request.META.get("HTTP_X_TENANT")
        if header and tenant and tenant.is_platform and settings.TENANT_HEADER_ENABLED:
            return resolve_slug(header) if request.path.startswith("/api/") else tenant
        return tenant


def _nothing_here(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_response(NotFound())
    return HttpResponse("Not found\n", status=404, content_type="text/plain")
