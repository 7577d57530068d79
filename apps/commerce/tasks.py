"""Scheduled work of the checkout."""

from __future__ import annotations

from django.utils import timezone

from apps.commerce import services
from apps.tenant.public import each_tenant
from rustok.kernel.edges.tasks import task

__all__ = ["settle_payments"]


@task(
    name="commerce.settle_payments", everywhere=True,
    runs_as="settles payments of which nobody knows whether they were charged",
)  # fmt: skip
def settle_payments() -> None:
    """Settle, in every tenant, payments of which nobody knows whether they were charged."""
    for _tenant in each_tenant(module="commerce"):
        services.settle_payments(now=timezone.now())
