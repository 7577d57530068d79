"""The Celery side of delivery: one task per claim."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.conf import settings

from apps.outbox import services

__all__ = ["deliver", "prune"]


@shared_task(name="outbox.deliver", ignore_result=True)
def deliver(tenant_id: str, handler: str, delivery_ids: list[int]) -> None:
    """Run one handler for the deliveries of one tenant; failures are kept in the database, not in Celery."""
    services.deliver(UUID(tenant_id), handler, delivery_ids)


@shared_task(name="outbox.prune", ignore_result=True)
def prune() -> None:
    """Delete events that are over and older than the retention."""
    services.prune(days=settings.EVENT_RETENTION_DAYS)
