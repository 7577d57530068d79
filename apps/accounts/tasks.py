"""Letting go what is over."""

from __future__ import annotations

from django.utils import timezone

from apps.accounts import services
from apps.tenant.public import each_tenant
from rustok.kernel.edges.tasks import task

__all__ = ["prune"]


@task(name="accounts.prune", runs_as="deletes sessions, requests and wishes that are over", everywhere=True)
def prune() -> None:
    """Delete in every tenant what is over."""
    for _tenant in each_tenant(module="accounts"):
        services.prune(now=timezone.now())
