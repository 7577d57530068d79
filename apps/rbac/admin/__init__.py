"""People, roles and policies in the admin."""

from apps.rbac.admin import api_keys, first_person, invitations, people, policies, roles, sharing

__all__ = ["api_keys", "first_person", "invitations", "people", "policies", "roles", "sharing"]
