"""Secrets that have to be read again are encrypted at rest, with a key of their own per use and owner.

Keys are derived from SECRET_KEY; SECRET_KEY_FALLBACKS still open what they sealed.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from rustok.kernel.errors import Conflict

__all__ = ["Unreadable", "seal", "unseal"]


class Unreadable(Conflict):
    """This was encrypted with a key that this deployment no longer has."""

    code = "unreadable_secret"


def _box(use: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key, use)) for key in keys])


def _derived(key: str, use: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"rustok:{use}".encode())
    return base64.urlsafe_b64encode(derive.derive(key.encode()))


def seal(secret: str, *, use: str) -> str:
    """Encrypt a secret; only the same `use` opens it, so that a row moved to another owner is worth nothing."""
    return _box(use).encrypt(secret.encode()).decode()


def unseal(sealed: str, *, use: str) -> str:
    """Decrypt a secret.

    :raises Unreadable: if no key of this deployment fits
    """
    try:
        return _box(use).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable() from None
