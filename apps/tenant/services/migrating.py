"""Bringing schemas to the newest migration: the shared tables, a canary, the template, then everybody."""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import QuerySet

from apps.tenant import schemas
from apps.tenant.models import Job, Tenant
from apps.tenant.operators import operate
from apps.tenant.services import jobs
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict, NotFound
from rustok.kernel.tenancy import use_tenant

__all__ = ["begin_migration", "migrate_here", "migrate_shared", "something_is_behind"]

log = logging.getLogger(__name__)

#: Tenants of one slice: for one process, and for each of several.
SLICE = 10
#: Tenants whose outcome the job keeps; of the others it keeps the numbers.
KEPT = 1_000


class CanaryFailed(Conflict):
    """The canary could not be migrated, so nobody else was."""

    code = "canary_failed"


class NotAllMigrated(Conflict):
    """Some tenants could not be migrated."""

    code = "migration_failed"


class Outcome(NamedTuple):
    """What became of one tenant."""

    slug: str
    seconds: float
    error: str = ""


def begin_migration(
    *, actor: Actor, canary: str = "", only: Sequence[str] = (), parallel: int = 1, by_hand: bool = False
) -> Job:
    """Begin to migrate all tenants, or some; without the shared tables nothing else could, so those come first.

    :raises NotFound: if a named tenant does not exist
    :raises TenantBusy: if a migration is going on
    """
    operate(actor, "tenants.update")
    named = {canary, *only} - {""}
    with use_tenant(None):
        if missing := named - set(Tenant.objects.filter(slug__in=named).values_list("slug", flat=True)):
            raise NotFound(f"there is no tenant {', '.join(sorted(missing))[:200]}")
        params = {"canary": canary, "only": sorted(only), "parallel": parallel if by_hand else 1}
        return jobs.begin(Job.Kind.MIGRATE, actor=actor, tenant=None, params=params, by_hand=by_hand)


def migrate_here(
    *, actor: Actor, canary: str = "", only: Sequence[str] = (), parallel: int = 1, tell: jobs.Tell = lambda job: None
) -> Job:
    """Migrate in this process; a migration that another process left is ended first, one that runs is waited for."""
    migrate_shared()
    while True:
        try:
            job = begin_migration(actor=actor, canary=canary, only=only, parallel=parallel, by_hand=True)
            return jobs.run(job.pk, tell=tell)
        except jobs.TenantBusy:
            _wait_for_other(tell)


def _wait_for_other(tell: jobs.Tell) -> None:
    with use_tenant(None):
        other = Job.objects.filter(tenant_slug="", state__in=Job.UNFINISHED).first()
    try:
        if other:
            jobs.run(other.pk, tell=tell)
    except jobs.JobTaken:
        time.sleep(0.3)


def migrate_shared() -> bool:
    """Bring the shared tables to the newest migration; tell whether they were not."""
    if not schemas.public_is_behind():
        return False
    with schemas.advisory_lock():
        schemas.migrate_public()
    return True


def something_is_behind() -> bool:
    """Tell whether a schema lacks a migration."""
    if schemas.public_is_behind() or schemas.template_is_behind():
        return True
    with use_tenant(None):
        return _behind(schemas.fingerprint()).exists()


# --- the steps ----------------------------------------------------------------------------------------------------


def _public(job: Job) -> bool:
    migrate_shared()
    return True


def _canary(job: Job) -> bool:
    """Try one tenant before the template and all others."""
    slug = job.params["canary"]
    if slug:
        outcome = _migrate(slug)
        if outcome.error:
            raise CanaryFailed(f"{slug}: {outcome.error}")
        _note(job, outcome)
    return True


def _template(job: Job) -> bool:
    if not job.params["only"] and schemas.template_is_behind():
        with schemas.advisory_lock():
            schemas.migrate_schema(schemas.TEMPLATE)
            schemas.note_template(schemas.fingerprint())
    return True


def _tenants(job: Job) -> bool:
    """Migrate the next tenants that are behind; one that fails is noted, and the others go on."""
    newest = schemas.fingerprint()
    behind = _behind(newest)
    if job.params["only"]:
        behind = behind.filter(slug__in=job.params["only"])
    if not job.total:
        job.total = behind.count()
        job.result.setdefault("current", Tenant.objects.filter(migrated_to=newest).count())
    parallel = job.params["parallel"]
    slugs = list(behind.filter(slug__gt=job.result.get("after", "")).values_list("slug", flat=True)[: SLICE * parallel])
    for outcome in _migrate_each(slugs, parallel):
        _note(job, outcome)
        job.done += 1
        jobs.keep(job)
    if slugs:
        job.result["after"] = slugs[-1]
        return False
    job.result.pop("after", None)
    if failed := job.result.get("failed"):
        job.done = job.total = 0
        raise NotAllMigrated(f"{len(failed)} not migrated: {', '.join(sorted(failed))[:500]}")
    return True


def _behind(newest: str) -> QuerySet[Tenant]:
    """List tenants with an old fingerprint; not those that are being made or taken down."""
    being_changed = Job.objects.filter(
        state__in=Job.UNFINISHED, kind__in=[Job.Kind.CREATE, Job.Kind.IMPORT, Job.Kind.DELETE]
    )
    return (
        Tenant.objects.exclude(migrated_to=newest)
        .exclude(status=Tenant.Status.PREPARING)
        .exclude(slug__in=being_changed.values("tenant_slug"))
        .order_by("slug")
    )


def _note(job: Job, outcome: Outcome) -> None:
    """Keep what became of a tenant."""
    failed: dict[str, str] = job.result.setdefault("failed", {})
    each: dict[str, Any] = job.result.setdefault("tenants", {})
    failed.pop(outcome.slug, None)
    if outcome.error:
        failed[outcome.slug] = outcome.error
    else:
        job.result["migrated"] = job.result.get("migrated", 0) + 1
    if len(each) < KEPT or outcome.slug in each:
        each[outcome.slug] = {"state": "failed" if outcome.error else "migrated", "seconds": round(outcome.seconds, 3)}
    job.last_outcome = outcome  # type: ignore[attr-defined]


# --- one tenant ---------------------------------------------------------------------------------------------------


def _migrate_each(slugs: Sequence[str], parallel: int) -> Iterator[Outcome]:
    if parallel == 1 or len(slugs) < 2:
        yield from map(_migrate, slugs)
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(min(parallel, len(slugs)), mp_context=context, initializer=_own_connections) as pool:
        for future in as_completed([pool.submit(_migrate, slug) for slug in slugs]):
            yield future.result()


def _own_connections() -> None:
    """Leave the parent's connections alone: a child that closed them would end the parent's sessions."""
    for connection in connections.all():
        connection.connection = None
        connection.in_atomic_block = False


def _migrate(slug: str) -> Outcome:
    """Bring one tenant's schema to the newest migration, whoever else tries the same."""
    begun = time.monotonic()
    try:
        with use_tenant(None):
            tenant = Tenant.objects.get(slug=slug)
            schemas.bring_up_to_date(tenant.schema_name)
            Tenant.objects.filter(pk=tenant.pk).update(migrated_to=schemas.fingerprint())
        return Outcome(slug, time.monotonic() - begun)
    except Exception as error:
        log.exception("tenant_not_migrated", extra={"tenant": slug})
        return Outcome(slug, time.monotonic() - begun, f"{type(error).__name__}: {error}".replace("\0", "")[:500])


jobs.declare(Job.Kind.MIGRATE, jobs.Kind((
    jobs.Step("public", _public, atomic=False), jobs.Step("canary", _canary, atomic=False),
    jobs.Step("template", _template, atomic=False), jobs.Step("tenants", _tenants, atomic=False),
)))  # fmt: skip
