"""Reads of tenants and their jobs, for the platform's people, and of what is a shop's own."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from apps.tenant.models import Domain, Job, Tenant
from apps.tenant.operators import operate
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import NotFound
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "find_job", "find_tenant", "jobs", "jobs_under_way", "newest_jobs", "own_domains", "own_settings", "tenants",
    "unfinished_job",
]  # fmt: skip


def tenants(actor: Actor, *, status: str = "") -> QuerySet[Tenant]:
    """List the tenants."""
    operate(actor, "tenants.read")
    found = Tenant.objects.prefetch_related("domains")
    return found.filter(status=status) if status else found


def find_tenant(actor: Actor, slug: str) -> Tenant:
    """Answer a tenant.

    :raises NotFound: if there is none
    """
    tenant = tenants(actor).filter(slug=slug).first()
    if tenant is None:
        raise NotFound()
    return tenant


def jobs(actor: Actor, *, slug: str = "", state: str = "") -> QuerySet[Job]:
    """List jobs, newest first."""
    operate(actor, "tenants.read")
    found = Job.objects.filter(tenant_slug=slug) if slug else Job.objects.all()
    return found.filter(state=state) if state else found


def find_job(actor: Actor, job_id: UUID) -> Job:
    """Answer a job.

    :raises NotFound: if there is none
    """
    job = jobs(actor).filter(pk=job_id).first()
    if job is None:
        raise NotFound()
    return job


def newest_jobs(tenant: Tenant, limit: int) -> list[Job]:
    """Answer the newest jobs of a tenant."""
    return list(Job.objects.filter(tenant_slug=tenant.slug, tenant_id=tenant.pk)[:limit])


def unfinished_job(slug: str) -> Job | None:
    """Answer the job of a tenant that is not finished."""
    return Job.objects.filter(tenant_slug=slug, state__in=Job.UNFINISHED).first()


def jobs_under_way(tenant_ids: Iterable[UUID]) -> dict[UUID, Job]:
    """Answer the unfinished job of each of these tenants that has one."""
    found = Job.objects.filter(tenant_id__in=set(tenant_ids), state__in=Job.UNFINISHED).order_by("pk")
    return {job.tenant_id: job for job in found if job.tenant_id}


# --- a shop's own -------------------------------------------------------------------------------------------------


def own_settings(actor: Actor) -> Tenant:
    """Answer the current shop, as it is now."""
    authorize(actor, "settings.read")
    return Tenant.objects.get(pk=current_tenant().id)


def own_domains(actor: Actor) -> QuerySet[Domain]:
    """List the current shop's domains by name; it has 20 at most."""
    authorize(actor, "settings.read")
    return Domain.objects.filter(tenant_id=current_tenant().id).order_by("domain", "pk")
