"""People, roles and policies in the admin."""

from apps.rbac.admin import people, roles

__all__ = ["people", "roles"]
