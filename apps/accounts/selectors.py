"""Reading users and sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.models import Session, User, normalize_email

__all__ = ["find_user", "find_user_by_email", "live_sessions", "user_document"]


def find_user(user_id: UUID | None) -> User | None:
    """Answer a user by id."""
    return User.objects.filter(pk=user_id).first()


def find_user_by_email(email: str) -> User | None:
    """Answer a user by address."""
    return User.objects.filter(email=normalize_email(email)).first()


def live_sessions(user_id: UUID | None, now: datetime) -> QuerySet[Session]:
    """List the sessions of a user that have not ended."""
    return Session.objects.filter(user=user_id, revoked_at=None, expires_at__gt=now).order_by("-used_at")


def user_document(user: User) -> dict[str, Any]:
    """Answer the form that the APIs show of a user."""
    return {
        "id": str(user.pk),
        "email": user.email,
        "name": user.name,
        "locale": user.locale or None,
        "is_staff": user.is_staff,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }
