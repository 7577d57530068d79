"""Giving and taking roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, QuerySet

from apps.rbac.models import Role, RoleAssignment, RolePermission
from apps.rbac.roles import BUILT_IN
from apps.rbac.services.consequences import check_roles
from rustok.kernel.access import Actor, MoreThanOwn, authorize, check_permission_name
from rustok.kernel.errors import Conflict, Invalid, NotFound

__all__ = [
    "MoreThanOwn", "NoSuchRole", "assign_role", "check_within", "delete_role", "ensure_built_in_roles", "save_role",
    "set_roles", "withdraw_role",
]  # fmt: skip


#: Roles that a tenant makes itself.
MAX_ROLES = 200


class NoSuchRole(NotFound):
    """There is no such role in this tenant."""

    code = "no_such_role"


class BuiltInRole(Conflict):
    """The built-in roles are as the platform defines them; copy one to change it."""

    code = "built_in_role"


class RoleSlugTaken(Conflict):
    """There is a role with this short name."""

    code = "role_slug_taken"


class TooManyRoles(Conflict):
    """There are 200 roles already."""

    code = "too_many_roles"


class RoleInUse(Conflict):
    """Somebody has this role; take it from them first."""

    code = "role_in_use"


class OwnRole(Conflict):
    """Nobody can take a role from themselves; ask somebody else to do it."""

    code = "own_role"


class NobodyLeft(Conflict):
    """Somebody must be left who may manage people and roles."""

    code = "nobody_left"


class BadPermission(Invalid):
    """This is not a permission."""

    code = "invalid_permission"


def check_within(actor: Actor, permissions: Iterable[tuple[str, str]]) -> None:
    """Refuse to hand on what the actor has not.

    :raises MoreThanOwn: if a permission, or its scope, goes beyond the actor's
    """
    for permission, scope in permissions:
        own = actor.scope(permission)
        if own is None or (own == "own" and scope == "all"):
            raise MoreThanOwn(f"{permission} ({scope})")


@transaction.atomic
def save_role(
    *, actor: Actor, slug: str, name: str, permissions: Mapping[str, str], role_id: UUID | None = None
) -> Role:
    """Create a role, or change one of ours; `permissions` maps each to the scope all or own.

    :raises BuiltInRole: if it is one of the platform's
    :raises NobodyLeft: if it was the one that let somebody manage people
    :raises RoleSlugTaken: if another has the short name
    :raises MoreThanOwn: if it holds, or held, more than the actor may, or a policy asks for its old or new short name
    :raises BadPermission: if a permission does not exist
    """
    authorize(actor, "users.manage")
    try:
        wanted = {check_permission_name(permission): scope for permission, scope in permissions.items()}
    except ValueError as error:
        raise BadPermission(str(error), field="permissions") from None
    check_within(actor, wanted.items())
    role = (
        Role.objects.because("the right to it is asked for here").select_for_update().get(pk=role_id)
        if role_id
        else Role()
    )
    if role.is_built_in or (slug in BUILT_IN and role_id is None):
        raise BuiltInRole(field="slug")
    if (
        role_id is None
        and Role.objects.because("the right to it is asked for here").filter(is_built_in=False).count() >= MAX_ROLES
    ):
        raise TooManyRoles(f"more than {MAX_ROLES}")
    check_within(actor, _held_by(role))
    if role_id and slug != role.slug:
        check_roles(actor, {slug, role.slug}, field="slug")
    role.slug, role.name = slug, name.strip()
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError:
        raise RoleSlugTaken(field="slug") from None
    _lock_keys()
    role.permissions.exclude(permission__in=wanted).delete()
    for permission, scope in wanted.items():
        RolePermission.objects.because("the right to it is asked for here").update_or_create(
            role=role, permission=permission, defaults={"scope": scope}
        )
    _check_keys(actor)
    return role


@transaction.atomic
def delete_role(*, actor: Actor, role_id: UUID) -> None:
    """Delete a role that nobody has.

    :raises BuiltInRole: if it is one of the platform's
    :raises RoleInUse: if somebody has it
    :raises MoreThanOwn: if it holds more than the actor may
    """
    authorize(actor, "users.manage")
    role = Role.objects.because("the right to it is asked for here").select_for_update().get(pk=role_id)
    if role.is_built_in:
        raise BuiltInRole()
    check_within(actor, _held_by(role))
    try:
        role.delete()
    except ProtectedError:
        raise RoleInUse() from None


@transaction.atomic
def set_roles(*, actor: Actor, user_id: UUID, roles: Iterable[str]) -> None:
    """Give a user exactly these roles, by slug.

    :raises NoSuchRole: if the tenant has no role of that slug
    :raises MoreThanOwn: if one to give or to take holds more than the actor may
    """
    wanted = set(roles)
    has = set(
        RoleAssignment.objects.because("the right to it is asked for here")
        .filter(user_id=user_id)
        .values_list("role__slug", flat=True)
    )
    for role in sorted(wanted - has):
        assign_role(actor=actor, user_id=user_id, role=role)
    for role in sorted(has - wanted):
        withdraw_role(actor=actor, user_id=user_id, role=role)


@transaction.atomic
def assign_role(*, actor: Actor, user_id: UUID, role: str) -> RoleAssignment:
    """Give a user a role; giving it twice changes nothing.

    :raises NoSuchRole: if the tenant has no role of that slug
    :raises MoreThanOwn: if the role holds more than the actor may, or a policy makes more of it
    """
    authorize(actor, "users.manage")
    found = Role.objects.because("the right to it is asked for here").filter(slug=role).first()
    if found is None:
        raise NoSuchRole(role, field="role")
    check_within(actor, _held_by(found))
    check_roles(actor, {role})
    return RoleAssignment.objects.because("the right to it is asked for here").get_or_create(
        user_id=user_id, role=found
    )[0]


@transaction.atomic
def withdraw_role(*, actor: Actor, user_id: UUID, role: str) -> None:
    """Take a role from a user; taking one it does not have changes nothing.

    :raises OwnRole: if it is the actor's own: it could shut itself out
    :raises NobodyLeft: if two do it to each other at the same moment
    :raises MoreThanOwn: if the role holds more than the actor may, or a policy takes something from those who have it
    """
    authorize(actor, "users.manage")
    if user_id == actor.id:
        raise OwnRole(field="roles")
    found = RoleAssignment.objects.because("the right to it is asked for here").filter(user_id=user_id, role__slug=role)
    for assignment in found.select_related("role"):
        check_within(actor, _held_by(assignment.role))
        check_roles(actor, {role})
    _lock_keys()
    found.delete()
    _check_keys(actor)


def _keys() -> QuerySet[RolePermission]:
    """Answer what lets people manage people."""
    rows = RolePermission.objects.because("the right to it is asked for here")
    return rows.filter(permission="users.manage", scope=RolePermission.Scope.ALL).order_by("pk")


def _lock_keys() -> None:
    """Let one after the other take roles that let people manage people."""
    roles = Role.objects.because("the right to it is asked for here").filter(pk__in=_keys().order_by().values("role"))
    list(roles.order_by("pk").select_for_update().values_list("pk"))


def _check_keys(actor: Actor) -> None:
    """Refuse to leave nobody who may manage people; the platform itself may.

    :raises NobodyLeft: if it would be so
    """
    if actor.kind == "user" and not _keys().filter(role__assignments__user__is_active=True).exists():
        raise NobodyLeft()


def _held_by(role: Role) -> list[tuple[str, str]]:
    return list(role.permissions.values_list("permission", "scope"))


def ensure_built_in_roles() -> None:
    """Write the built-in roles, as the code defines them."""
    for slug, (name, permissions) in BUILT_IN.items():
        role, _ = Role.objects.because("the right to it is asked for here").update_or_create(
            slug=slug, defaults={"name": name, "is_built_in": True}
        )
        role.permissions.exclude(permission__in=permissions).delete()
        for permission, scope in permissions.items():
            RolePermission.objects.because("the right to it is asked for here").update_or_create(
                role=role, permission=permission, defaults={"scope": scope}
            )
