"""Reading users and sessions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.utils.translation import gettext

from apps.accounts.models import ApiKey, BrowserSession, RecoveryCode, Session, User, normalize_email
from rustok.kernel.access import Actor, restrict
from rustok.kernel.pages import Page, PageRequest, paginate
from rustok.kernel.tenancy import current_tenant
from rustok.kernel.times import iso

__all__ = [
    "LiveSession", "api_key_document", "find_user", "find_user_by_email", "list_api_keys", "live_sessions",
    "second_factor_document", "shown_device",
    "staff_needs_second_factor", "user_document",
]  # fmt: skip

#: The most that a list of sessions shows.
MAX_SESSIONS = 100


def find_user(user_id: UUID | None) -> User | None:
    """Answer a user by id."""
    return User.objects.because("the caller names the account").filter(pk=user_id).first()


def find_user_by_email(email: str) -> User | None:
    """Answer a user by address."""
    return User.objects.because("the caller names the account").filter(email=normalize_email(email)).first()


def emails_of(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Answer the addresses of users."""
    return dict(
        User.objects.because("the caller names the account").filter(pk__in=set(user_ids)).values_list("pk", "email")
    )


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A login that has not ended: of a browser, or of a program with tokens."""

    id: UUID
    kind: Literal["browser", "api"]
    device: str
    address: str
    started_at: datetime
    used_at: datetime
    is_current: bool

    @property
    def device_name(self) -> str:
        """Answer the device in the reader's language."""
        return shown_device(self.device)


def shown_device(device: str) -> str:
    """Say what is kept as "Firefox on Linux" in the reader's language."""
    browser, on, system = device.rpartition(" on ")
    return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system} if on else device


def live_sessions(user_id: UUID | None, now: datetime, *, current: UUID | None = None) -> list[LiveSession]:
    """List a user's sessions that have not ended, the one that asks first, then the newest; at most 100."""
    api = (
        Session.objects.because("the caller names the account")
        .filter(user=user_id, revoked_at=None, expires_at__gt=now)
        .order_by("-used_at")
    )
    browsers = BrowserSession.objects.filter(user=user_id, expire_date__gt=now).order_by("-used_at")
    found = [
        *(_live("api", row, row.created_at, current) for row in api[:MAX_SESSIONS]),
        *(_live("browser", row, row.started_at, current) for row in browsers[:MAX_SESSIONS]),
    ]
    found.sort(key=lambda one: (one.is_current, one.used_at), reverse=True)
    return found[:MAX_SESSIONS]


def _live(kind: Literal["browser", "api"], row: Any, started_at: datetime, current: UUID | None) -> LiveSession:
    return LiveSession(row.id, kind, row.device, row.address, started_at, row.used_at, row.id == current)


def user_document(user: User) -> dict[str, Any]:
    """Answer the form that the APIs show of a user."""
    return {
        "id": str(user.pk),
        "email": user.email,
        "name": user.name,
        "locale": user.locale or None,
        "email_verified": user.email_verified_at is not None,
        "is_staff": user.is_staff,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }


def second_factor_document(user: User) -> dict[str, Any]:
    """Answer what the APIs show of a user's own second factor."""
    left = RecoveryCode.objects.because("the second step of an account").filter(user=user, used_at=None)
    return {
        "enabled": user.has_second_factor,
        "required": user.is_staff and staff_needs_second_factor(),
        "recovery_codes_left": left.count() if user.has_second_factor else 0,
    }


def staff_needs_second_factor() -> bool:
    """Tell whether this tenant's staff must have a second factor."""
    return current_tenant().staff_second_factor


def list_api_keys(*, actor: Actor, page: PageRequest) -> Page[ApiKey]:
    """List the keys of programs, newest first."""
    rows = ApiKey.objects.select_related("user")
    return paginate(restrict(actor, rows, "users.manage"), ("-created_at", "-id"), page)


def api_key_document(key: ApiKey) -> dict[str, Any]:
    """Answer what the APIs show of a key: never its secret."""
    return {
        "id": str(key.pk),
        "name": key.name,
        "prefix": f"rk_{key.prefix}",
        "user_id": str(key.user_id),
        "user_email": key.user.email,
        "permissions": key.permissions,
        "created_at": iso(key.created_at),
        "expires_at": iso(key.expires_at) if key.expires_at else None,
        "last_used_at": iso(key.last_used_at) if key.last_used_at else None,
        "last_used_from": key.last_used_from,
        "revoked_at": iso(key.revoked_at) if key.revoked_at else None,
    }
