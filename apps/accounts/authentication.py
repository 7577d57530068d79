"""Bearer tokens on REST and GraphQL: access tokens of people, API keys of programs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from apps.accounts.models import User
from apps.accounts.services import BadKey, looks_like_key, note_refusal, session_is_live, user_of_key
from apps.accounts.tokens import InvalidToken, read_access
from rustok.kernel.ids import parse_id

__all__ = ["BearerAuthentication", "bearer_user", "session_of"]


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token or API key>`."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        """Answer the token's user; None if no token was sent.

        :raises InvalidToken: if one was sent and is not good here
        """
        user = bearer_user(request._request)
        return (user, "bearer") if user else None

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme."""
        return "Bearer"


def bearer_user(request: HttpRequest) -> User | None:
    """Answer the user of the request's bearer token; None if it has none.

    :raises InvalidToken: if it has one that is not good here
    :raises TooManyAttempts: if this origin guessed too many API keys
    """
    scheme, _, raw = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = raw.strip()
    try:
        return user_of_key(token, timezone.now()) if looks_like_key(token) else _person(token)
    except (InvalidToken, BadKey):
        note_refusal("bearer")
        raise InvalidToken() from None


def _person(token: str) -> User:
    claims = read_access(token)
    user = User.objects.because("whose token it is").filter(pk=parse_id(claims.get("sub", "")), is_active=True).first()
    session = claims.get("sid", "")
    if user is None or not session_is_live(session, user.pk, timezone.now()):
        raise InvalidToken()
    user.session_id, user.via = parse_id(session), "token"  # type: ignore[attr-defined]
    return user


def session_of(request: HttpRequest | Request) -> Any:
    """Answer the id of the session that a request came with: an access token's, or a browser's."""
    found = getattr(request.user, "session_id", None)
    return found or getattr(getattr(request, "session", None), "row_id", None)
