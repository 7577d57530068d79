"""Passwords: how strong, and how they change."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.events import UserPasswordChanged
from apps.accounts.models import User
from apps.accounts.services.sessions import end_all
from rustok.kernel.access import Actor, authorize, known_id
from rustok.kernel.errors import FieldError, Forbidden, Invalid
from rustok.kernel.events import publish

__all__ = ["WeakPassword", "WrongPassword", "change_password", "check_strength", "set_password"]


class WeakPassword(Invalid):
    """The password is too easy to guess."""

    code = "weak_password"


class WrongPassword(Forbidden):
    """The current password is wrong."""

    code = "wrong_password"


@transaction.atomic
def set_password(*, actor: Actor, user_id: UUID, new: str, now: datetime) -> User:
    """Give somebody else a new password and end every session of theirs.

    :raises WeakPassword: if it is easy to guess
    """
    user = User.objects.select_for_update().get(pk=user_id)
    authorize(actor, "users.update", user)
    return _set_password(user, new, now)


@transaction.atomic
def change_password(*, actor: Actor, current: str, new: str, now: datetime) -> User:
    """Give the actor a new password and end every API session.

    :raises WrongPassword: if the current one is wrong
    :raises WeakPassword: if the new one is easy to guess
    """
    user = User.objects.select_for_update().get(pk=known_id(actor))
    if not check_password(current, user.password):
        raise WrongPassword(field="current_password")
    return _set_password(user, new, now)


def _set_password(user: User, new: str, now: datetime) -> User:
    check_strength(new, user)
    user.set_password(new)
    user.save(update_fields=["password", "updated_at"])
    end_all(user, now)
    publish(UserPasswordChanged(user_id=user.pk), aggregate=user)
    return user


def check_strength(password: str, user: User) -> None:
    """Refuse a password that is easy to guess.

    :raises WeakPassword: if it is short, common, all digits, or like the user's name
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        problems = tuple(FieldError("password", e.code or "weak_password", e.messages[0]) for e in error.error_list)
        raise WeakPassword(" ".join(error.messages), errors=problems) from None
