"""GraphQL of roles, one file per subject."""

import graphene

from apps.rbac.schema.invitations import InvitationMutations

__all__ = ["Mutations"]


class Mutations(InvitationMutations, graphene.ObjectType):
    """Mutations of who may do what."""
