"""Letting go what is over."""

from __future__ import annotations

from django.utils import timezone

from apps.rbac import services
from apps.tenant.public import each_tenant
from rustok.kernel.edges.tasks import task

__all__ = ["prune"]


@task(name="rbac.prune", runs_as="deletes invitations that are over", everywhere=True)
def prune() -> None:
    """Delete in every tenant the invitations that are over."""
    for _tenant in each_tenant(module="rbac"):
        services.prune_invitations(now=timezone.now())
