"""Mails of invitations, whose secrets are made when the mail is sent, and to those who keep a shop's settings."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from apps.rbac import services
from rustok.kernel.events import Envelope, RetryPolicy, on

__all__ = ["send_invitation", "tell_of_lapsed_domain", "tell_of_missing_record"]

#: A mail server that is away for an hour is nothing special.
PATIENT = RetryPolicy(max_attempts=14, base=5.0, ceiling=900.0)
#: Nobody waits any longer for a mail: an event that is replayed later sends none.
STALE = timedelta(days=1)


def _is_stale(event: Envelope) -> bool:
    return timezone.now() - event.timestamp > STALE


@on("user.invited", retry=PATIENT, runs_as="sends people their own links")
def send_invitation(event: Envelope) -> None:
    """Send the link of an invitation."""
    if not _is_stale(event):
        services.mail_invitation(invitation_id=UUID(event.payload["invitation_id"]), key=f"{event.id}.invitation")


@on("domain.missing", retry=PATIENT, runs_as="tells a shop's people about its domains")
def tell_of_missing_record(event: Envelope) -> None:
    """Tell that a domain will lead to the shop no more if nobody makes its record again."""
    if not _is_stale(event):
        services.mail_domain_missing(
            domain=event.payload["domain"], lapses_at=datetime.fromisoformat(event.payload["lapses_at"]),
            key=f"{event.id}.missing",
        )  # fmt: skip


@on("domain.lapsed", retry=PATIENT, runs_as="tells a shop's people about its domains")
def tell_of_lapsed_domain(event: Envelope) -> None:
    """Tell that a domain leads to the shop no more."""
    if not _is_stale(event):
        services.mail_domain_lapsed(
            domain=event.payload["domain"], reason=event.payload["reason"], key=f"{event.id}.lapsed"
        )
