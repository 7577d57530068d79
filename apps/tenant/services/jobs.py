"""Jobs: steps that are saved one by one, so that whoever comes next goes on where the last one stopped."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from apps.tenant.models import Job, Tenant
from apps.tenant.operators import operate
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict, DomainError, NotFound
from rustok.kernel.ids import new_id
from rustok.kernel.tenancy import use_tenant

__all__ = [
    "JobTaken", "Kind", "Step", "TenantBusy", "begin", "cancel_job", "complete", "continue_job", "declare",
    "install_sender", "is_long", "keep", "retry_job", "run", "run_here", "unattended",
]  # fmt: skip

log = logging.getLogger(__name__)

#: How long a runner that says nothing is taken for alive.
LEASE = timedelta(seconds=60)
#: Times that a job is taken up without getting on.
ATTEMPTS = 5
#: Jobs that one look for unattended ones finds.
AT_ONCE = 100


class TenantBusy(Conflict):
    """Another job of this tenant is not finished."""

    code = "tenant_busy"


class JobTaken(Conflict):
    """Somebody works on this job, or it is over."""

    code = "job_taken"


class NotCancellable(Conflict):
    """It is too late to cancel this job."""

    code = "job_not_cancellable"


class NotFailed(Conflict):
    """Only a job that failed or was cancelled can be run again."""

    code = "job_not_failed"


class GaveUp(DomainError):
    """Each process that took this job up died with it."""

    code = "job_gave_up"
    status = 500


class LeaseLost(Exception):
    """The runner was silent for so long that somebody else took its job."""


class Cancelled(Exception):
    """Somebody wants the job to stop."""


@dataclass(frozen=True, slots=True)
class Step:
    """A named part of a job.

    `work` does one slice and tells whether the step is done. It is one transaction with the note that it happened,
    unless `atomic` is False: then it must be harmless to run again, and calls `keep()` while it works.
    """

    name: str
    work: Callable[[Job], bool]
    atomic: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of job does."""

    steps: tuple[Step, ...]
    #: Takes back what was done, when the job is cancelled.
    undo: Callable[[Job], None] | None = None
    #: Whether it may stop at this moment.
    may_cancel: Callable[[Job], bool] = lambda job: True
    #: Whether a slice may take minutes.
    is_long: bool = False


_kinds: dict[str, Kind] = {}
_senders: list[Callable[[Job], None]] = []


def declare(name: str, kind: Kind) -> None:
    """Set what a kind of job does."""
    _kinds[name] = kind


def install_sender(send: Callable[[Job], None]) -> None:
    """Set what brings a job to a worker."""
    _senders[:] = [send]


def is_long(job: Job) -> bool:
    """Tell whether a slice of the job may take minutes."""
    return _kinds[job.kind].is_long


# --- beginning ----------------------------------------------------------------------------------------------------


def begin(
    kind: str, *, actor: Actor, tenant: Tenant | None, params: dict[str, Any] | None = None, by_hand: bool = False
) -> Job:
    """Write a job down; a worker takes it up once that is committed, unless it is the caller's to run.

    :raises TenantBusy: if the tenant has a job that is not finished
    """
    job = Job(
        kind=kind, tenant_slug=tenant.slug if tenant else "", tenant_id=tenant.pk if tenant else None,
        params=params or {}, requested_by=name_of(actor), by_hand=by_hand, step=_kinds[kind].steps[0].name,
    )  # fmt: skip
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        raise TenantBusy(job.tenant_slug or None) from None
    if not by_hand:
        transaction.on_commit(lambda: _send(job), robust=True)
    return job


def complete(kind: str, *, actor: Actor, tenant: Tenant, params: dict[str, Any]) -> Job:
    """Note a job that is done in the running transaction already."""
    return Job.objects.create(
        kind=kind, tenant_slug=tenant.slug, tenant_id=tenant.pk, params=params, requested_by=name_of(actor),
        state=Job.State.DONE, done=1, total=1, started_at=Now(), finished_at=Now(),
    )  # fmt: skip


def name_of(actor: Actor) -> str:
    """Answer who asks, for the record."""
    return (actor.email or actor.label or actor.kind)[:200]


def _send(job: Job) -> None:
    for send in _senders:
        send(job)


# --- running ------------------------------------------------------------------------------------------------------

Tell = Callable[[Job], None]


def run(job_id: UUID, *, seconds: float | None = None, tell: Tell = lambda job: None) -> Job:
    """Work on a job until it is over, or for about so many seconds; answer how it stands.

    Whatever interrupts it gives the job back, so that the next call goes on.

    :raises JobTaken: if somebody works on it, or it is over
    """
    deadline = time.monotonic() + seconds if seconds else None
    with use_tenant(None):
        job = _take(job_id)
        job._tell = tell  # type: ignore[attr-defined]
        try:
            while not job.is_over:
                tell(job)
                _slice(job)
                if deadline and not job.is_over and time.monotonic() > deadline:
                    _give_back(job)
                    break
            tell(job)
        except LeaseLost:
            log.warning("tenant_job_lease_lost", extra={"job": str(job.pk)})
            job.refresh_from_db()
        except BaseException:
            _give_back(job)
            raise
    return job


def run_here(job: Job) -> None:
    """Run all steps inside the caller's transaction: all or nothing, and no lease."""
    with use_tenant(None):
        for step in _kinds[job.kind].steps:
            job.step = step.name
            while not step.work(job):
                pass
        _end(job, Job.State.DONE)


def continue_job(job_id: UUID, *, seconds: float | None) -> None:
    """Work on a job for a while, as a worker does; what is left is sent again."""
    try:
        job = run(job_id, seconds=seconds)
    except JobTaken:
        return
    if job.state == Job.State.WAITING:
        _send(job)


def unattended() -> int:
    """Send jobs to workers that nobody works on; answer how many."""
    with use_tenant(None):
        jobs = list(Job.objects.filter(_free(), by_hand=False).order_by("created_at", "pk")[:AT_ONCE])
    for job in jobs:
        _send(job)
    return len(jobs)


def keep(job: Job) -> None:
    """Say in the middle of a long slice that the runner lives, and how far it is.

    :raises LeaseLost: if somebody else has the job by now
    :raises Cancelled: if it is to stop
    """
    kept = Job.objects.filter(pk=job.pk, runner=job.runner, state=Job.State.RUNNING)
    if not kept.update(lease_until=Now() + LEASE, done=job.done, total=job.total):
        raise LeaseLost
    if kept.filter(cancel_requested=True).exists():
        raise Cancelled
    job._tell(job)  # type: ignore[attr-defined]


def _free() -> Q:
    return Q(state=Job.State.WAITING) | Q(state=Job.State.RUNNING, lease_until__lt=Now())


def _take(job_id: UUID) -> Job:
    runner = new_id()
    taken = Job.objects.filter(_free(), pk=job_id).update(
        state=Job.State.RUNNING, runner=runner, lease_until=Now() + LEASE, attempts=F("attempts") + 1,
        started_at=Coalesce(F("started_at"), Now()),
    )  # fmt: skip
    if not taken:
        raise JobTaken()
    job = Job.objects.get(pk=job_id)
    if job.attempts > ATTEMPTS:
        _fail(job, GaveUp())
    return job


def _slice(job: Job) -> None:
    """Do one slice of the step that the job is at."""
    kind = _kinds[job.kind]
    step = next(step for step in kind.steps if step.name == job.step)
    try:
        if step.atomic:
            with transaction.atomic():
                _hold(job)
                _advance(job, kind, step.work(job))
        else:
            with transaction.atomic():
                _hold(job)
            _advance(job, kind, step.work(job))
    except Cancelled:
        _cancel(job)
    except DomainError as error:
        _fail(job, error)
    except (OperationalError, InterfaceError, LeaseLost):
        raise  # the database, not the job: it is given back, and tried again
    except Exception as error:
        log.exception("tenant_job_failed", extra={"job": str(job.pk), "kind": job.kind, "step": job.step})
        _fail(job, error)


def _hold(job: Job) -> None:
    """Lock the job's row for this slice, and renew the lease.

    :raises LeaseLost: if somebody else has it by now
    :raises Cancelled: if it is to stop
    """
    row = Job.objects.select_for_update().filter(pk=job.pk, runner=job.runner, state=Job.State.RUNNING).first()
    if row is None:
        raise LeaseLost
    if row.cancel_requested and _kinds[job.kind].may_cancel(job):
        raise Cancelled
    Job.objects.filter(pk=job.pk).update(lease_until=Now() + LEASE)


def _advance(job: Job, kind: Kind, is_finished: bool) -> None:
    """Save how far the job is; after the last step it is done."""
    names = [step.name for step in kind.steps]
    following = names[names.index(job.step) + 1 :]
    if is_finished and not following:
        _end(job, Job.State.DONE)
        return
    if is_finished:
        job.step, job.done, job.total = following[0], 0, 0
    job.attempts = 0
    job.save(update_fields=["step", "done", "total", "params", "result", "attempts"])


def _end(job: Job, state: str) -> None:
    job.state, job.runner, job.lease_until = state, None, None
    job.finished_at = Now()
    job.save()
    job.refresh_from_db()


def _fail(job: Job, error: Exception) -> None:
    """Keep what went wrong; the job can be run again at this step."""
    job.error_code = error.code if isinstance(error, DomainError) else "unexpected"
    text = error.detail if isinstance(error, DomainError) else f"{type(error).__name__}: {error}"
    job.error = text.replace("\0", "")[:2_000]
    _end(job, Job.State.FAILED)


def _cancel(job: Job) -> None:
    undo = _kinds[job.kind].undo
    with transaction.atomic():
        if undo:
            undo(job)
        _end(job, Job.State.CANCELLED)


def _give_back(job: Job) -> None:
    """Let anybody go on, if the database can still be told; else the lease ends by itself."""
    try:
        if connection.in_atomic_block and connection.needs_rollback:
            return
        Job.objects.filter(pk=job.pk, runner=job.runner, state=Job.State.RUNNING).update(
            state=Job.State.WAITING, runner=None, lease_until=None
        )
        job.refresh_from_db()
    except (OperationalError, InterfaceError):
        log.warning("tenant_job_not_given_back", extra={"job": str(job.pk)})


# --- what operators do with jobs ----------------------------------------------------------------------------------


def cancel_job(*, actor: Actor, job_id: UUID) -> Job:
    """Stop a job: at once if nobody works on it, else at the end of its slice.

    :raises NotCancellable: if it is over, or too far to be taken back
    """
    operate(actor, "tenants.update")
    with use_tenant(None), transaction.atomic():
        job = _locked(Job.objects.filter(pk=job_id))
        if job.is_over or not _kinds[job.kind].may_cancel(job):
            raise NotCancellable()
        job.cancel_requested = True
        job.save(update_fields=["cancel_requested"])
        if Job.objects.filter(_free(), pk=job.pk).exists():
            _cancel(job)
    return job


def retry_job(*, actor: Actor, job_id: UUID) -> Job:
    """Let a job that failed or was cancelled go on at its step.

    :raises NotFailed: if it is something else
    :raises TenantBusy: if its tenant has another job by now
    """
    operate(actor, "tenants.update")
    with use_tenant(None), transaction.atomic():
        job = _locked(Job.objects.filter(pk=job_id))
        if job.state != Job.State.FAILED and (job.state != Job.State.CANCELLED or _kinds[job.kind].undo):
            raise NotFailed()
        job.state, job.finished_at, job.attempts, job.cancel_requested = Job.State.WAITING, None, 0, False
        job.error_code = job.error = ""
        try:
            with transaction.atomic():
                job.save()
        except IntegrityError:
            raise TenantBusy(job.tenant_slug) from None
        if not job.by_hand:
            transaction.on_commit(lambda: _send(job), robust=True)
    return job


def _locked(jobs: QuerySet[Job]) -> Job:
    job = jobs.select_for_update().first()
    if job is None:
        raise NotFound()
    return job
