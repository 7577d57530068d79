"""Changing one's e-mail address, and taking that back from the old one.

Whoever asks knows the password; so does whoever stole it. The old address is told, and for three days a link sent there
brings it back, ends every session and makes the password worthless.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.events import UserEmailChanged, UserEmailChangeRequested
from apps.accounts.models import EmailChange, User, normalize_email
from apps.accounts.services.api_keys import only_for_people
from apps.accounts.services.endings import end_all
from apps.accounts.services.passwords import check_own_password, request_reset
from apps.accounts.services.people import EmailTaken, check_is_free
from apps.accounts.services.takeovers import undo_since
from rustok.kernel import links, mail
from rustok.kernel.access import Actor, known_id
from rustok.kernel.errors import Conflict
from rustok.kernel.events import publish

__all__ = [
    "confirm_email_change", "mail_new_address", "mail_old_address", "request_email_change", "revert_email_change",
]  # fmt: skip

CONFIRM_AGE = timedelta(days=1)
REVERT_AGE = timedelta(hours=72)
_CONFIRM, _REVERT = "email_change", "email_revert"


class SameEmail(Conflict):
    """This is the account's address already."""

    code = "same_email"


@transaction.atomic
def request_email_change(*, actor: Actor, email: str, password: str) -> EmailChange:
    """Ask for another address for the actor; it takes effect once it is confirmed there.

    Whether somebody else has it is only looked up when the mail is sent: nobody asks their way to who has an account.

    :raises WrongPassword: if the password is not the actor's
    :raises SameEmail: if it is the actor's address already
    """
    only_for_people()
    user = User.objects.because("the account whose address it is").select_for_update().get(pk=known_id(actor))
    check_own_password(user, password, field="current_password")
    new = normalize_email(email)
    if new == user.email:
        raise SameEmail(field="email")
    change = EmailChange.objects.create(
        user=user, old_email=user.email, new_email=new, old_is_verified=user.email_verified_at is not None
    )
    publish(UserEmailChangeRequested(change_id=change.pk, user_id=user.pk), aggregate=user)
    return change


def _confirming(change: EmailChange) -> tuple[object, ...]:
    user = change.user
    return (change.pk, user.email == change.old_email, user.password, change.confirmed_at, change.closed_at)


def _reverting(change: EmailChange) -> tuple[object, ...]:
    """Answer a state that the password is no part of: whoever took the account over may have changed it."""
    return (change.pk, change.old_email, change.closed_at)


def _change(change_id: UUID, *, lock: bool = False) -> EmailChange | None:
    found = (
        EmailChange.objects.because("the account whose address it is")
        .select_related("user")
        .filter(pk=change_id, user__is_active=True)
    )
    return (found.select_for_update(of=("self", "user")) if lock else found).first()


def mail_new_address(*, change_id: UUID, key: str) -> None:
    """Send the link that confirms a new address there; nothing if another change came after it.

    To an address that is somebody else's goes a note instead, so that it is told to nobody but them.
    """
    change = _change(change_id)
    if change is None or change.confirmed_at or change.closed_at or _is_overtaken(change):
        return
    try:
        check_is_free(change.new_email, change.created_at, user_id=change.user_id)
    except EmailTaken:
        _tell_owner(change.new_email, key)
        return
    token = links.sign(_CONFIRM, change.pk, *_confirming(change))
    link = links.page("/account/email/confirm/", change.user.locale, token=token)
    mail.send("confirm_new_address", to=change.new_email, locale=change.user.locale, context={"link": link}, key=key)


def _tell_owner(email: str, key: str) -> None:
    """Tell somebody that an address which others asked for stays theirs."""
    owner = User.objects.because("the account whose address it is").filter(email=email).first()
    locale = owner.locale if owner else ""
    context = {"link": links.page("/account/password/reset/", locale)}
    mail.send("address_in_use", to=email, locale=locale, context=context, key=key)


def mail_old_address(*, change_id: UUID, key: str) -> None:
    """Tell the old address; the link that takes the change back goes only where the user was shown to be."""
    change = _change(change_id)
    if change is None or change.closed_at:
        return
    token = links.sign(_REVERT, change.pk, *_reverting(change))
    link = links.page("/account/email/revert/", change.user.locale, token=token) if change.old_is_verified else ""
    context = {"link": link, "new_email": change.new_email}
    mail.send("address_changes", to=change.old_email, locale=change.user.locale, context=context, key=key)


def _is_overtaken(change: EmailChange) -> bool:
    return (
        EmailChange.objects.because("the account whose address it is")
        .filter(user_id=change.user_id, created_at__gt=change.created_at)
        .exists()
    )


def confirm_email_change(*, token: str, now: datetime) -> User:
    """Give the user the new address, because the link was mailed there.

    :raises InvalidLink: if the link is not good here, or no longer
    :raises EmailTaken: if another account has the address by now
    """
    claim = links.read(_CONFIRM, token, age=CONFIRM_AGE)
    known = _change(claim.subject)
    links.check(claim, *(_confirming(known) if known and not _is_overtaken(known) else ()))
    with transaction.atomic():
        change = _change(claim.subject, lock=True)
        if change is None or change.confirmed_at or change.closed_at or change.user.email != change.old_email:
            raise links.InvalidLink()
        change.confirmed_at = now
        change.save(update_fields=["confirmed_at", "updated_at"])
        return _move(change.user, change.new_email, now)


def revert_email_change(*, token: str, now: datetime) -> User:
    """Bring an old address back, and throw out whoever changed it: every session and the password are worth nothing,
    and so is what was set up since then: a second factor, recovery codes, API keys.

    :raises InvalidLink: if the link is not good here, or no longer
    """
    claim = links.read(_REVERT, token, age=REVERT_AGE)
    known = _change(claim.subject)
    links.check(claim, *(_reverting(known) if known else ()))
    with transaction.atomic():
        change = _change(claim.subject, lock=True)
        if change is None or change.closed_at:
            raise links.InvalidLink()
        user = change.user
        EmailChange.objects.because("the account whose address it is").filter(
            user=user, created_at__gte=change.created_at
        ).update(closed_at=now)
        user.set_unusable_password()
        user.save(update_fields=["password", "updated_at"])
        end_all(user, now)
        undo_since(user, change.created_at, now)
        user = _move(user, change.old_email, now)
        request_reset(email=user.email)
        return user


def _move(user: User, email: str, now: datetime) -> User:
    moved = user.email != email
    user.email, user.email_verified_at = email, now
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "email_verified_at", "updated_at"])
    except IntegrityError:
        raise EmailTaken(field="email") from None
    if moved:
        publish(UserEmailChanged(user_id=user.pk), aggregate=user)
    return user
