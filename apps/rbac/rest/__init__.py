"""REST of roles, one file per subject."""

from apps.rbac.rest.api_keys import ApiKeysView, ApiKeyView
from apps.rbac.rest.invitations import (
    AcceptInvitationView,
    InvitationsView,
    InvitationView,
    ResendInvitationView,
)
from apps.rbac.rest.people import (
    PeopleView,
    PersonRolesView,
    PersonRoleView,
    PersonView,
    RoleHoldersView,
    RolesView,
    RoleView,
)
from apps.rbac.rest.policies import AttributesView, PoliciesView, PolicyAttributesView, PolicyCheckView, PolicyView
from apps.rbac.rest.sharing import GrantsView, SharedWithView, TeamsView, TeamView

__all__ = [
    "ApiKeyView",
    "ApiKeysView",
    "AttributesView",
    "PoliciesView",
    "PolicyAttributesView",
    "PolicyCheckView",
    "PolicyView",
    "GrantsView",
    "PeopleView",
    "PersonRoleView",
    "PersonRolesView",
    "PersonView",
    "RoleHoldersView",
    "RoleView",
    "RolesView",
    "SharedWithView",
    "TeamView",
    "TeamsView",
    "AcceptInvitationView",
    "InvitationView",
    "InvitationsView",
    "ResendInvitationView",
]
