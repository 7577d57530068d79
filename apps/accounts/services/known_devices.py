"""Devices that somebody logged in from before: a signed cookie says which accounts, and nothing else.

It opens nothing. It only keeps a device's own tries apart from those of others (`lockouts`).
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

from apps.accounts.models import User, normalize_email
from rustok.kernel.tenancy import current_tenant

__all__ = ["COOKIE", "LIFETIME", "device_of", "remember_account"]

COOKIE = "__Host-device" if settings.HTTPS else "device"
LIFETIME = timedelta(days=400)
#: Accounts that one device is known for; whoever shares it with more is new again.
ACCOUNTS = 5
_SALT = "accounts.device"


def _mark(email: str) -> str:
    """Answer what stands for an account of this tenant in the cookie, where nobody can read it."""
    return salted_hmac(_SALT, f"{current_tenant().id}:{normalize_email(email)}").hexdigest()[:16]


def _read(seen: str) -> dict[str, Any]:
    try:
        held = signing.loads(seen[:1_000], salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return {}
    return held if isinstance(held, dict) else {}


def device_of(seen: str, email: str) -> str:
    """Answer the device's id if the account logged in from it before; empty if not."""
    held = _read(seen) if seen else {}
    return str(held.get("device", "")) if _mark(email) in held.get("accounts", ()) else ""


def remember_account(user: User, seen: str) -> str:
    """Answer the cookie of a device that the user logged in from; the newest accounts stay in it."""
    held, mark = _read(seen) if seen else {}, _mark(user.email)
    accounts = [mark, *(one for one in held.get("accounts", ()) if one != mark)][:ACCOUNTS]
    return signing.dumps({"device": held.get("device") or secrets.token_hex(8), "accounts": accounts}, salt=_SALT)
