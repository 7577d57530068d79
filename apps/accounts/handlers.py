"""Mails, sent by the outbox: tries, pauses and dead letters are its. Secrets are made here, when the mail is sent."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from apps.accounts import services
from rustok.kernel.events import Envelope, RetryPolicy, on

__all__ = [
    "confirm_address", "confirm_new_address", "send_reset", "tell_of_new_device", "tell_of_new_password",
    "tell_of_reset_second_factor", "warn_old_address",
]  # fmt: skip

#: A mail server that is away for an hour is nothing special.
PATIENT = RetryPolicy(max_attempts=14, base=5.0, ceiling=900.0)
#: Nobody waits any longer for a mail: an event that is replayed later sends none.
STALE = timedelta(days=1)


def _is_stale(event: Envelope) -> bool:
    return timezone.now() - event.timestamp > STALE


def _key(event: Envelope, name: str) -> str:
    return f"{event.id}.{name}"


@on("user.registered", "user.verification_requested", retry=PATIENT, runs_as="sends people their own links")
def confirm_address(event: Envelope) -> None:
    """Send a user the link that confirms the address."""
    if not _is_stale(event):
        services.mail_verification(user_id=UUID(event.payload["user_id"]), key=_key(event, "verify"))


@on("user.password_reset_requested", retry=PATIENT, runs_as="sends people their own links")
def send_reset(event: Envelope) -> None:
    """Send the link to a new password, if the address is anybody's."""
    if not _is_stale(event):
        services.mail_reset(request_id=UUID(event.payload["request_id"]), key=_key(event, "reset"))


@on("user.password_changed", retry=PATIENT, runs_as="tells people what happened to their account")
def tell_of_new_password(event: Envelope) -> None:
    """Tell a user that the password was changed."""
    if not _is_stale(event):
        services.mail_password_changed(
            user_id=UUID(event.payload["user_id"]), changed_at=event.timestamp, key=_key(event, "changed")
        )


@on("user.second_factor_reset", retry=PATIENT, runs_as="tells people what happened to their account")
def tell_of_reset_second_factor(event: Envelope) -> None:
    """Tell a user that somebody took the second step of the login away."""
    if not _is_stale(event):
        services.mail_second_factor_reset(
            user_id=UUID(event.payload["user_id"]), moment=event.timestamp, key=_key(event, "factor")
        )


@on("user.new_device", retry=PATIENT, runs_as="tells people what happened to their account")
def tell_of_new_device(event: Envelope) -> None:
    """Tell somebody of staff that a device logged in which never did."""
    if not _is_stale(event):
        said = event.payload
        services.mail_new_device(
            user_id=UUID(said["user_id"]), device=said["device"], address=said["address"], moment=event.timestamp,
            key=_key(event, "device"),
        )  # fmt: skip


@on("user.email_change_requested", retry=PATIENT, runs_as="sends people their own links")
def confirm_new_address(event: Envelope) -> None:
    """Send the link that confirms a new address."""
    if not _is_stale(event):
        services.mail_new_address(change_id=UUID(event.payload["change_id"]), key=_key(event, "new"))


@on("user.email_change_requested", retry=PATIENT, runs_as="tells people what happened to their account")
def warn_old_address(event: Envelope) -> None:
    """Tell the old address of a change."""
    if not _is_stale(event):
        services.mail_old_address(change_id=UUID(event.payload["change_id"]), key=_key(event, "old"))
