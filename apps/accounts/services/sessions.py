"""Passwords checked, API sessions started, tokens rotated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from apps.accounts import tokens
from apps.accounts.models import Session, User, normalize_email
from apps.accounts.services.arrivals import note_arrival
from apps.accounts.services.devices import describe_device
from apps.accounts.services.endings import end_all
from apps.accounts.services.lockouts import attempt
from apps.accounts.services.refusals import note_refusal
from rustok.kernel.context import current_work
from rustok.kernel.errors import Unauthenticated
from rustok.kernel.ids import new_id, parse_id

__all__ = [
    "Tokens", "WrongCredentials", "end_all", "log_out", "refresh", "session_is_live", "start_session",
    "verify_credentials",
]  # fmt: skip

REFRESH_LIFETIME: timedelta = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]  # type: ignore[assignment]
#: Compared with when there is no such user, so that the answer takes the same time.
_NOBODY = make_password("nobody has this password")


class WrongCredentials(Unauthenticated):
    """The e-mail address or the password is wrong."""

    code = "wrong_credentials"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client gets when it logs in or refreshes."""

    access: str
    refresh: str
    user: User


def verify_credentials(*, email: str, password: str, seen: str = "") -> User:
    """Find the active user of an address and password, in the same time whether or not there is one.

    `seen` is the cookie of a device that somebody logged in from before. A second factor is not asked for here.

    :raises WrongCredentials: if there is none
    :raises TooManyAttempts: if it is too early for another try
    """
    with attempt("login", email, seen=seen):
        user = User.objects.because("who logs in").filter(email=normalize_email(email), is_active=True).first()
        matches = check_password(password, user.password if user else _NOBODY)
        if user is None or not matches:
            raise WrongCredentials()
    return user


@transaction.atomic
def start_session(*, user: User, device: str, now: datetime, seen: str = "") -> Tokens:
    """Start an API session of somebody who has shown all that a login asks for; `device` is a User-Agent."""
    named = describe_device(device)
    note_arrival(user, device=named, seen=seen, now=now)
    session = Session.objects.create(
        user=user, token_id=new_id(), device=named, address=current_work().address[:45],
        used_at=now, expires_at=now + REFRESH_LIFETIME,
    )  # fmt: skip
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
    try:
        session = _renewed(token, now)
    except tokens.InvalidToken:
        note_refusal("refresh")
        raise
    return _tokens(session)


def _renewed(token: str, now: datetime) -> Session:
    claims = tokens.read_refresh(token)
    with transaction.atomic():
        session = (
            Session.objects.because("who logs in")
            .select_for_update(of=("self",))
            .select_related("user")
            .filter(pk=claims["sid"])
            .first()
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
    return session


def log_out(*, token: str, now: datetime) -> None:
    """End the session of a refresh token; one that has ended already stays so.

    :raises InvalidToken: if it is no token of this tenant
    """
    claims = tokens.read_refresh(token)
    Session.objects.because("who logs in").filter(pk=claims["sid"], revoked_at=None).update(revoked_at=now)


def session_is_live(session_id: str, user_id: UUID, now: datetime) -> bool:
    """Tell whether an access token's session still lives."""
    key = parse_id(session_id)
    return (
        key is not None
        and Session.objects.because("who logs in")
        .filter(pk=key, user_id=user_id, revoked_at=None, expires_at__gt=now)
        .exists()
    )
