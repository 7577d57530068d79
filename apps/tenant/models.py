"""Tenants and domains; the only tables of the platform that name them."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from rustok.kernel.ids import new_id

__all__ = ["Domain", "Tenant"]


def _english() -> list[str]:
    return ["en"]


def _dollars() -> list[str]:
    return ["USD"]


class Tenant(models.Model):
    """One shop or site, in its own PostgreSQL schema."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"

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
    #: Fingerprint of the migrations that its schema has.
    migrated_to = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("slug",)
        constraints = [
            models.CheckConstraint(condition=Q(slug__regex=r"^[a-z0-9][a-z0-9_-]*$"), name="tenant_slug_is_normal"),
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

    class Meta:
        ordering = ("domain",)
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=Q(is_primary=True), name="tenant_one_primary_domain")
        ]

    def __str__(self) -> str:
        return self.domain
