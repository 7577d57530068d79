"""Changing who may do what, one file per subject."""

from apps.rbac.services.invitations import (
    accept_invitation,
    invite_person,
    mail_invitation,
    resend_invitation,
    revoke_invitation,
)
from apps.rbac.services.policies import delete_policy, save_policy, set_attributes
from apps.rbac.services.roles import (
    assign_role,
    delete_role,
    ensure_built_in_roles,
    save_role,
    set_roles,
    withdraw_role,
)

__all__ = [
    "delete_policy", "save_policy", "set_attributes",
    "accept_invitation", "assign_role", "delete_role", "ensure_built_in_roles", "invite_person",
    "mail_invitation", "resend_invitation", "revoke_invitation", "save_role", "set_roles", "withdraw_role",
]  # fmt: skip
