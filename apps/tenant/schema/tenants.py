"""GraphQL: tenants and their jobs, on the platform only; everywhere else there is no such thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import graphene
from django.utils import timezone
from graphene.types.generic import GenericScalar

from apps.tenant import inputs, selectors, services
from apps.tenant.documents import job_document, tenant_document
from apps.tenant.operators import require_platform
from rustok.kernel.access import Actor
from rustok.kernel.edges.graphql import Field, Mutation, as_connection, connection_of, page_request
from rustok.kernel.errors import NotFound
from rustok.kernel.pages import paginate

__all__ = ["TenantMutations", "TenantQuery"]


def _texts(**options: Any) -> graphene.List:
    return graphene.List(graphene.NonNull(graphene.String), **options)


class TenantType(graphene.ObjectType):
    """A tenant of this deployment."""

    class Meta:
        name = "Tenant"

    id = graphene.ID(required=True)
    slug = graphene.String(required=True)
    name = graphene.String(required=True)
    status = graphene.String(required=True, description="preparing, active, suspended or leaving.")
    status_reason = graphene.String(required=True, description="Why it is suspended.")
    delete_after = graphene.DateTime(description="When what is left of it goes.")
    domains = _texts(required=True)
    locales = _texts(required=True)
    currencies = _texts(required=True)
    timezone = graphene.String(required=True)
    limits = graphene.Field(GenericScalar, required=True, description="What it may use at most, by name.")
    created_at = graphene.DateTime(required=True)


class TenantJobType(graphene.ObjectType):
    """A piece of work on a tenant, and how far it is."""

    class Meta:
        name = "TenantJob"

    id = graphene.ID(required=True)
    kind = graphene.String(required=True)
    tenant = graphene.String(required=True, description="Slug; empty for all.")
    state = graphene.String(required=True, description="waiting, running, done, failed or cancelled.")
    step = graphene.String(required=True)
    percent = graphene.Int(required=True)
    error_code = graphene.String(required=True)
    error = graphene.String(required=True)
    result = graphene.Field(GenericScalar, required=True)
    requested_by = graphene.String(required=True)
    created_at = graphene.DateTime(required=True)
    finished_at = graphene.DateTime()


TenantConnection = connection_of(TenantType, "Tenant")
TenantJobConnection = connection_of(TenantJobType, "TenantJob")


class PlatformField(Field):
    """A root field that only the platform's own tenant has."""

    def wrap_resolve(self, parent_resolver: Any) -> Callable[..., Any]:
        """Let nobody elsewhere learn that there is such a thing, whatever they may."""
        resolve = super().wrap_resolve(parent_resolver)

        def only_here(root: Any, info: Any, **arguments: Any) -> Any:
            require_platform()
            return resolve(root, info, **arguments)

        return only_here


class TenantQuery(graphene.ObjectType):
    """Tenants and their jobs."""

    tenants = PlatformField(
        TenantConnection, permission="tenants.read", required=True, first=graphene.Int(), after=graphene.String(),
        status=graphene.String(), description="Tenants by slug; on the platform.",
    )  # fmt: skip
    tenant = PlatformField(
        TenantType, permission="tenants.read", slug=graphene.String(required=True), description="On the platform."
    )
    tenant_jobs = PlatformField(
        TenantJobConnection, permission="tenants.read", required=True, first=graphene.Int(), after=graphene.String(),
        tenant=graphene.String(description="Slug."), state=graphene.String(),
        description="What was done with tenants, newest first; on the platform.",
    )  # fmt: skip

    def resolve_tenants(
        root: Any, info: Any, first: int | None = None, after: str | None = None, status: str | None = None
    ) -> dict[str, Any]:
        """List tenants."""
        wanted = inputs.TenantQuery.parse({"status": status} if status else {})
        found = selectors.tenants(info.context.actor, **wanted)
        return as_connection(paginate(found, ["slug"], page_request(first, after)), tenant_document)

    def resolve_tenant(root: Any, info: Any, slug: str) -> dict[str, Any] | None:
        """Answer a tenant; null if there is none."""
        try:
            return tenant_document(selectors.find_tenant(info.context.actor, slug))
        except NotFound:
            return None

    def resolve_tenant_jobs(
        root: Any, info: Any, first: int | None = None, after: str | None = None, **wanted: str | None
    ) -> dict[str, Any]:
        """List jobs."""
        asked = inputs.JobQuery.parse({name: value for name, value in wanted.items() if value})
        found = selectors.jobs(info.context.actor, slug=asked.get("tenant", ""), state=asked.get("state", ""))
        return as_connection(paginate(found, ["-created_at", "-id"], page_request(first, after)), job_document)


# --- mutations ----------------------------------------------------------------------------------------------------


class PlatformMutation(Mutation):
    """A mutation that only the platform's own tenant has."""

    class Meta:
        abstract = True

    @classmethod
    def mutate(cls, root: Any, info: Any, input: Mapping[str, Any]) -> Any:
        """Let nobody elsewhere learn that there is such a thing, whatever they may.

        :raises NotFound: in any other tenant
        """
        require_platform()
        return super().mutate(root, info, input)


def _tenant(actor: Actor, slug: str) -> dict[str, Any]:
    return {"tenant": tenant_document(selectors.find_tenant(actor, slug))}


class TenantCreate(PlatformMutation):
    """Create a tenant: its name and domains are reserved at once, the job makes the rest."""

    permission = "tenants.create"
    tenant = graphene.Field(TenantType)
    job = graphene.Field(TenantJobType)

    class Input:
        slug = graphene.String(required=True)
        name = graphene.String(required=True)
        domains = _texts(required=True, description="The first is the primary one.")
        locales = _texts(description="The first is the default.")
        currencies = _texts(description="The first is the default.")
        timezone = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Begin."""
        job = services.begin_creation(actor=actor, **inputs.TenantInput.parse(data))
        return _tenant(actor, job.tenant_slug) | {"job": job_document(job)}


class TenantSuspend(PlatformMutation):
    """Suspend a tenant: it is refused everywhere, its work waits, nothing is lost."""

    permission = "tenants.update"
    tenant = graphene.Field(TenantType)

    class Input:
        slug = graphene.String(required=True)
        reason = graphene.String(description="Only the platform's people read it.")

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Suspend."""
        slug = data.pop("slug")
        services.suspend_tenant(actor=actor, slug=slug, reason=inputs.SuspendInput.parse(data)["reason"])
        return _tenant(actor, slug)


class TenantResume(PlatformMutation):
    """Resume a tenant that is suspended or about to be deleted."""

    permission = "tenants.update"
    tenant = graphene.Field(TenantType)

    class Input:
        slug = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Resume."""
        services.resume_tenant(actor=actor, slug=data["slug"])
        return _tenant(actor, data["slug"])


class TenantDelete(PlatformMutation):
    """Refuse a tenant at once, and delete it after the grace period; until then it can be resumed."""

    permission = "tenants.delete"
    tenant = graphene.Field(TenantType)

    class Input:
        slug = graphene.String(required=True)
        confirm = graphene.String(required=True, description="The tenant's slug once more.")
        grace_days = graphene.Int(description="0 to 365; 14 if left out.")

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Announce that it leaves."""
        slug = data.pop("slug")
        clean = inputs.LeaveInput.parse(data)
        inputs.check_meant(clean, slug)
        days = clean.get("grace_days", services.GRACE_DAYS)
        services.leave_tenant(actor=actor, slug=slug, now=timezone.now(), grace_days=days)
        return _tenant(actor, slug)


class TenantExport(PlatformMutation):
    """Write a tenant into one archive; the job has it for a week."""

    permission = "tenants.export"
    job = graphene.Field(TenantJobType)

    class Input:
        slug = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Begin."""
        return {"job": job_document(services.begin_export(actor=actor, slug=data["slug"]))}


class TenantSetLimits(PlatformMutation):
    """Set what a tenant may use at most; null takes a limit away, what is left out stays."""

    permission = "tenants.update"
    tenant = graphene.Field(TenantType)

    class Input:
        slug = graphene.String(required=True)
        requests_per_minute = graphene.Int()
        graphql_points_per_minute = graphene.Int()
        upload_bytes = graphene.Int()
        media_bytes = graphene.Float(description="A whole number; it may be greater than an Int.")

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Set them."""
        slug = data.pop("slug")
        services.set_limits(actor=actor, slug=slug, limits=inputs.LimitsInput.parse(data, partial=True))
        return _tenant(actor, slug)


class TenantMutations(graphene.ObjectType):
    """What the platform does with tenants."""

    tenant_create = TenantCreate.Field()
    tenant_suspend = TenantSuspend.Field()
    tenant_resume = TenantResume.Field()
    tenant_delete = TenantDelete.Field()
    tenant_export = TenantExport.Field()
    tenant_set_limits = TenantSetLimits.Field()
