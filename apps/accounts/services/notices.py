"""Mails about what happened to an account, to whom it belongs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.functional import lazy

from apps.accounts.models import User
from apps.accounts.selectors import shown_device
from rustok.kernel import links, mail

__all__ = ["mail_new_device", "mail_second_factor_reset"]


def mail_new_device(*, user_id: UUID, device: str, address: str, moment: datetime, key: str) -> None:
    """Tell somebody of staff that a new device logged in to their account."""
    user = _whose(user_id)
    if user is not None:
        named = lazy(shown_device, str)(device)  # said when the mail is written, in the language of its reader
        context = {"device": named, "address": address, "moment": moment, "link": links.absolute("/admin/account/")}
        mail.send("new_device", to=user.email, locale=user.locale, context=context, key=key)


def mail_second_factor_reset(*, user_id: UUID, moment: datetime, key: str) -> None:
    """Tell somebody that the second step of their login was taken away by an admin."""
    user = _whose(user_id)
    if user is not None:
        link = links.absolute("/admin/account/") if user.is_staff else links.page("/account/devices/", user.locale)
        context = {"moment": moment, "link": link}
        mail.send("second_factor_reset", to=user.email, locale=user.locale, context=context, key=key)


def _whose(user_id: UUID) -> User | None:
    found: User | None = (
        User.objects.because("tells people what happened to their account").filter(pk=user_id, is_active=True).first()
    )
    return found
