"""Browsers' sessions, with the device they come from."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse

from apps.accounts.services import note_refusal
from apps.accounts.services.known_devices import COOKIE, LIFETIME

__all__ = ["BrowserSessionMiddleware"]


class BrowserSessionMiddleware(SessionMiddleware):
    """Reads the session's cookie, and remembers a device that somebody logged in from."""

    def process_request(self, request: HttpRequest) -> None:
        """Attach the session; a cookie that is not of this tenant is nobody's."""
        super().process_request(request)
        session = request.session
        session.agent = request.META.get("HTTP_USER_AGENT", "")[:500]  # type: ignore[attr-defined]
        session.address = request.META.get("REMOTE_ADDR", "")  # type: ignore[attr-defined]
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and not session.session_key:
            note_refusal("session")

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session, and set the cookie of a known device after a login."""
        response = super().process_response(request, response)
        seen = getattr(request, "device_seen", "")
        if seen:
            response.set_cookie(
                COOKIE, seen, max_age=LIFETIME, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
            )
        return response
