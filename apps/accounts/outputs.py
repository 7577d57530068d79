"""What a login answers, over REST and GraphQL alike."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from apps.accounts import selectors, services
from apps.accounts.services.known_devices import COOKIE, remember_account

__all__ = ["seen_from", "write_login", "write_tokens"]


def write_tokens(tokens: services.Tokens) -> dict[str, Any]:
    """Answer what a login gives."""
    return {"access": tokens.access, "refresh": tokens.refresh, "user": selectors.user_document(tokens.user)}


def write_login(request: HttpRequest, done: services.Tokens | services.Ticket) -> dict[str, Any]:
    """Answer what a login gives, or that a code is asked for; the device of a whole one is remembered."""
    if isinstance(done, services.Ticket):
        return {"second_factor": "required", "ticket": done.ticket}
    request.device_seen = remember_account(done.user, seen_from(request))  # type: ignore[attr-defined]
    return write_tokens(done)


def seen_from(request: HttpRequest) -> str:
    """Answer the cookie of a device that somebody logged in from before."""
    return request.COOKIES.get(COOKIE, "")
