"""Tokens of one tenant: signed with its id as claim and audience, refused everywhere else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from rustok.kernel.errors import Unauthenticated
from rustok.kernel.tenancy import current_tenant

__all__ = ["InvalidToken", "issue_access", "issue_refresh", "read_access", "read_refresh"]


class InvalidToken(Unauthenticated):
    """This token is not valid here, or no longer."""

    code = "invalid_token"


def _audience() -> str:
    return f"rustok:{current_tenant().id}"


def _bound(token: Token, user_id: UUID, session_id: UUID) -> Token:
    token[api_settings.USER_ID_CLAIM] = str(user_id)
    token["tenant"] = str(current_tenant().id)
    token["aud"] = _audience()
    token["sid"] = str(session_id)
    return token


def issue_access(user_id: UUID, session_id: UUID) -> str:
    """Sign an access token of this tenant."""
    return str(_bound(AccessToken(), user_id, session_id))


def issue_refresh(user_id: UUID, session_id: UUID, token_id: UUID) -> str:
    """Sign a refresh token of this tenant; `token_id` is the one that its session knows."""
    token = _bound(RefreshToken(), user_id, session_id)
    token["jti"] = str(token_id)
    return str(token)


def read_access(raw: str) -> dict[str, Any]:
    """Verify an access token.

    :raises InvalidToken: if it is broken, too old, or another tenant's
    """
    return _read(AccessToken, raw)


def read_refresh(raw: str) -> dict[str, Any]:
    """Verify a refresh token.

    :raises InvalidToken: if it is broken, too old, or another tenant's
    """
    return _read(RefreshToken, raw)


def _read(kind: type[Token], raw: str) -> dict[str, Any]:
    try:
        token = kind(raw)  # type: ignore[arg-type]
    except TokenError:
        raise InvalidToken() from None
    if token.get("tenant") != str(current_tenant().id) or token.get("aud") != _audience():
        raise InvalidToken()
    return dict(token.payload)
