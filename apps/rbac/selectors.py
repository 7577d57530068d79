"""Reading who is asked to come."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.rbac.models import Invitation, Policy, SubjectAttribute
from rustok.kernel.access import Actor, restrict
from rustok.kernel.errors import NotFound
from rustok.kernel.pages import Page, PageRequest, paginate
from rustok.kernel.times import iso

__all__ = [
    "attributes_of_person", "find_policy", "invitation_document", "open_invitations", "policies", "policy_document",
]  # fmt: skip


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


def policies(*, actor: Actor, page: PageRequest) -> Page[Policy]:
    """List policies by name."""
    return paginate(restrict(actor, Policy.objects.all(), "users.list"), ("name", "id"), page)


def find_policy(*, actor: Actor, policy_id: UUID) -> Policy:
    """Answer one policy.

    :raises NotFound: if there is none that the actor may see
    """
    found = restrict(actor, Policy.objects.filter(pk=policy_id), "users.read").first()
    if found is None:
        raise NotFound()
    return found


def policy_document(policy: Policy) -> dict[str, Any]:
    """Answer what the APIs show of a policy."""
    names = ("name", "effect", "resource", "actions", "condition", "parsed", "enabled", "description", "version")
    return {"id": str(policy.pk)} | {name: getattr(policy, name) for name in names}


def attributes_of_person(*, actor: Actor, user_id: UUID) -> dict[str, str | Decimal | bool]:
    """Answer what is said of a person."""
    rows = restrict(actor, SubjectAttribute.objects.filter(user_id=user_id), "users.read")
    return {row.name: row.typed for row in rows}
