"""The Celery side of delivery: one task per dispatch."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from apps.outbox import services
from rustok.kernel.edges.tasks import task

__all__ = ["deliver", "prune"]


@task(name="outbox.deliver", everywhere=True, runs_as="runs the handlers of a dispatch")
def deliver(dispatch_id: int) -> None:
    """Run a dispatch; failures are kept in the database, not in Celery."""
    services.deliver(dispatch_id)


@task(name="outbox.prune", everywhere=True, runs_as="deletes events that are over")
def prune() -> None:
    """Delete events that are over and older than the retention."""
    services.prune(before=timezone.now().date() - timedelta(days=settings.EVENT_RETENTION_DAYS))
