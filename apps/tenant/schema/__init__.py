"""GraphQL of tenants, one file per subject."""

import graphene

from apps.tenant.schema.modules import ModuleMutations, ModuleQuery

__all__ = ["Mutations", "Query"]


class Query(ModuleQuery, graphene.ObjectType):
    """What a shop is."""


class Mutations(ModuleMutations, graphene.ObjectType):
    """Changing what a shop is."""
