"""Accounts: making and changing them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.events import UserRegistered, UserVerificationRequested
from apps.accounts.models import EmailChange, User, normalize_email
from apps.accounts.services.endings import end_all
from apps.accounts.services.passwords import OwnAccount, check_strength
from apps.accounts.services.unenrolling import remove_second_factor
from rustok.kernel.access import Actor, MoreThanOwn, authorize, authorize_over
from rustok.kernel.errors import Conflict
from rustok.kernel.events import publish

__all__ = [
    "EmailTaken", "LockedOut", "OwnAccount", "check_is_free", "create_user", "register_user", "settle_user",
    "update_user",
]  # fmt: skip

#: How long a link brings an old address back; so long nobody else gets it.
HELD = timedelta(hours=72)


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
    return _make_user(User(email=email, name=name, locale=locale), password)


@transaction.atomic
def create_user(
    *,
    actor: Actor,
    email: str,
    password: str,
    name: str = "",
    locale: str = "",
    is_staff: bool = False,
    verified_at: datetime | None = None,
) -> User:
    """Make an account for somebody else; `verified_at` is when the address was shown to be theirs, if it was.

    :raises EmailTaken: if the address has one
    :raises WeakPassword: if the password is easy to guess
    :raises MoreThanOwn: if a policy lets staff do more than the actor may
    """
    authorize(actor, "users.create")
    user = User(email=email, name=name, locale=locale, is_staff=is_staff, email_verified_at=verified_at)
    user = _make_user(user, password)
    if is_staff:
        _check_staff(actor, user)
    return user


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
    """Change somebody's account; switching it off, making it staff's and taking that back end every session.

    :raises LockedOut: if the actor would shut itself out
    :raises OwnAccount: if the actor would change its own address
    :raises MoreThanOwn: if the person may do more than the actor
    :raises EmailTaken: if another account has the address
    """
    user = User.objects.because("the right to it is asked for here").select_for_update().get(pk=user_id)
    authorize(actor, "users.update", user)
    authorize_over(actor, user)
    for field, stays in (("is_active", is_active), ("is_staff", is_staff or not user.is_staff)):
        if user.pk == actor.id and not stays:
            raise LockedOut(field=field)
    moved = normalize_email(email) != user.email
    if moved and user.pk == actor.id:
        raise OwnAccount(field="email")
    if moved:
        check_is_free(normalize_email(email), now, user_id=user.pk)
        user.email_verified_at = None
    ends = not is_active or is_staff != user.is_staff
    user.email, user.name, user.locale = normalize_email(email), name.strip(), locale
    became = is_staff and not user.is_staff
    user.is_staff, user.is_active = is_staff, is_active
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise EmailTaken(field="email") from None
    if became:
        _check_staff(actor, user)
    if moved:
        publish(UserVerificationRequested(user_id=user.pk), aggregate=user)
    if ends:
        end_all(user, now)
    return user


@transaction.atomic
def settle_user(
    *, actor: Actor, email: str, password: str, name: str, locale: str, is_staff: bool, now: datetime
) -> User:
    """Make the account of somebody who showed that the address is theirs, or take over one that somebody else made.

    Of theirs nothing opens it any more: no password, no session, no second factor.

    :raises EmailTaken: if an account with a confirmed address has it
    :raises WeakPassword: if the password is easy to guess
    """
    authorize(actor, "users.create")
    user = (
        User.objects.because("the right to it is asked for here")
        .select_for_update()
        .filter(email=normalize_email(email))
        .first()
    )
    if user is None:
        return create_user(
            actor=actor, email=email, password=password, name=name, locale=locale, is_staff=is_staff, verified_at=now
        )
    if user.email_verified_at is not None or not user.is_active:
        raise EmailTaken(field="email")
    check_strength(password, user)
    user.set_password(password)
    user.name, user.email_verified_at, user.is_staff = name.strip(), now, user.is_staff or is_staff
    user.save()
    remove_second_factor(user)
    end_all(user, now)
    return user


def _check_staff(actor: Actor, user: User) -> None:
    """Refuse to make staff of somebody to whom a policy then gives more than the actor may, or of oneself.

    :raises MoreThanOwn: if it would be so
    """
    if user.pk == actor.id:
        raise MoreThanOwn(str(user), field="is_staff")
    authorize_over(actor, user)


def check_is_free(email: str, now: datetime, *, user_id: UUID) -> None:
    """Refuse an address that another account than this user's has, or may still take back.

    :raises EmailTaken: if there is one
    """
    taken = User.objects.because("the right to it is asked for here").filter(email=email).exclude(pk=user_id)
    held = EmailChange.objects.because("the right to it is asked for here").filter(
        old_email=email, closed_at=None, confirmed_at__gt=now - HELD
    )
    if taken.exists() or held.exclude(user_id=user_id).exists():
        raise EmailTaken(field="email")


def _make_user(user: User, password: str) -> User:
    user.email, user.name = normalize_email(user.email), user.name.strip()
    check_strength(password, user)
    user.set_password(password)
    check_is_free(user.email, timezone.now(), user_id=user.pk)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            publish(UserRegistered(user_id=user.pk), aggregate=user)
    except IntegrityError:
        raise EmailTaken(field="email") from None
    return user
