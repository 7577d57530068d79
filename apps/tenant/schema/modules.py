"""GraphQL: modules, and their switch."""

from __future__ import annotations

from typing import Any

import graphene

from apps.tenant import switches
from apps.tenant.services.modules import disable_module, enable_module
from rustok.kernel.access import Actor
from rustok.kernel.edges.graphql import Field, Mutation
from rustok.kernel.tenancy import current_tenant

__all__ = ["ModuleMutations", "ModuleQuery"]


class ModuleHealthType(graphene.ObjectType):
    """How a module is."""

    class Meta:
        name = "ModuleHealth"

    status = graphene.String(required=True)
    reason = graphene.String(required=True)

    def resolve_status(root: Any, info: Any) -> str:
        """Answer ok or unavailable."""
        return "ok" if root.ok else "unavailable"


def _slugs(description: str) -> graphene.List:
    return graphene.List(graphene.NonNull(graphene.String), required=True, description=description)


class ModuleType(graphene.ObjectType):
    """A module as this shop has it."""

    class Meta:
        name = "Module"

    slug = graphene.String(required=True)
    name = graphene.String(required=True)
    description = graphene.String(required=True)
    version = graphene.String(required=True)
    enabled = graphene.Boolean(required=True)
    toggleable = graphene.Boolean(required=True)
    requires = _slugs("What it cannot work without.")
    required_by = _slugs("What cannot work without it.")
    missing = _slugs("What it requires that is off.")
    health = graphene.Field(ModuleHealthType, required=True)


class ModuleQuery(graphene.ObjectType):
    """Modules."""

    modules = Field(
        graphene.List(graphene.NonNull(ModuleType), required=True),
        permission="modules.read",
        description="Every module, and whether the shop uses it.",
    )

    def resolve_modules(root: Any, info: Any) -> Any:
        """List them."""
        return switches.module_rows(current_tenant())


class ModuleUpdate(Mutation):
    """Switch a module on or off; what it had is kept."""

    permission = "modules.update"
    module = graphene.Field(ModuleType)
    changed = graphene.List(graphene.NonNull(graphene.String), description="Every module that was switched.")

    class Input:
        slug = graphene.String(required=True)
        enabled = graphene.Boolean(required=True)
        with_dependencies = graphene.Boolean(description="Also what it requires, or what requires it.")

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Switch it."""
        switch = enable_module if data["enabled"] else disable_module
        done = switch(actor=actor, slug=data["slug"], with_dependencies=bool(data.get("with_dependencies")))
        return {"module": switches.module_row(done.tenant, data["slug"]), "changed": done.slugs}


class ModuleMutations(graphene.ObjectType):
    """The switch."""

    module_update = ModuleUpdate.Field()
