"""Tokens of one tenant: signed with its id as claim and audience, refused everywhere else.

Keys are a set. The newest signs, and is named in the header (`kid`); the others verify until they are taken out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from rustok.kernel.errors import Unauthenticated
from rustok.kernel.tenancy import current_tenant

__all__ = ["InvalidToken", "Key", "issue_access", "issue_refresh", "read_access", "read_refresh", "signing_keys"]

ALGORITHM = "HS256"


class InvalidToken(Unauthenticated):
    """This token is not valid here, or no longer."""

    code = "invalid_token"


# --- keys ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key and its public name."""

    kid: str
    secret: bytes


def signing_keys() -> tuple[Key, ...]:
    """Answer the keys, the one that signs first."""
    return _derived(tuple(settings.JWT_KEYS or [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]))


@lru_cache(maxsize=8)
def _derived(secrets: tuple[str, ...]) -> tuple[Key, ...]:
    return tuple(Key(_expand(one, "kid", 6).hex(), _expand(one, "key", 32)) for one in secrets)


def _expand(secret: str, use: str, length: int) -> bytes:
    """Derive a value for one use (HKDF, RFC 5869), from which nobody learns the secret or another value."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=f"rustok:jwt:{use}".encode()).derive(secret.encode())


class KeySet(TokenBackend):
    """Signs with the newest key, verifies with the one that a token names."""

    def encode(self, payload: dict[str, Any]) -> str:
        """Sign."""
        key = signing_keys()[0]
        return jwt.encode(payload | {"iss": self.issuer}, key.secret, algorithm=ALGORITHM, headers={"kid": key.kid})

    def get_verifying_key(self, token: Any) -> bytes:
        """Find the key that a token names.

        :raises TokenBackendError: if there is none of that name, or it names none
        """
        try:
            kid = jwt.get_unverified_header(token).get("kid")
        except jwt.InvalidTokenError:
            raise TokenBackendError("no header") from None
        for key in signing_keys():
            if key.kid == kid:
                return key.secret
        raise TokenBackendError("unknown key")


_keys = KeySet(ALGORITHM, issuer=api_settings.ISSUER)


class Access(AccessToken):
    """A short-lived token."""

    def get_token_backend(self) -> TokenBackend:
        """Sign and verify with the set of keys."""
        return _keys


class Refresh(RefreshToken):
    """A token that is exchanged for new ones."""

    def get_token_backend(self) -> TokenBackend:
        """Sign and verify with the set of keys."""
        return _keys


# --- tokens -------------------------------------------------------------------------------------------------------


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
    return str(_bound(Access(), user_id, session_id))


def issue_refresh(user_id: UUID, session_id: UUID, token_id: UUID) -> str:
    """Sign a refresh token of this tenant; `token_id` is the one that its session knows."""
    token = _bound(Refresh(), user_id, session_id)
    token["jti"] = str(token_id)
    return str(token)


def read_access(raw: str) -> dict[str, Any]:
    """Verify an access token.

    :raises InvalidToken: if it is broken, too old, or another tenant's
    """
    return _read(Access, raw)


def read_refresh(raw: str) -> dict[str, Any]:
    """Verify a refresh token.

    :raises InvalidToken: if it is broken, too old, or another tenant's
    """
    return _read(Refresh, raw)


def _read(kind: type[Token], raw: str) -> dict[str, Any]:
    try:
        token = kind(raw)  # type: ignore[arg-type]
    except TokenError:
        raise InvalidToken() from None
    if token.get("tenant") != str(current_tenant().id) or token.get("aud") != _audience():
        raise InvalidToken()
    return dict(token.payload)
