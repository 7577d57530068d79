"""Tenants, their domains, and the jobs that make, move and end them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.audit import Audited
from rustok.kernel.ids import new_id

__all__ = ["Domain", "Job", "Module", "Shop", "Tenant"]


def _english() -> list[str]:
    return ["en"]


def _dollars() -> list[str]:
    return ["USD"]


class Tenant(models.Model):
    """One shop or site, in its own PostgreSQL schema."""

    audited = Audited(ignored=("migrated_to",))

    class Status(models.TextChoices):
        PREPARING = "preparing", _("being set up")
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")
        LEAVING = "leaving", _("to be deleted")

    #: django-tenants asks; the job that deletes a tenant drops its schema, in parts.
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.CharField(max_length=63, unique=True)
    schema_name = models.CharField(max_length=63, unique=True, db_index=True)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    default_locale = models.CharField(max_length=16, default="en")
    locales = ArrayField(models.CharField(max_length=16), default=_english, size=20)
    default_currency = models.CharField(max_length=3, default="USD")
    currencies = ArrayField(models.CharField(max_length=3), default=_dollars, size=20)
    timezone = models.CharField(max_length=64, default="UTC")
    theme = models.JSONField(default=dict, blank=True)
    #: Slugs of the modules that are switched off.
    disabled_modules = ArrayField(models.CharField(max_length=32), default=list, blank=True, size=40)
    #: What it may use at most, by name; what is not named is as the deployment says.
    limits = models.JSONField(default=dict, blank=True)
    #: Origins whose scripts may call its API, such as https://app.example.com.
    cors_origins = ArrayField(models.CharField(max_length=300), default=list, blank=True, size=20)
    #: Whether its staff must have a second factor.
    staff_second_factor = models.BooleanField(default=False)
    #: Why it is suspended, for those who run the platform.
    status_reason = models.CharField(max_length=300, blank=True, default="")
    #: When what is left of it goes, once it is to be deleted.
    delete_after = models.DateTimeField(null=True, blank=True)
    #: Grows with every change of the tenant or its domains, over all tenants; a trigger writes it.
    version = models.BigIntegerField(default=0, editable=False)
    #: Fingerprint of the migrations that its schema has.
    migrated_to = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("slug",)
        constraints = [
            models.CheckConstraint(condition=Q(slug__regex=r"^[a-z0-9][a-z0-9_-]*$"), name="tenant_slug_is_normal"),
            models.CheckConstraint(
                condition=Q(status="leaving", delete_after__isnull=False)
                | (~Q(status="leaving") & Q(delete_after=None)),
                name="tenant_leaving_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_platform(self) -> bool:
        """Tell whether this is the operators' own tenant."""
        return self.slug == "platform"

    def get_tenant_type(self) -> Any:
        """Answer django-tenants: all tenants are of one type."""
        return None


class Shop(Tenant):
    """A tenant as its own people see it: one page of settings."""

    class Meta:
        proxy = True
        verbose_name = _("settings")
        verbose_name_plural = _("settings")


class Module(Tenant):
    """A tenant, as the page shows it where its modules are switched."""

    class Meta:
        proxy = True
        verbose_name = _("module")
        verbose_name_plural = _("modules")


class DomainQuerySet(models.QuerySet["Domain"]):
    """Domains, and those that lead somewhere."""

    def leading(self) -> DomainQuerySet:
        """Keep those that lead to their tenant."""
        return self.filter(verified_at__isnull=False)

    def by_record(self) -> DomainQuerySet:
        """Keep those that lead to their tenant because a record shows it, not because the platform named them."""
        return self.leading().exclude(proof="")


class Domain(models.Model):
    """A host name that leads to a tenant."""

    audited = Audited(hidden=("proof",), ignored=("checked_at",), part_of="tenant")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    domain = models.CharField(max_length=253)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="domains")
    is_primary = models.BooleanField(default=True)
    #: When it was shown to be the tenant's; until then it leads nowhere.
    verified_at = models.DateTimeField(null=True, blank=True)
    #: What the tenant publishes in DNS to show it; empty for a domain that the platform named.
    proof = models.CharField(max_length=64, blank=True, default="")
    #: When its record was last looked for, once it leads here.
    checked_at = models.DateTimeField(null=True, blank=True)
    #: Since when DNS says for certain that there is no such record any more.
    missing_since = models.DateTimeField(null=True, blank=True)

    objects = DomainQuerySet.as_manager()

    class Meta:
        ordering = ("domain",)
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=Q(is_primary=True), name="tenant_one_primary_domain"),
            models.CheckConstraint(
                condition=Q(is_primary=False) | Q(verified_at__isnull=False), name="tenant_primary_domain_is_verified"
            ),
            models.UniqueConstraint(fields=["tenant", "domain"], name="tenant_domain_once"),
            # Naming a domain keeps nobody from it: only one that was shown to be its tenant's is taken.
            models.UniqueConstraint(
                fields=["domain"], condition=Q(verified_at__isnull=False), name="tenant_domain_leads_to_one"
            ),
            models.CheckConstraint(
                condition=Q(missing_since=None) | (Q(verified_at__isnull=False) & ~Q(proof="")),
                name="tenant_missing_record_was_there",
            ),
        ]

    def __str__(self) -> str:
        return self.domain

    @property
    def lapses_at(self) -> datetime | None:
        """Answer from when on it leads here no more, if its record is missing; the last one of a shop stays."""
        return self.missing_since and self.missing_since + timedelta(days=settings.DOMAIN_GRACE_DAYS)


class Job(models.Model):
    """A piece of work on a tenant that outlives the process that does it: its state is saved after every step.

    Whoever works on it holds a lease; when that ends, somebody else goes on at the step where it stopped. A job keeps
    the tenant's id and slug, not a key: it tells of tenants that are gone.
    """

    class Kind(models.TextChoices):
        CREATE = "create", _("Create")
        SUSPEND = "suspend", _("Suspend")
        RESUME = "resume", _("Resume")
        DELETE = "delete", _("Delete")
        EXPORT = "export", _("Export")
        IMPORT = "import", _("Import")
        MIGRATE = "migrate", _("Migrate")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    UNFINISHED = (State.WAITING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    #: Empty and NULL for a job about all tenants.
    tenant_slug = models.CharField(max_length=63, blank=True, default="")
    tenant_id = models.UUIDField(null=True)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    #: The step that it is at; empty before the first.
    step = models.CharField(max_length=32, blank=True, default="")
    #: How much of the step is done, in units of its own; a total of 0 is unknown.
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)
    error_code = models.CharField(max_length=64, blank=True, default="")
    error = models.TextField(blank=True, default="")
    #: Who asked for it.
    requested_by = models.CharField(max_length=200)
    #: Only the command that began it goes on with it: its files are on that machine.
    by_hand = models.BooleanField(default=False)
    cancel_requested = models.BooleanField(default=False)
    #: Who works on it, and until when nobody else may; a runner that lives renews it.
    runner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    #: Times that it was taken up since it last got on: work that kills its process is given up.
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_slug"], condition=Q(state__in=["waiting", "running"]), name="tenant_one_job_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="running", runner__isnull=False, lease_until__isnull=False)
                | (~Q(state="running") & Q(runner=None, lease_until=None)),
                name="tenant_job_running_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], finished_at=None)
                | (~Q(state__in=["waiting", "running"]) & Q(finished_at__isnull=False)),
                name="tenant_job_over_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="tenant_job_newest"),
            models.Index(fields=["tenant_slug", "-created_at", "-id"], name="tenant_job_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.tenant_slug}".strip()

    @property
    def subject(self) -> UUID:
        """Answer the id of the tenant that it is about.

        :raises ValueError: for a job about all
        """
        if self.tenant_id is None:
            raise ValueError("this job is about all tenants")
        return self.tenant_id

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more happens with it."""
        return self.state not in self.UNFINISHED

    @property
    def percent(self) -> int:
        """Answer how far the step is; 100 once the job is done."""
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0
