"""Reading who is asked to come."""

from __future__ import annotations

from typing import Any

from apps.rbac.models import Invitation
from rustok.kernel.access import Actor, restrict
from rustok.kernel.pages import Page, PageRequest, paginate
from rustok.kernel.times import iso

__all__ = ["invitation_document", "open_invitations"]


def open_invitations(*, actor: Actor, page: PageRequest) -> Page[Invitation]:
    """List the invitations that nobody accepted or withdrew, newest first."""
    rows = Invitation.objects.filter(accepted_at=None, revoked_at=None).select_related("invited_by")
    return paginate(restrict(actor, rows, "users.list"), ("-created_at", "-id"), page)


def invitation_document(invitation: Invitation) -> dict[str, Any]:
    """Answer what the APIs show of an invitation."""
    inviter = invitation.invited_by
    return {
        "id": str(invitation.pk),
        "email": invitation.email,
        "name": invitation.name,
        "locale": invitation.locale or None,
        "roles": invitation.roles,
        "invited_by": inviter.email if inviter else None,
        "sent_at": iso(invitation.sent_at),
        "expires_at": iso(invitation.expires_at),
    }
