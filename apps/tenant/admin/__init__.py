"""Tenants in the platform's admin, and what they use."""

from apps.tenant.admin import jobs, modules, settings, tenants

__all__ = ["jobs", "modules", "settings", "tenants"]
