"""Health and metrics answer before any tenant is resolved, and every other request is counted and timed."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.telemetry import views
from apps.telemetry.metrics import counter, histogram

__all__ = ["HealthMiddleware", "RequestMetricsMiddleware"]

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_requests = counter("rustok_http_requests_total", "Requests answered", ["method", "route", "status"])
_seconds = histogram(
    "rustok_http_seconds",
    "From the request's arrival in Python to its answer",
    ["route"],
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)

_PATHS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/health/live": views.live,
    "/health/ready": views.ready,
    "/health/modules": views.modules,
    "/metrics": views.metrics,
}


class HealthMiddleware:
    """For a load balancer and for Prometheus, who have no host name of ours: serves `/health/…` and `/metrics`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a question about the platform itself, or go on."""
        view = _PATHS.get(request.path.rstrip("/"))
        return view(request) if view else self.get_response(request)


class RequestMetricsMiddleware:
    """Counts and times requests by the pattern of their URL; the path itself would make labels without end."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve a request, and note what it took."""
        begun = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = f"/{match.route}" if match else "unmatched"
        method = request.method if request.method in _METHODS else "other"
        _requests.inc(str(method), route, str(response.status_code))
        _seconds.observe(time.perf_counter() - begun, route)
        return response
