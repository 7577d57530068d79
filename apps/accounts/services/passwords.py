"""Passwords: how strong, and how they change."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.events import UserEmailVerified, UserPasswordChanged, UserPasswordResetRequested
from apps.accounts.models import ResetRequest, User, normalize_email
from apps.accounts.services.api_keys import only_for_people
from apps.accounts.services.endings import end_all
from apps.accounts.services.lockouts import attempt
from apps.accounts.services.unenrolling import remove_second_factor
from rustok.kernel import links, mail
from rustok.kernel.access import Actor, authorize, authorize_over, known_id
from rustok.kernel.errors import Conflict, FieldError, Forbidden, Invalid
from rustok.kernel.events import publish

__all__ = [
    "OwnAccount", "WeakPassword", "WrongPassword", "change_password", "check_own_password", "check_strength",
    "mail_password_changed", "mail_reset",
    "request_reset", "reset_password", "set_password",
]  # fmt: skip

RESET_AGE = timedelta(hours=1)
_PURPOSE = "reset"
#: Mails with a new link that one address gets in an hour, however many ask from wherever.
RESETS_PER_HOUR = 5


class OwnAccount(Conflict):
    """Change your own address and password in your account, where the current password is asked for."""

    code = "own_account"


class WeakPassword(Invalid):
    """The password is too easy to guess."""

    code = "weak_password"


class WrongPassword(Forbidden):
    """The current password is wrong."""

    code = "wrong_password"


@transaction.atomic
def set_password(*, actor: Actor, user_id: UUID, new: str, now: datetime) -> User:
    """Give somebody else a new password and end every session of theirs.

    :raises OwnAccount: if it is the actor's own
    :raises MoreThanOwn: if they may do more than the actor
    :raises WeakPassword: if it is easy to guess
    """
    user = User.objects.because("the account whose password it is").select_for_update().get(pk=user_id)
    authorize(actor, "users.update", user)
    authorize_over(actor, user)
    if user.pk == actor.id:
        raise OwnAccount()
    return _set_password(user, new, now)


@transaction.atomic
def change_password(*, actor: Actor, current: str, new: str, now: datetime, keep: UUID | None = None) -> User:
    """Give the actor a new password and end every session but `keep`.

    :raises WrongPassword: if the current one is wrong
    :raises WeakPassword: if the new one is easy to guess
    """
    only_for_people()
    user = User.objects.because("the account whose password it is").select_for_update().get(pk=known_id(actor))
    check_own_password(user, current, field="current_password")
    return _set_password(user, new, now, keep)


def check_own_password(user: User, password: str, *, field: str) -> None:
    """Ask somebody who is logged in for the password once more; guessing it is slowed down.

    :raises WrongPassword: if it is wrong
    :raises TooManyAttempts: if too many were
    """
    with attempt("password", user.email):
        if not check_password(password, user.password):
            raise WrongPassword(field=field)


# --- a forgotten one ----------------------------------------------------------------------------------------------


def _state(user: User) -> tuple[object, ...]:
    return (user.email, user.password)


@transaction.atomic
def request_reset(*, email: str) -> None:
    """Ask for a link to a new password; whether the address is anybody's is only looked up when the mail is sent."""
    request = ResetRequest.objects.create(email=normalize_email(email))
    publish(UserPasswordResetRequested(request_id=request.pk), aggregate=request)


def mail_reset(*, request_id: UUID, key: str) -> None:
    """Send the link to a new password, if the address has an account and did not get enough of them."""
    request = ResetRequest.objects.because("the account whose password it is").filter(pk=request_id).first()
    if request is None:
        return
    ResetRequest.objects.because("the account whose password it is").filter(
        created_at__lt=request.created_at - timedelta(days=1)
    ).delete()
    hour_ago = request.created_at - timedelta(hours=1)
    before = (
        ResetRequest.objects.because("the account whose password it is")
        .filter(email=request.email, created_at__gt=hour_ago, created_at__lt=request.created_at)
        .count()
    )
    user = User.objects.because("the account whose password it is").filter(email=request.email, is_active=True).first()
    if user is None or before >= RESETS_PER_HOUR:
        return
    token = links.sign(_PURPOSE, user.pk, *_state(user))
    link = links.page("/account/password/reset/confirm/", user.locale, token=token)
    mail.send("reset_password", to=user.email, locale=user.locale, context={"link": link}, key=key)


def reset_password(*, token: str, new: str, now: datetime) -> User:
    """Set a new password, because the link was mailed to the user's address; every session ends, and none begins.

    :raises InvalidLink: if the link is not good here, or no longer
    :raises WeakPassword: if the password is easy to guess
    """
    claim = links.read(_PURPOSE, token, age=RESET_AGE)
    known = User.objects.because("the account whose password it is").filter(pk=claim.subject, is_active=True).first()
    links.check(claim, *(_state(known) if known else ()))
    with transaction.atomic():
        user = User.objects.because("the account whose password it is").select_for_update().get(pk=claim.subject)
        if known is None or _state(user) != _state(known):
            raise links.InvalidLink()
        if user.email_verified_at is None:
            user.email_verified_at = now
            user.save(update_fields=["email_verified_at", "updated_at"])
            remove_second_factor(user)  # of whoever made the account without owning the address
            publish(UserEmailVerified(user_id=user.pk), aggregate=user)
        return _set_password(user, new, now)


def mail_password_changed(*, user_id: UUID, changed_at: datetime, key: str) -> None:
    """Tell the user that the password was changed."""
    user = User.objects.because("the account whose password it is").filter(pk=user_id).first()
    if user is None:
        return
    context = {"moment": changed_at, "link": links.page("/account/password/reset/", user.locale)}
    mail.send("password_changed", to=user.email, locale=user.locale, context=context, key=key)


def _set_password(user: User, new: str, now: datetime, keep: UUID | None = None) -> User:
    check_strength(new, user)
    user.set_password(new)
    user.save(update_fields=["password", "updated_at"])
    end_all(user, now, keep=keep)
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
