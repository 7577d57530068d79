"""What other modules may use of roles."""

from apps.rbac.inputs import AcceptInvitationInput
from apps.rbac.roles import ADMIN, BUILT_IN, CUSTOMER, MANAGER, SUPERADMIN
from apps.rbac.services import (
    Grantee,
    accept_invitation,
    assign_role,
    create_api_key,
    ensure_built_in_roles,
    grant_access,
    invite_person,
    list_teams,
    save_policy,
    save_role,
    save_team,
    set_attributes,
    shared_object,
)

__all__ = [
    "ADMIN", "AcceptInvitationInput", "BUILT_IN", "CUSTOMER", "Grantee", "MANAGER", "SUPERADMIN", "accept_invitation",
    "assign_role", "create_api_key", "ensure_built_in_roles", "grant_access", "invite_person", "list_teams",
    "save_policy", "save_role", "save_team", "set_attributes", "shared_object",
]  # fmt: skip
