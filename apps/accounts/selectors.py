"""Reading users and sessions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from apps.accounts.models import BrowserSession, Session, User, normalize_email
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "LiveSession", "find_user", "find_user_by_email", "live_sessions", "staff_needs_second_factor", "user_document",
]  # fmt: skip

#: The most that a list of sessions shows.
MAX_SESSIONS = 100


def find_user(user_id: UUID | None) -> User | None:
    """Answer a user by id."""
    return User.objects.filter(pk=user_id).first()


def find_user_by_email(email: str) -> User | None:
    """Answer a user by address."""
    return User.objects.filter(email=normalize_email(email)).first()


def emails_of(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Answer the addresses of users."""
    return dict(User.objects.filter(pk__in=set(user_ids)).values_list("pk", "email"))


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


def live_sessions(user_id: UUID | None, now: datetime, *, current: UUID | None = None) -> list[LiveSession]:
    """List a user's sessions that have not ended, the one that asks first, then the newest; at most 100."""
    api = Session.objects.filter(user=user_id, revoked_at=None, expires_at__gt=now).order_by("-used_at")
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


def staff_needs_second_factor() -> bool:
    """Tell whether this tenant's staff must have a second factor."""
    return current_tenant().staff_second_factor
