"""Tenants in the platform's admin, and what they use."""

from apps.tenant.admin import modules, settings, tenants

__all__ = ["modules", "settings", "tenants"]
