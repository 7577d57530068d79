"""The audit log in the back office."""

from apps.audit.admin import entries, people

__all__ = ["entries", "people"]
