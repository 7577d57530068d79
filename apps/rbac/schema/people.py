"""GraphQL: people and roles, for staff."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from apps.accounts.public import create_user, update_user
from apps.rbac import answers, inputs, services
from rustok.kernel.access import Actor
from rustok.kernel.edges.graphql import Field, Mutation, as_connection, connection_of, page_request

__all__ = ["PeopleMutations", "PeopleQuery"]


class PersonType(graphene.ObjectType):
    """An account, as staff see it."""

    class Meta:
        name = "Person"

    id = graphene.ID(required=True)
    email = graphene.String(required=True)
    name = graphene.String(required=True)
    locale = graphene.String()
    is_staff = graphene.Boolean(required=True)
    is_active = graphene.Boolean(required=True)
    created_at = graphene.String(required=True)
    roles = graphene.List(graphene.NonNull(graphene.String), required=True)


class RolePermissionType(graphene.ObjectType):
    """One permission of a role, with its scope: all or own."""

    class Meta:
        name = "RolePermission"

    permission = graphene.String(required=True)
    scope = graphene.String(required=True)


class RoleType(graphene.ObjectType):
    """A role, and what it lets its holders do."""

    class Meta:
        name = "Role"

    slug = graphene.ID(required=True)
    name = graphene.String(required=True)
    is_built_in = graphene.Boolean(required=True)
    holders = graphene.Int()
    permissions = graphene.List(graphene.NonNull(RolePermissionType), required=True)


PersonConnection = connection_of(PersonType, "Person")


def _role(role: Any) -> dict[str, Any]:
    document = answers.role_document(role)
    pairs = [{"permission": name, "scope": scope} for name, scope in document["permissions"].items()]
    return document | {"permissions": pairs}


def _person(actor: Actor, user_id: Any) -> dict[str, Any]:
    return answers.person_document(answers.find_person(actor=actor, user_id=user_id))


class PeopleQuery(graphene.ObjectType):
    """Root fields of people and roles."""

    users = Field(
        PersonConnection, permission="users.list", required=True,
        first=graphene.Int(), after=graphene.String(), search=graphene.String(), role=graphene.String(),
        is_staff=graphene.Boolean(),
    )  # fmt: skip
    user = Field(PersonType, permission="users.read", id=graphene.UUID(required=True))
    roles = Field(graphene.List(graphene.NonNull(RoleType)), permission="users.list", required=True)
    role = Field(RoleType, permission="users.read", slug=graphene.String(required=True))

    def resolve_users(
        root: Any, info: Any, first: int | None = None, after: str | None = None, search: str = "", role: str = "",
        is_staff: bool | None = None,
    ) -> Any:  # fmt: skip
        """List accounts by address."""
        page = answers.list_people(
            actor=info.context.actor, page=page_request(first, after), search=search, role=role, is_staff=is_staff
        )
        return as_connection(page, answers.person_document)

    def resolve_user(root: Any, info: Any, id: Any) -> Any:
        """Answer an account."""
        return _person(info.context.actor, id)

    def resolve_roles(root: Any, info: Any) -> Any:
        """List all roles."""
        return [_role(role) for role in answers.list_roles(actor=info.context.actor)]

    def resolve_role(root: Any, info: Any, slug: str) -> Any:
        """Answer a role."""
        return _role(answers.find_role(actor=info.context.actor, slug=slug))


class UserCreate(Mutation):
    """Make an account for somebody else."""

    permission = "users.create"
    user = graphene.Field(PersonType)

    class Input:
        email = graphene.String(required=True)
        password = graphene.String(required=True)
        name = graphene.String()
        locale = graphene.String()
        is_staff = graphene.Boolean()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Make it."""
        user = create_user(actor=actor, **inputs.PersonInput.parse(data))
        return {"user": answers.person_document(user)}


class UserUpdate(Mutation):
    """Change an account; switched off, it is logged out everywhere."""

    permission = "users.update"
    user = graphene.Field(PersonType)

    class Input:
        id = graphene.UUID(required=True)
        email = graphene.String()
        name = graphene.String()
        locale = graphene.String()
        is_staff = graphene.Boolean()
        is_active = graphene.Boolean()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Change it."""
        user_id = data.pop("id")
        clean = inputs.PersonChange.parse(data, partial=True)
        user = answers.find_person(actor=actor, user_id=user_id)
        kept = {name: getattr(user, name) for name in ("email", "name", "locale", "is_staff", "is_active")}
        update_user(actor=actor, user_id=user_id, now=timezone.now(), **(kept | clean))
        return {"user": _person(actor, user_id)}


class UserRolesSet(Mutation):
    """Give somebody exactly these roles."""

    permission = "users.manage"
    user = graphene.Field(PersonType)

    class Input:
        id = graphene.UUID(required=True)
        roles = graphene.List(graphene.NonNull(graphene.String), required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Give them."""
        user_id = data.pop("id")
        answers.find_person(actor=actor, user_id=user_id)
        services.set_roles(actor=actor, user_id=user_id, **inputs.RolesInput.parse(data))
        return {"user": _person(actor, user_id)}


class RolePermissionInput(graphene.InputObjectType):
    """One permission, with its scope: all or own."""

    permission = graphene.String(required=True)
    scope = graphene.String(required=True)


class RoleSave(Mutation):
    """Make a role, or change the one called `old_slug`."""

    permission = "users.manage"
    role = graphene.Field(RoleType)

    class Input:
        old_slug = graphene.String()
        slug = graphene.String(required=True)
        name = graphene.String(required=True)
        permissions = graphene.List(graphene.NonNull(RolePermissionInput), required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Save it."""
        old = data.pop("old_slug", None)
        data["permissions"] = {one["permission"]: one["scope"] for one in data["permissions"]}
        clean = inputs.RoleInput.parse(data)
        known = answers.find_role(actor=actor, slug=old) if old else None
        saved = services.save_role(actor=actor, role_id=known.pk if known else None, **clean)
        return {"role": _role(answers.find_role(actor=actor, slug=saved.slug))}


class RoleDelete(Mutation):
    """Delete a role that nobody has."""

    permission = "users.manage"

    class Input:
        slug = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Delete it."""
        services.delete_role(actor=actor, role_id=answers.find_role(actor=actor, slug=data["slug"]).pk)
        return {}


class PeopleMutations(graphene.ObjectType):
    """Mutations of people and roles."""

    user_create = UserCreate.Field()
    user_update = UserUpdate.Field()
    user_roles_set = UserRolesSet.Field()
    role_save = RoleSave.Field()
    role_delete = RoleDelete.Field()
