"""People, roles and policies in the admin."""

from apps.rbac.admin import first_person, invitations, people, policies, roles

__all__ = ["first_person", "invitations", "people", "policies", "roles"]
