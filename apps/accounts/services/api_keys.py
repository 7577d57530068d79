"""Keys for programs: `rk_<prefix>_<secret><checksum>`, shown once, kept as a hash.

The checksum is CRC-32 of what stands before it, in six characters of base 62: a scanner for leaked secrets finds
`KEY_PATTERN` and can tell a real key from noise without asking anybody.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from apps.accounts.models import ApiKey, User
from apps.accounts.services.lockouts import attempt
from rustok.kernel.access import Actor, authorize, check_permission_name
from rustok.kernel.audit import record
from rustok.kernel.context import current_work
from rustok.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from rustok.kernel.tenancy import current_schema

__all__ = [
    "KEY_PATTERN", "MAX_LIFETIME", "BadKey", "NotForApiKeys", "issue_api_key", "looks_like_key", "only_for_people",
    "revoke_api_key", "user_of_key",
]  # fmt: skip

#: What a key looks like, for scanners.
KEY_PATTERN = r"rk_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}"
MAX_LIFETIME = timedelta(days=366)
#: Keys of one tenant that are not revoked.
MAX_KEYS = 200
#: How much later a use has to be to be written down.
USE_EVERY = timedelta(minutes=1)
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
#: Compared with when there is no such key, so that the answer takes the same time.
_NOBODY = hashlib.sha256(b"nobody has this key").hexdigest()


class BadKey(Unauthenticated):
    """This API key is not valid here, or no longer."""

    code = "invalid_token"


class NotForApiKeys(Forbidden):
    """A program cannot do this; log in as a person."""

    code = "not_for_api_keys"


class BadLifetime(Invalid):
    """A key ends within a year from now, or never if you say so."""

    code = "invalid_expiry"


class BadKeyPermission(Invalid):
    """This is not a permission that a key can have."""

    code = "invalid_permission"


class TooManyKeys(Conflict):
    """There are too many API keys; revoke some first."""

    code = "too_many_api_keys"


def only_for_people() -> None:
    """Refuse what a program with an API key must never do: log in, and change who can.

    :raises NotForApiKeys: if the current work came with a key
    """
    if current_work().key_id is not None:
        raise NotForApiKeys()


def looks_like_key(token: str) -> bool:
    """Tell an API key from an access token."""
    return token.startswith("rk_")


def _base62(number: int, width: int) -> str:
    found = ""
    while number:
        number, rest = divmod(number, 62)
        found = _DIGITS[rest] + found
    return found.rjust(width, "0")


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), 6)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _new_key() -> tuple[str, str]:
    """Make a prefix and a key with 32 random bytes in it."""
    prefix = "".join(secrets.choice(_DIGITS) for _position in range(8))
    body = f"rk_{prefix}_{_base62(int.from_bytes(secrets.token_bytes(32)), 43)}"
    return prefix, body + _checksum(body)


@transaction.atomic
def issue_api_key(
    *,
    actor: Actor,
    user_id: UUID,
    name: str,
    permissions: Iterable[str],
    expires_at: datetime | None,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Make a key that acts as a user; answer it with its text, which nobody can read again.

    Whether the actor may hand these permissions on is for the roles to say (`apps.rbac`).

    :raises NotForApiKeys: if a program asks
    :raises BadLifetime: if it would end in the past, or later than in a year
    :raises BadKeyPermission: if one does not exist, or there is none
    :raises TooManyKeys: if the tenant has `MAX_KEYS`
    """
    only_for_people()
    authorize(actor, "users.manage")
    if expires_at is not None and not now < expires_at <= now + MAX_LIFETIME:
        raise BadLifetime(field="expires_at")
    if ApiKey.objects.because("keys by their secret or owner").filter(revoked_at=None).count() >= MAX_KEYS:
        raise TooManyKeys(f"more than {MAX_KEYS}")
    user = User.objects.because("keys by their secret or owner").filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotFound()
    prefix, key = _new_key()
    row = ApiKey.objects.create(
        user=user, name=name.strip(), prefix=prefix, digest=_digest(key), permissions=_clean(permissions),
        expires_at=expires_at, created_by_id=actor.id,
    )  # fmt: skip
    return row, key


def _clean(permissions: Iterable[str]) -> list[str]:
    wanted = sorted(set(permissions))
    for permission in wanted:
        try:
            check_permission_name(permission)
        except ValueError as error:
            raise BadKeyPermission(str(error), field="permissions") from None
    if not wanted or any("." not in permission for permission in wanted):
        raise BadKeyPermission(field="permissions")
    return wanted


def revoke_api_key(*, actor: Actor, key_id: UUID, now: datetime) -> ApiKey:
    """End a key at once; one that was revoked stays so.

    :raises NotFound: if there is none
    """
    only_for_people()
    authorize(actor, "users.manage")
    ApiKey.objects.because("keys by their secret or owner").filter(pk=key_id, revoked_at=None).update(revoked_at=now)
    key = ApiKey.objects.because("keys by their secret or owner").select_related("user").filter(pk=key_id).first()
    if key is None:
        raise NotFound()
    return key


def user_of_key(key: str, now: datetime) -> User:
    """Answer the user that a key acts as, with the key as `user.api_key`.

    What is malformed, unknown, expired, revoked or another tenant's costs the same and looks the same. A good key is
    never made to wait for others' guesses.

    :raises BadKey: if it is not good here
    :raises TooManyAttempts: instead, if too many of this origin were not
    """
    known = re.fullmatch(KEY_PATTERN, key) is not None and key[-6:] == _checksum(key[:-6])
    row = (
        ApiKey.objects.because("keys by their secret or owner")
        .select_related("user")
        .filter(prefix=key[3:11] if known else "")
        .first()
    )
    matches = constant_time_compare(_digest(key[:200]), row.digest if row else _NOBODY)
    if row is None or not matches or not _is_good(row, now):
        with attempt("api_key"):
            raise BadKey()
    _note_use(row, now)
    user: User = row.user
    user.api_key = row  # type: ignore[attr-defined]
    return user


def _is_good(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now) and key.user.is_active


def _program(key: ApiKey) -> Actor:
    return Actor(kind="user", schema=current_schema(), id=key.user_id, email=key.user.email, key_id=key.pk)


def _note_use(key: ApiKey, now: datetime) -> None:
    """Write down that it is used, at most once a minute; on record the first time, and whenever from elsewhere."""
    if key.last_used_at is not None and now - key.last_used_at < USE_EVERY:
        return
    address = current_work().address[:45]
    if key.last_used_at is None or key.last_used_from != address:
        record("api_key.used", actor=_program(key), obj=key, label=str(key))
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_EVERY)
    ApiKey.objects.because("keys by their secret or owner").filter(stale, pk=key.pk).update(
        last_used_at=now, last_used_from=address
    )
