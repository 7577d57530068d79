"""Health and metrics answer before any tenant is resolved: a load balancer has no host name of ours."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.telemetry import views

__all__ = ["HealthMiddleware"]

_PATHS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/health/live": views.live,
    "/health/ready": views.ready,
    "/health/modules": views.modules,
    "/metrics": views.metrics,
}


class HealthMiddleware:
    """Serves `/health/…` and `/metrics`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a question about the platform itself, or go on."""
        view = _PATHS.get(request.path.rstrip("/"))
        return view(request) if view else self.get_response(request)
