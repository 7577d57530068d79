"""Letting old entries go."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from apps.audit import services
from apps.tenant.public import each_tenant

__all__ = ["prune"]


@shared_task(name="audit.prune", ignore_result=True, runs_as="deletes entries that are too old", everywhere=True)
def prune() -> None:
    """Delete from every tenant's log what is older than the retention."""
    for _tenant in each_tenant():
        services.prune(days=settings.AUDIT_RETENTION_DAYS)
