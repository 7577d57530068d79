"""Showing that an e-mail address is the user's."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from apps.accounts.events import UserEmailVerified, UserVerificationRequested
from apps.accounts.models import User
from apps.accounts.services.api_keys import only_for_people
from rustok.kernel import links, mail
from rustok.kernel.access import Actor, known_id
from rustok.kernel.events import publish

__all__ = ["VERIFY_AGE", "mail_verification", "request_verification", "verify_email"]

VERIFY_AGE = timedelta(days=3)
_PURPOSE = "verify"


def _state(user: User) -> tuple[object, ...]:
    return (user.email, user.password, user.email_verified_at)


@transaction.atomic
def request_verification(*, actor: Actor) -> bool:
    """Ask for another mail to the actor's own address; answer whether one is needed."""
    only_for_people()
    user = User.objects.because("the account whose address it is").get(pk=known_id(actor))
    if user.email_verified_at is None:
        publish(UserVerificationRequested(user_id=user.pk), aggregate=user)
    return user.email_verified_at is None


def mail_verification(*, user_id: UUID, key: str) -> None:
    """Send the link that shows that the address is the user's; nothing if that is known, or the user is gone."""
    user = (
        User.objects.because("the account whose address it is")
        .filter(pk=user_id, is_active=True, email_verified_at=None)
        .first()
    )
    if user is None:
        return
    token = links.sign(_PURPOSE, user.pk, *_state(user))
    link = links.page("/account/verify/", user.locale, token=token)
    mail.send("confirm_address", to=user.email, locale=user.locale, context={"link": link}, key=key)


def verify_email(*, token: str, now: datetime) -> User:
    """Take the address as the user's, because the link was mailed there.

    :raises InvalidLink: if the link is not good here, or no longer
    """
    claim = links.read(_PURPOSE, token, age=VERIFY_AGE)
    found = User.objects.because("the account whose address it is").filter(pk=claim.subject, is_active=True).first()
    links.check(claim, *(_state(found) if found else ()))
    with transaction.atomic():
        verified = (
            User.objects.because("the account whose address it is")
            .filter(pk=claim.subject, email_verified_at=None)
            .update(email_verified_at=now)
        )
        user = User.objects.because("the account whose address it is").get(pk=claim.subject)
        if verified:
            publish(UserEmailVerified(user_id=user.pk), aggregate=user)
    return user
