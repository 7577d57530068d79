"""Mails of invitations; their secrets are made here, when the mail is sent."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from apps.rbac import services
from rustok.kernel.events import Envelope, RetryPolicy, on

__all__ = ["send_invitation"]


@on(
    "user.invited",
    retry=RetryPolicy(max_attempts=14, base=5.0, ceiling=900.0),
    runs_as="sends people their own links",
)
def send_invitation(event: Envelope) -> None:
    """Send the link of an invitation; an event that is replayed after a day sends none."""
    if timezone.now() - event.timestamp <= timedelta(days=1):
        services.mail_invitation(invitation_id=UUID(event.payload["invitation_id"]), key=f"{event.id}.invitation")
