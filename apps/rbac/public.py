"""What other modules may use of roles."""

from apps.rbac.inputs import AcceptInvitationInput
from apps.rbac.roles import ADMIN, BUILT_IN, CUSTOMER, MANAGER, SUPERADMIN
from apps.rbac.services import (
    accept_invitation,
    assign_role,
    ensure_built_in_roles,
    invite_person,
    save_policy,
    save_role,
    save_team,
)

__all__ = [
    "ADMIN", "AcceptInvitationInput", "BUILT_IN", "CUSTOMER", "MANAGER", "SUPERADMIN", "accept_invitation",
    "assign_role", "ensure_built_in_roles", "invite_person", "save_policy", "save_role", "save_team",
]  # fmt: skip
