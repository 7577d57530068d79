"""Bearer tokens on REST and GraphQL."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from apps.accounts.models import User
from apps.accounts.services import session_is_live
from apps.accounts.tokens import InvalidToken, read_access
from rustok.kernel.ids import parse_id

__all__ = ["BearerAuthentication", "bearer_user"]


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`."""

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
    """
    scheme, _, raw = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    claims = read_access(raw.strip())
    user = User.objects.filter(pk=parse_id(claims.get("sub", "")), is_active=True).first()
    if user is None or not session_is_live(claims.get("sid", ""), user.pk, timezone.now()):
        raise InvalidToken()
    return user
