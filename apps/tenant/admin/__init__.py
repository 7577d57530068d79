"""Tenants in the platform's admin, and what they use."""

from apps.tenant.admin import tenants

__all__ = ["tenants"]
