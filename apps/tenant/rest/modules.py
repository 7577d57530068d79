"""REST: `/api/v1/modules/`, what a shop uses of the platform."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from apps.tenant import switches
from apps.tenant.services.modules import disable_module, enable_module
from apps.tenant.switches import ModuleRow
from rustok.kernel.edges.answers import answer, page_output
from rustok.kernel.edges.rest import Endpoint, Request, found
from rustok.kernel.inputs import Input
from rustok.kernel.tenancy import current_tenant

__all__ = ["ModuleView", "ModulesView", "document"]


class ModuleInput(Input):
    """On or off."""

    enabled = serializers.BooleanField()
    with_dependencies = serializers.BooleanField(default=False, help_text="Also what it requires, or what requires it.")


class ModuleHealthOutput(serializers.Serializer[Any]):
    """How a module is."""

    status = serializers.ChoiceField(choices=["ok", "unavailable"])
    reason = serializers.CharField()


class ModuleOutput(serializers.Serializer[Any]):
    """A module as this shop has it."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    version = serializers.CharField()
    enabled = serializers.BooleanField()
    toggleable = serializers.BooleanField()
    requires = serializers.ListField(child=serializers.CharField())
    required_by = serializers.ListField(child=serializers.CharField())
    missing = serializers.ListField(child=serializers.CharField(), help_text="What it requires that is off.")
    health = ModuleHealthOutput()


class ModuleSwitchedOutput(ModuleOutput):
    """A module after a switch."""

    changed = serializers.ListField(child=serializers.CharField(), help_text="Every module that was switched.")


def document(row: ModuleRow) -> dict[str, Any]:
    """Answer the form that every API shows."""
    return {
        "slug": row.slug, "name": row.name, "description": row.description, "version": row.version,
        "enabled": row.enabled, "toggleable": row.toggleable, "requires": list(row.requires),
        "required_by": list(row.required_by), "missing": list(row.missing),
        "health": {"status": "ok" if row.health.ok else "unavailable", "reason": row.health.reason},
    }  # fmt: skip


class ModulesView(Endpoint):
    """All modules: there are as many as the platform has, so they are one page."""

    permission = "modules.read"

    @extend_schema(operation_id="modules_list", responses=page_output("ModulePage", ModuleOutput(many=True)))
    def get(self, request: Request) -> HttpResponse:
        """List the modules, and which of them the shop uses."""
        rows = [document(row) for row in switches.module_rows(current_tenant())]
        return answer(request, {"next": None, "previous": None, "results": rows})


class ModuleView(Endpoint):
    """One module."""

    permission = {"GET": "modules.read", "PATCH": "modules.update"}

    @extend_schema(responses=ModuleOutput)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Answer a module."""
        return answer(request, document(found(switches.module_row(current_tenant(), slug))))

    @extend_schema(request=ModuleInput, responses=ModuleSwitchedOutput)
    def patch(self, request: Request, slug: str) -> HttpResponse:
        """Switch it on or off; what it had is kept."""
        data = ModuleInput.parse(request.data)
        switch = enable_module if data["enabled"] else disable_module
        done = switch(actor=request.actor, slug=slug, with_dependencies=data["with_dependencies"])
        row = found(switches.module_row(done.tenant, slug))
        return answer(request, document(row) | {"changed": list(done.slugs)})
