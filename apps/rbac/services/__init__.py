"""Changing who may do what, one file per subject."""

from apps.rbac.services.api_keys import create_api_key
from apps.rbac.services.grants import (
    Grant,
    Grantee,
    OneGrantee,
    grant_access,
    grants_of,
    grants_on,
    one_grantee,
    set_grants,
    shared_object,
    withdraw_access,
)
from apps.rbac.services.invitations import (
    accept_invitation,
    invite_person,
    mail_invitation,
    resend_invitation,
    revoke_invitation,
)
from apps.rbac.services.leftovers import prune_invitations
from apps.rbac.services.notices import mail_domain_lapsed, mail_domain_missing
from apps.rbac.services.policies import change_policy, delete_policy, save_policy, set_attributes
from apps.rbac.services.roles import (
    assign_role,
    delete_role,
    ensure_built_in_roles,
    save_role,
    set_roles,
    withdraw_role,
)
from apps.rbac.services.teams import delete_team, find_team, list_teams, members_of, save_team

__all__ = [
    "Grant", "Grantee", "OneGrantee", "accept_invitation", "assign_role", "change_policy", "create_api_key",
    "delete_policy", "delete_role", "delete_team", "ensure_built_in_roles", "find_team", "grant_access", "grants_of",
    "grants_on", "invite_person", "list_teams", "mail_domain_lapsed", "mail_domain_missing", "mail_invitation",
    "members_of", "one_grantee", "prune_invitations", "resend_invitation", "revoke_invitation", "save_policy",
    "save_role", "save_team", "set_attributes", "set_grants", "set_roles", "shared_object", "withdraw_access",
    "withdraw_role",
]  # fmt: skip
