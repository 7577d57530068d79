"""What every API shows of tenants, jobs, domains and a shop's settings."""

from __future__ import annotations

from typing import Any

from apps.tenant.models import Domain, Job, Tenant
from apps.tenant.records import record_name, record_value

__all__ = ["SETTINGS", "domain_document", "job_document", "settings_document", "tenant_document"]

#: What a shop says of itself, and what it may use at most.
SETTINGS = (
    "slug", "name", "locales", "default_locale", "currencies", "default_currency", "timezone", "theme", "cors_origins",
    "staff_second_factor", "limits",
)  # fmt: skip


def tenant_document(tenant: Tenant) -> dict[str, Any]:
    """Answer a tenant; its domains should have been read along."""
    return {
        "id": tenant.pk, "slug": tenant.slug, "name": tenant.name, "status": tenant.status,
        "status_reason": tenant.status_reason, "delete_after": tenant.delete_after,
        "domains": [domain.domain for domain in tenant.domains.all()], "locales": tenant.locales,
        "currencies": tenant.currencies, "timezone": tenant.timezone, "limits": tenant.limits,
        "created_at": tenant.created_at,
    }  # fmt: skip


def job_document(job: Job) -> dict[str, Any]:
    """Answer a job and how far it is; not where its files lie."""
    return {
        "id": job.pk, "kind": job.kind, "tenant": job.tenant_slug, "state": job.state, "step": job.step,
        "percent": job.percent, "error_code": job.error_code, "error": job.error,
        "result": {name: value for name, value in job.result.items() if name != "path"},
        "requested_by": job.requested_by, "created_at": job.created_at, "finished_at": job.finished_at,
    }  # fmt: skip


def domain_document(domain: Domain) -> dict[str, Any]:
    """Answer a domain, with the record that is to be made: still, or again."""
    is_wanted = domain.verified_at is None or domain.missing_since is not None
    record = {"name": record_name(domain), "value": record_value(domain)} if is_wanted else None
    return {
        "id": domain.pk, "domain": domain.domain, "is_primary": domain.is_primary, "verified_at": domain.verified_at,
        "missing_since": domain.missing_since, "lapses_at": domain.lapses_at, "record": record,
    }  # fmt: skip


def settings_document(tenant: Tenant) -> dict[str, Any]:
    """Answer a shop's settings."""
    return {name: getattr(tenant, name) for name in SETTINGS}
