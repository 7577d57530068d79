"""Registering, logging in and out, rotating tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.accounts import tokens
from apps.accounts.events import UserPasswordChanged, UserRegistered
from apps.accounts.models import Session, User, normalize_email
from rustok.kernel.access import Actor, authorize, known_id
from rustok.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Unauthenticated
from rustok.kernel.events import publish
from rustok.kernel.ids import new_id, parse_id

__all__ = [
    "Tokens", "change_password", "create_user", "end_sessions", "log_in", "log_out", "refresh", "register_user",
    "revoke_session", "set_password", "update_user", "verify_credentials",
]  # fmt: skip

REFRESH_LIFETIME: timedelta = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]  # type: ignore[assignment]
#: Compared with when there is no such user, so that the answer takes the same time.
_NOBODY = make_password("nobody has this password")


class EmailTaken(Conflict):
    """There is an account with this e-mail address."""

    code = "email_taken"


class LockedOut(Conflict):
    """Nobody can take their own access away; ask somebody else to do it."""

    code = "locked_out"


class WrongCredentials(Unauthenticated):
    """The e-mail address or the password is wrong."""

    code = "wrong_credentials"


class WeakPassword(Invalid):
    """The password is too easy to guess."""

    code = "weak_password"


class WrongPassword(Forbidden):
    """The current password is wrong."""

    code = "wrong_password"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client gets when it logs in or refreshes."""

    access: str
    refresh: str
    user: User


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
        _end_sessions(user, now)
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
def end_sessions(*, actor: Actor, user_id: UUID, now: datetime) -> int:
    """End every API session of somebody; answer how many there were."""
    user = User.objects.get(pk=user_id)
    authorize(actor, "users.update", user)
    return _end_sessions(user, now)


def _set_password(user: User, new: str, now: datetime) -> User:
    _check_strength(new, user)
    user.set_password(new)
    user.save(update_fields=["password", "updated_at"])
    _end_sessions(user, now)
    publish(UserPasswordChanged(user_id=user.pk), aggregate=user)
    return user


def _end_sessions(user: User, now: datetime) -> int:
    return Session.objects.filter(user=user, revoked_at=None).update(revoked_at=now)


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


def verify_credentials(*, email: str, password: str) -> User:
    """Find the active user of an address and password, in the same time whether or not there is one.

    :raises WrongCredentials: if there is none
    """
    user = User.objects.filter(email=normalize_email(email), is_active=True).first()
    matches = check_password(password, user.password if user else _NOBODY)
    if user is None or not matches:
        raise WrongCredentials()
    return user


def log_in(*, email: str, password: str, device: str, now: datetime) -> Tokens:
    """Start an API session.

    :raises WrongCredentials: if the address or the password is wrong
    """
    user = verify_credentials(email=email, password=password)
    session = Session.objects.create(
        user=user, token_id=new_id(), device=device[:200], used_at=now, expires_at=now + REFRESH_LIFETIME
    )
    return _tokens(session)


def _tokens(session: Session) -> Tokens:
    return Tokens(
        access=tokens.issue_access(session.user_id, session.pk),
        refresh=tokens.issue_refresh(session.user_id, session.pk, session.token_id),
        user=session.user,
    )


def refresh(*, token: str, now: datetime) -> Tokens:
    """Exchange a refresh token for new tokens; a token that was exchanged before ends the whole session.

    :raises InvalidToken: if it is not the newest of a live session of this tenant
    """
    claims = tokens.read_refresh(token)
    with transaction.atomic():
        session = (
            Session.objects.select_for_update(of=("self",)).select_related("user").filter(pk=claims["sid"]).first()
        )
        if session is None or session.revoked_at or session.expires_at < now or not session.user.is_active:
            raise tokens.InvalidToken()
        stolen = str(session.token_id) != claims["jti"]
        if stolen:
            session.revoked_at = now
        else:
            session.token_id, session.used_at = new_id(), now
            session.expires_at = now + REFRESH_LIFETIME
        session.save(update_fields=["token_id", "used_at", "expires_at", "revoked_at", "updated_at"])
    if stolen:
        raise tokens.InvalidToken()
    return _tokens(session)


def log_out(*, token: str, now: datetime) -> None:
    """End the session of a refresh token; one that has ended already stays so.

    :raises InvalidToken: if it is no token of this tenant
    """
    claims = tokens.read_refresh(token)
    Session.objects.filter(pk=claims["sid"], revoked_at=None).update(revoked_at=now)


def revoke_session(*, actor: Actor, session_id: UUID, now: datetime) -> None:
    """End one of the actor's own sessions.

    :raises NotFound: if the actor has no such session
    """
    if not Session.objects.filter(pk=session_id, user=actor.id, revoked_at=None).update(revoked_at=now):
        raise NotFound()


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


def session_is_live(session_id: str, user_id: UUID, now: datetime) -> bool:
    """Tell whether an access token's session still lives."""
    key = parse_id(session_id)
    return (
        key is not None
        and Session.objects.filter(pk=key, user_id=user_id, revoked_at=None, expires_at__gt=now).exists()
    )
