"""Giving and taking roles."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.rbac.models import Role, RoleAssignment, RolePermission
from apps.rbac.roles import BUILT_IN
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import NotFound

__all__ = ["assign_role", "ensure_built_in_roles", "withdraw_role"]


class NoSuchRole(NotFound):
    """There is no such role in this tenant."""

    code = "no_such_role"


@transaction.atomic
def assign_role(*, actor: Actor, user_id: UUID, role: str) -> RoleAssignment:
    """Give a user a role; giving it twice changes nothing.

    :raises NoSuchRole: if the tenant has no role of that slug
    """
    authorize(actor, "users.manage")
    found = Role.objects.filter(slug=role).first()
    if found is None:
        raise NoSuchRole(role, field="role")
    return RoleAssignment.objects.get_or_create(user_id=user_id, role=found)[0]


@transaction.atomic
def withdraw_role(*, actor: Actor, user_id: UUID, role: str) -> None:
    """Take a role from a user; taking one it does not have changes nothing."""
    authorize(actor, "users.manage")
    RoleAssignment.objects.filter(user_id=user_id, role__slug=role).delete()


def ensure_built_in_roles() -> None:
    """Write the built-in roles, as the code defines them."""
    for slug, (name, permissions) in BUILT_IN.items():
        role, _ = Role.objects.update_or_create(slug=slug, defaults={"name": name, "is_built_in": True})
        role.permissions.exclude(permission__in=permissions).delete()
        for permission, scope in permissions.items():
            RolePermission.objects.update_or_create(role=role, permission=permission, defaults={"scope": scope})
