"""Suspending tenants, announcing that they leave, and taking either back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from apps.tenant.events import TenantLeaving, TenantResumed, TenantSuspended
from apps.tenant.models import Job, Tenant
from apps.tenant.operators import on_record, on_the_platform, operate, to_change
from apps.tenant.resolver import announce
from apps.tenant.services import jobs
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict, Invalid
from rustok.kernel.events import Event, publish
from rustok.kernel.tenancy import use_tenant

__all__ = ["GRACE_DAYS", "change_state", "leave_tenant", "resume_tenant", "suspend_tenant", "tell"]

#: Days in which a deletion can be taken back, if nobody says otherwise, and at most.
GRACE_DAYS, MOST_GRACE = 14, 365
MAX_REASON = 300


class NotActive(Conflict):
    """Only an active tenant can be suspended."""

    code = "tenant_not_active"


class NotSuspended(Conflict):
    """Only a tenant that is suspended or to be deleted can be resumed."""

    code = "tenant_not_suspended"


class BadReason(Invalid):
    """A reason has 300 characters at most."""

    code = "invalid_reason"


class BadGrace(Invalid):
    """A grace period has 0 to 365 days."""

    code = "invalid_grace"


def suspend_tenant(*, actor: Actor, slug: str, reason: str = "") -> Tenant:
    """Refuse a tenant everywhere, and let its work wait, until it is resumed; nothing of it is lost.

    :raises PlatformStays: for the platform's own
    :raises NotActive: if it is not active
    """
    operate(actor, "tenants.update")
    if len(reason) > MAX_REASON:
        raise BadReason(field="reason")
    with use_tenant(None), transaction.atomic():
        tenant = to_change(slug)
        if tenant.status == Tenant.Status.SUSPENDED:
            return tenant
        if tenant.status != Tenant.Status.ACTIVE:
            raise NotActive()
        tenant.status, tenant.status_reason = Tenant.Status.SUSPENDED, reason.strip()
        change_state(tenant, TenantSuspended(tenant_id=tenant.pk, slug=tenant.slug, reason=tenant.status_reason))
        jobs.complete(Job.Kind.SUSPEND, actor=actor, tenant=tenant, params={"reason": tenant.status_reason})
        on_record("tenant.suspended", actor=actor, tenant=tenant, reason=tenant.status_reason)
    return tenant


def resume_tenant(*, actor: Actor, slug: str) -> Tenant:
    """Let a tenant in again that was suspended or about to leave; its work goes on where it stopped.

    :raises NotSuspended: if it is neither
    :raises TenantBusy: if it is being deleted already
    """
    operate(actor, "tenants.update")
    with use_tenant(None), transaction.atomic():
        tenant = to_change(slug)
        if tenant.status == Tenant.Status.ACTIVE:
            return tenant
        if tenant.status not in (Tenant.Status.SUSPENDED, Tenant.Status.LEAVING):
            raise NotSuspended()
        if Job.objects.filter(tenant_id=tenant.pk, kind=Job.Kind.DELETE).exclude(state=Job.State.CANCELLED).exists():
            raise jobs.TenantBusy(slug)
        tenant.status, tenant.status_reason, tenant.delete_after = Tenant.Status.ACTIVE, "", None
        change_state(tenant, TenantResumed(tenant_id=tenant.pk, slug=tenant.slug))
        jobs.complete(Job.Kind.RESUME, actor=actor, tenant=tenant, params={})
        on_record("tenant.resumed", actor=actor, tenant=tenant)
    return tenant


def leave_tenant(*, actor: Actor, slug: str, now: datetime, grace_days: int = GRACE_DAYS) -> Tenant:
    """Refuse a tenant everywhere from now on, and delete it after some days; until then it can be resumed.

    :raises PlatformStays: for the platform's own
    :raises NotActive: if it is still being set up
    """
    operate(actor, "tenants.delete")
    if not 0 <= grace_days <= MOST_GRACE:
        raise BadGrace(field="grace_days")
    with use_tenant(None), transaction.atomic():
        tenant = to_change(slug)
        if tenant.status == Tenant.Status.PREPARING:
            raise NotActive()
        tenant.status, tenant.delete_after = Tenant.Status.LEAVING, now + timedelta(days=grace_days)
        change_state(tenant, TenantLeaving(tenant_id=tenant.pk, slug=tenant.slug, delete_after=tenant.delete_after))
        on_record("tenant.leaving", actor=actor, tenant=tenant, delete_after=tenant.delete_after.isoformat())
    return tenant


def change_state(tenant: Tenant, fact: Event) -> None:
    """Save a tenant's new state, tell of it under the platform, and have everybody look again."""
    tenant.save(update_fields=["status", "status_reason", "delete_after", "updated_at"])
    tell(tenant, fact)
    announce(tenant)


def tell(tenant: Tenant, fact: Event) -> None:
    """Publish under the platform's own tenant: what is told to a suspended one waits."""
    with on_the_platform():
        publish(fact, aggregate=tenant)
