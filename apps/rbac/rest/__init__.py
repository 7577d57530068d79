"""REST of roles, one file per subject."""

from apps.rbac.rest.invitations import (
    AcceptInvitationView,
    InvitationsView,
    InvitationView,
    ResendInvitationView,
)

__all__ = ["AcceptInvitationView", "InvitationView", "InvitationsView", "ResendInvitationView"]
