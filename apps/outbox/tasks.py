"""The Celery side of delivery: one task per dispatch."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from apps.outbox import services

__all__ = ["deliver", "prune"]


@shared_task(name="outbox.deliver", ignore_result=True, everywhere=True, runs_as="runs the handlers of a dispatch")
def deliver(dispatch_id: int) -> None:
    """Run a dispatch; failures are kept in the database, not in Celery."""
    services.deliver(dispatch_id)


@shared_task(name="outbox.prune", ignore_result=True, everywhere=True, runs_as="deletes events that are over")
def prune() -> None:
    """Delete events that are over and older than the retention."""
    services.prune(before=timezone.now().date() - timedelta(days=settings.EVENT_RETENTION_DAYS))
