"""What a browser may do with our answers: a content security policy for each edge, and which origins may call the API.

The storefront runs no inline script and no inline style. The admin's components compile expressions in the browser
(Alpine) and set styles, so it may evaluate and style, and still loads nothing from elsewhere. Answers of the API are
data: nothing in them may run, and nobody may frame them.
"""

from __future__ import annotations

from typing import Any

from corsheaders.signals import check_request_enabled
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.http import HttpRequest

from rustok.kernel.tenancy import NoTenant, current_tenant

__all__ = ["ADMIN", "CONSOLE", "STOREFRONT", "HeadersMiddleware"]

_COMMON: dict[str, list[Any]] = {
    "default-src": [NONE],
    "base-uri": [NONE],
    "connect-src": [SELF],
    "font-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "img-src": [SELF, "data:"],
    "manifest-src": [SELF],
    "media-src": [SELF],
    "script-src": [SELF],
    "style-src": [SELF],
}
STOREFRONT = _COMMON
ADMIN: dict[str, list[Any]] = _COMMON | {
    "img-src": [SELF, "data:", "blob:"],
    "script-src": [SELF, NONCE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}
#: Swagger UI and GraphiQL, which bring styles of their own; GraphiQL's stylesheet has its fonts in itself.
CONSOLE: dict[str, list[Any]] = _COMMON | {
    "font-src": [SELF, "data:"],
    "style-src": [SELF, UNSAFE_INLINE],
    "worker-src": [SELF, "blob:"],
}
DATA = "default-src 'none'; frame-ancestors 'none'"

PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(self), usb=()"


class HeadersMiddleware(CSPMiddleware):
    """Adds the policy of the edge that answers."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Choose the policy by what is answered and where."""
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if not is_page:
            response.headers.setdefault("Content-Security-Policy", DATA)
        elif not hasattr(response, "_csp_config"):
            response._csp_config = _policy_of(request.path)
        return super().process_response(request, response) if is_page else response


def _policy_of(path: str) -> dict[str, list[Any]]:
    if path.startswith("/admin/"):
        return ADMIN
    return CONSOLE if path.startswith("/api/") else STOREFRONT


def _may_call(sender: Any, request: HttpRequest, **kwargs: Any) -> bool:
    """Tell django-cors-headers whether the tenant lets this origin's scripts call its API; its pages are for nobody."""
    try:
        return request.path.startswith("/api/") and request.headers.get("Origin", "") in current_tenant().cors_origins
    except NoTenant:
        return False


check_request_enabled.connect(_may_call, dispatch_uid="rustok.cors")
