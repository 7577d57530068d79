"""Accounts: making and changing them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.events import UserRegistered
from apps.accounts.models import User, normalize_email
from apps.accounts.services.passwords import check_strength
from apps.accounts.services.sessions import end_all
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict
from rustok.kernel.events import publish

__all__ = ["EmailTaken", "LockedOut", "create_user", "register_user", "update_user"]


class EmailTaken(Conflict):
    """There is an account with this e-mail address."""

    code = "email_taken"


class LockedOut(Conflict):
    """Nobody can take their own access away; ask somebody else to do it."""

    code = "locked_out"


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


def _make_user(email: str, password: str, name: str, locale: str, *, is_staff: bool) -> User:
    user = User(email=normalize_email(email), name=name.strip(), locale=locale, is_staff=is_staff)
    check_strength(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            publish(UserRegistered(user_id=user.pk), aggregate=user)
    except IntegrityError:
        raise EmailTaken(field="email") from None
    return user
