"""Tenants and domains; the only tables of the platform that name them."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.ids import new_id

__all__ = ["Domain", "Tenant"]


def _english() -> list[str]:
    return ["en"]


def _dollars() -> list[str]:
    return ["USD"]


class Tenant(models.Model):
    """One shop or site, in its own PostgreSQL schema."""

    class Status(models.TextChoices):
        PREPARING = "preparing", _("being set up")
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")
        LEAVING = "leaving", _("to be deleted")

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


class Domain(models.Model):
    """A host name that leads to a tenant."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    domain = models.CharField(max_length=253, unique=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="domains")
    is_primary = models.BooleanField(default=True)
    #: When it was shown to be the tenant's; until then it leads nowhere.
    verified_at = models.DateTimeField(null=True, blank=True)
    #: What the tenant publishes in DNS or on the web server to show it.
    proof = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ("domain",)
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=Q(is_primary=True), name="tenant_one_primary_domain"),
            models.CheckConstraint(
                condition=Q(is_primary=False) | Q(verified_at__isnull=False), name="tenant_primary_domain_is_verified"
            ),
        ]

    def __str__(self) -> str:
        return self.domain
