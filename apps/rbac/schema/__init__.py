"""GraphQL of roles, one file per subject."""

import graphene

from apps.rbac.schema.api_keys import ApiKeyMutations, ApiKeyQuery
from apps.rbac.schema.invitations import InvitationMutations, InvitationQuery
from apps.rbac.schema.people import PeopleMutations, PeopleQuery
from apps.rbac.schema.policies import PolicyMutations, PolicyQuery
from apps.rbac.schema.sharing import SharingMutations, SharingQuery

__all__ = ["Mutations", "Query"]


class Mutations(
    ApiKeyMutations, InvitationMutations, PeopleMutations, PolicyMutations, SharingMutations, graphene.ObjectType
):
    """Mutations of who may do what."""


class Query(ApiKeyQuery, InvitationQuery, PeopleQuery, PolicyQuery, SharingQuery, graphene.ObjectType):
    """Root fields of who may do what."""
