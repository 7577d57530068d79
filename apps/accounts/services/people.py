"""Accounts: making, changing, and their passwords."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.accounts.events import UserPasswordChanged, UserRegistered
from apps.accounts.models import User, normalize_email
from apps.accounts.services.sessions import end_all
from rustok.kernel.access import Actor, authorize, known_id
from rustok.kernel.errors import Conflict, FieldError, Forbidden, Invalid
from rustok.kernel.events import publish

__all__ = [
    "EmailTaken", "LockedOut", "WeakPassword", "WrongPassword", "change_password", "create_user", "register_user",
    "set_password", "update_user",
]  # fmt: skip


class EmailTaken(Conflict):
    """There is an account with this e-mail address."""

    code = "email_taken"


class LockedOut(Conflict):
    """Nobody can take their own access away; ask somebody else to do it."""

    code = "locked_out"


class WeakPassword(Invalid):
    """The password is too easy to guess."""

    code = "weak_password"


class WrongPassword(Forbidden):
    """The current password is wrong."""

    code = "wrong_password"


def register_user(*, email: str, password: str, name: str = "", locale: str = "") -> User:
    """Make an account for whoever asks.

    :raises EmailTaken: if the address has one
    :raises WeakPassword: if the password is easy to guess
    """
    return _make_user(email, password, name, locale, is_staff=False)


def create_user(
    *, actor: Actor, email: str, password: str, name: str = "", locale: str = "", is_staff: bool = False
) -> User:
    """Make an account for somebody else.

    :raises EmailTaken: if the address has one
    :raises WeakPassword: if the password is easy to guess
    """
    authorize(actor, "users.create")
    return _make_user(email, password, name, locale, is_staff=is_staff)


@transaction.atomic
def update_user(
    *,
    actor: Actor,
    user_id: UUID,
    now: datetime,
    email: str,
    name: str = "",
    locale: str = "",
    is_staff: bool = False,
    is_active: bool = True,
) -> User:
    """Change somebody's account; switching it off ends every session.

    :raises LockedOut: if the actor would shut itself out
    :raises EmailTaken: if another account has the address
    """
    user = User.objects.select_for_update().get(pk=user_id)
    authorize(actor, "users.update", user)
    for field, stays in (("is_active", is_active), ("is_staff", is_staff or not user.is_staff)):
        if user.pk == actor.id and not stays:
            raise LockedOut(field=field)
    user.email, user.name, user.locale = normalize_email(email), name.strip(), locale
    user.is_staff, user.is_active = is_staff, is_active
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise EmailTaken(field="email") from None
    if not is_active:
        end_all(user, now)
    return user


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
    _check_strength(new, user)
    user.set_password(new)
    user.save(update_fields=["password", "updated_at"])
    end_all(user, now)
    publish(UserPasswordChanged(user_id=user.pk), aggregate=user)
    return user


def _make_user(email: str, password: str, name: str, locale: str, *, is_staff: bool) -> User:
    user = User(email=normalize_email(email), name=name.strip(), locale=locale, is_staff=is_staff)
    _check_strength(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            publish(UserRegistered(user_id=user.pk), aggregate=user)
    except IntegrityError:
        raise EmailTaken(field="email") from None
    return user


def _check_strength(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        problems = tuple(FieldError("password", e.code or "weak_password", e.messages[0]) for e in error.error_list)
        raise WeakPassword(" ".join(error.messages), errors=problems) from None
