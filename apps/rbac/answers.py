"""Reading people, their roles and teams, and what is shared: what every API shows of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet

from apps.accounts.public import user_document
from apps.rbac.models import Role
from rustok.kernel.access import Actor, restrict
from rustok.kernel.errors import NotFound
from rustok.kernel.pages import Page, PageRequest, paginate

__all__ = ["find_person", "find_role", "list_people", "list_roles", "people_with", "person_document", "role_document"]

#: Roles of one tenant: the built-in ones and 200 more.
MAX_ROLES = 204


def _people(actor: Actor, permission: str) -> QuerySet[Any]:
    rows = get_user_model()._default_manager.prefetch_related("role_assignments__role")
    return restrict(actor, rows, permission)


def list_people(
    *, actor: Actor, page: PageRequest, search: str = "", role: str = "", is_staff: bool | None = None
) -> Page[Any]:
    """List accounts by address; `search` looks in address and name."""
    rows = _people(actor, "users.list")
    if search:
        rows = rows.filter(Q(email__icontains=search[:100]) | Q(name__icontains=search[:100]))
    if role:
        rows = rows.filter(role_assignments__role__slug=role[:64])
    if is_staff is not None:
        rows = rows.filter(is_staff=is_staff)
    return paginate(rows, ("email", "id"), page)


def people_with(*, actor: Actor, role: str, page: PageRequest) -> Page[Any]:
    """List who has a role, by address.

    :raises NotFound: if there is no such role
    """
    find_role(actor=actor, slug=role)
    return list_people(actor=actor, page=page, role=role)


def find_person(*, actor: Actor, user_id: UUID) -> Any:
    """Answer an account.

    :raises NotFound: if there is none that the actor may see
    """
    found = _people(actor, "users.read").filter(pk=user_id).first()
    if found is None:
        raise NotFound()
    return found


def person_document(user: Any) -> dict[str, Any]:
    """Answer what staff see of an account."""
    roles = sorted(one.role.slug for one in user.role_assignments.all())
    return user_document(user) | {"is_active": user.is_active, "roles": roles}


def _roles(actor: Actor, permission: str) -> QuerySet[Role]:
    rows = Role.objects.annotate(holders=Count("assignments")).prefetch_related("permissions")
    return restrict(actor, rows, permission)


def list_roles(*, actor: Actor) -> list[Role]:
    """List the roles by their short names; there are never many."""
    return list(_roles(actor, "users.list").order_by("slug")[:MAX_ROLES])


def find_role(*, actor: Actor, slug: str) -> Role:
    """Answer a role.

    :raises NotFound: if there is none
    """
    found = _roles(actor, "users.read").filter(slug=slug[:64]).first()
    if found is None:
        raise NotFound()
    return found


def role_document(role: Role) -> dict[str, Any]:
    """Answer what the APIs show of a role; permissions by name, with their scope."""
    return {
        "slug": role.slug,
        "name": role.name,
        "is_built_in": role.is_built_in,
        "holders": getattr(role, "holders", None),
        "permissions": {one.permission: one.scope for one in role.permissions.all()},
    }
