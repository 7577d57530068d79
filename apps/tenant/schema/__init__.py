"""GraphQL of tenants, one file per subject."""

import graphene

from apps.tenant.schema.modules import ModuleMutations, ModuleQuery
from apps.tenant.schema.settings import SettingsMutations, SettingsQuery
from apps.tenant.schema.tenants import TenantMutations, TenantQuery

__all__ = ["Mutations", "Query"]


class Query(ModuleQuery, SettingsQuery, TenantQuery, graphene.ObjectType):
    """What a shop is."""


class Mutations(ModuleMutations, SettingsMutations, TenantMutations, graphene.ObjectType):
    """Changing what a shop is."""
