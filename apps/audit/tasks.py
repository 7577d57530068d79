"""Letting old entries go."""

from __future__ import annotations

from django.conf import settings

from apps.audit import services
from apps.tenant.public import each_tenant
from rustok.kernel.edges.tasks import task

__all__ = ["prune"]


@task(name="audit.prune", runs_as="deletes entries that are too old", everywhere=True)
def prune() -> None:
    """Delete from every tenant's log what is older than the retention."""
    for _tenant in each_tenant():
        services.prune(days=settings.AUDIT_RETENTION_DAYS)
