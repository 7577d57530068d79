"""Deleting tenants: after the grace period all of them goes, and the job keeps the proof."""

from __future__ import annotations

import time
from datetime import datetime

from django.db import OperationalError, connection, transaction

from apps.tenant import erasing, schemas
from apps.tenant.archives import delete_archives
from apps.tenant.events import TenantDeleted, TenantLeaving
from apps.tenant.models import Domain, Job, Tenant
from apps.tenant.operators import on_record, operate, to_change
from apps.tenant.resolver import announce
from apps.tenant.services import jobs
from apps.tenant.services.suspending import change_state, tell
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict
from rustok.kernel.tenancy import use_tenant

__all__ = ["begin_deletion", "due_deletions"]

#: Tables of one transaction: with their indexes and sequences far below the locks that PostgreSQL has by default.
TABLES = 20
#: Deletions that one look begins.
AT_ONCE = 50


class NotGone(Conflict):
    """Something of the tenant is still there."""

    code = "tenant_not_gone"


def begin_deletion(*, actor: Actor, slug: str, now: datetime, by_hand: bool = False) -> Job:
    """Delete a tenant with all that it has, without a grace period. It cannot be taken back.

    :raises PlatformStays: for the platform's own
    :raises TenantBusy: if the tenant has a job that is not finished
    """
    operate(actor, "tenants.delete")
    with use_tenant(None), transaction.atomic():
        tenant = to_change(slug)
        job = jobs.begin(Job.Kind.DELETE, actor=actor, tenant=tenant, params={"name": tenant.name}, by_hand=by_hand)
        if tenant.status != Tenant.Status.LEAVING:
            tenant.status, tenant.delete_after = Tenant.Status.LEAVING, now
            change_state(tenant, TenantLeaving(tenant_id=tenant.pk, slug=tenant.slug, delete_after=now))
        on_record("tenant.deletion_begun", actor=actor, tenant=tenant)
    return job


def due_deletions(*, now: datetime) -> int:
    """Begin to delete the tenants whose grace period is over; answer how many."""
    with use_tenant(None):
        due = Tenant.objects.filter(status=Tenant.Status.LEAVING, delete_after__lte=now)
        begun = Job.objects.filter(kind=Job.Kind.DELETE, state__in=[*Job.UNFINISHED, Job.State.FAILED])
        due = due.exclude(pk__in=begun.filter(tenant_id__isnull=False).values("tenant_id"))
        slugs = list(due.order_by("delete_after", "pk").values_list("slug", flat=True)[:AT_ONCE])
    count = 0
    for slug in slugs:
        try:
            begin_deletion(actor=Actor.system("the end of the grace period"), slug=slug, now=now)
            count += 1
        except jobs.TenantBusy:
            continue  # an export, say; the next look finds it again
    return count


# --- the steps ----------------------------------------------------------------------------------------------------


def _schema(job: Job) -> bool:
    """Drop some tables, and the schema once it is empty."""
    if not job.total:
        job.total = _removed(job)["tables"] = len(schemas.tables_of(job.tenant_slug))
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '3s'")
            left = schemas.drop_some_tables(job.tenant_slug, TABLES)
            if not left:
                schemas.drop_schema(job.tenant_slug)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":
            raise
        time.sleep(0.2)  # somebody still works in it: what begun before the tenant was closed comes to its end
        return False
    job.done = job.total - left
    return not left


def _files(job: Job) -> bool:
    """Delete some files, and at last the exports that lie here."""
    if not job.total:
        job.total = erasing.count_files(job.tenant_slug)
    count, is_all = erasing.delete_some_files(job.tenant_slug)
    _removed(job)["files"] = _removed(job).get("files", 0) + count
    job.done += count
    if is_all:
        _removed(job)["archives"] = delete_archives(job.tenant_slug)
    return is_all


def _rows(job: Job) -> bool:
    """Delete a batch of the rows in `public`."""
    return erasing.delete_rows(job.subject, _removed(job))


def _cache(job: Job) -> bool:
    tenant = Tenant.objects.filter(pk=job.subject).first()
    if tenant:
        _removed(job)["cache_keys"] = erasing.delete_cache(tenant)
    return True


def _tenant(job: Job) -> bool:
    """Delete the tenant itself, and tell it."""
    tenant = Tenant.objects.select_for_update().filter(pk=job.subject).first()
    if tenant is None:
        return True
    _removed(job)["domains"] = Domain.objects.filter(tenant=tenant).count()
    on_record("tenant.deleted", actor=Actor.system(job.requested_by), tenant=tenant)
    tell(tenant, TenantDeleted(tenant_id=tenant.pk, slug=tenant.slug))
    announce(tenant)
    tenant.delete()
    return True


def _proof(job: Job) -> bool:
    """Look for anything that is left; what came after its step, as from a handler that was still running, goes too."""
    while not erasing.delete_rows(job.subject, _removed(job)):
        pass
    left = erasing.left_of(job.tenant_slug, job.subject)
    job.result["left"] = left
    if any(left.values()):
        raise NotGone(", ".join(f"{name}: {count}" for name, count in left.items() if count))
    return True


def _removed(job: Job) -> dict[str, int]:
    removed: dict[str, int] = job.result.setdefault("removed", {})
    return removed


jobs.declare(Job.Kind.DELETE, jobs.Kind((
    jobs.Step("schema", _schema), jobs.Step("files", _files), jobs.Step("rows", _rows), jobs.Step("cache", _cache),
    jobs.Step("tenant", _tenant), jobs.Step("proof", _proof),
), may_cancel=lambda job: False))  # fmt: skip
