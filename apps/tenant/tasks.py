"""The Celery side of jobs: a slice after the other, and a look for what nobody works on."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.tenant import services
from apps.tenant.models import Job
from apps.tenant.records import texts
from rustok.kernel.edges.tasks import task

__all__ = ["delete_due", "look_at_domains", "prune_exports", "resume_jobs", "run_job", "run_long_job"]

#: Seconds after which a task leaves the rest of a job to the next one.
SLICE = 20.0
#: Seconds that an export may take: its snapshot lives as long as its connection, so it cannot be cut. Should the broker
#: deliver the task again meanwhile, it finds the job's lease taken and does nothing.
LONGEST = 6 * 3600


@task(name="tenant.run_job", everywhere=True, runs_as="works on a job of a tenant")
def run_job(job_id: str) -> None:
    """Work on a job for a while."""
    services.continue_job(UUID(job_id), seconds=SLICE)


@task(
    name="tenant.run_long_job", everywhere=True, runs_as="works on a long job of a tenant",
    time_limit=LONGEST, soft_time_limit=LONGEST - 60,
)  # fmt: skip
def run_long_job(job_id: str) -> None:
    """Work on a job whose slices may take minutes."""
    services.continue_job(UUID(job_id), seconds=SLICE)


@task(name="tenant.resume_jobs", everywhere=True, runs_as="sends jobs that nobody works on to workers")
def resume_jobs() -> None:
    """Send the jobs that nobody works on: their message, their worker or its machine is gone."""
    services.unattended()


@task(name="tenant.delete_due", everywhere=True, runs_as="deletes tenants whose grace period is over")
def delete_due() -> None:
    """Begin to delete the tenants whose grace period is over."""
    services.due_deletions(now=timezone.now())


@task(name="tenant.prune_exports", everywhere=True, runs_as="deletes old exports")
def prune_exports() -> None:
    """Delete exports that nobody may download any more."""
    services.delete_old_archives(now=timezone.now())


@task(name="tenant.look_at_domains", everywhere=True, runs_as="looks whether domains still are their shops' own")
def look_at_domains() -> None:
    """Look for the records of the domains whose turn it is."""
    services.look_again(now=timezone.now(), look_up=texts, grace=timedelta(days=settings.DOMAIN_GRACE_DAYS))


def _send(job: Job) -> None:
    (run_long_job if services.is_long(job) else run_job).delay(str(job.pk))


services.install_sender(_send)
