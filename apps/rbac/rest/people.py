"""REST: `/api/v1/users/` and `/api/v1/roles/`, for staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.accounts.public import create_user, update_user
from apps.rbac import answers, inputs, services
from rustok.kernel.edges.rest import Endpoint, Request, page_of, page_response

__all__ = ["PeopleView", "PersonRoleView", "PersonRolesView", "PersonView", "RoleHoldersView", "RoleView", "RolesView"]


class PersonOutput(serializers.Serializer[Any]):
    """An account, as staff see it."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    locale = serializers.CharField(allow_null=True)
    is_staff = serializers.BooleanField()
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    roles = serializers.ListField(child=serializers.CharField())


class RoleOutput(serializers.Serializer[Any]):
    """A role, and what it lets its holders do."""

    slug = serializers.CharField()
    name = serializers.CharField()
    is_built_in = serializers.BooleanField()
    holders = serializers.IntegerField(allow_null=True)
    permissions = serializers.DictField(child=serializers.CharField())


def _shown(request: Request, user_id: UUID) -> dict[str, Any]:
    return answers.person_document(answers.find_person(actor=request.actor, user_id=user_id))


class PeopleView(Endpoint):
    """Accounts."""

    permission = {"GET": "users.list", "POST": "users.create"}

    @extend_schema(
        operation_id="users_list",
        parameters=[
            OpenApiParameter("q", str, description="Part of the address or the name."),
            OpenApiParameter("role", str, description="Only who has this role."),
            OpenApiParameter("is_staff", bool, description="Only staff, or only customers."),
        ],
        responses=PersonOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        """List accounts by address."""
        asked = request.query_params
        staff = {"true": True, "false": False}.get(asked.get("is_staff", ""))
        page = answers.list_people(
            actor=request.actor, page=page_of(request), search=asked.get("q", ""), role=asked.get("role", ""),
            is_staff=staff,
        )  # fmt: skip
        return page_response(request, page, answers.person_document)

    @extend_schema(request=inputs.PersonInput, responses={201: PersonOutput})
    def post(self, request: Request) -> Response:
        """Make an account for somebody else."""
        user = create_user(actor=request.actor, **inputs.PersonInput.parse(request.data))
        return Response(answers.person_document(user), status=201)


class PersonView(Endpoint):
    """One account."""

    permission = {"GET": "users.read", "PATCH": "users.update"}

    @extend_schema(responses=PersonOutput)
    def get(self, request: Request, user_id: UUID) -> Response:
        """Answer an account with its roles."""
        return Response(_shown(request, user_id))

    @extend_schema(request=inputs.PersonChange, responses=PersonOutput)
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Change an account; switched off, it is logged out everywhere."""
        data = inputs.PersonChange.parse(request.data, partial=True)
        user = answers.find_person(actor=request.actor, user_id=user_id)
        kept = {name: getattr(user, name) for name in ("email", "name", "locale", "is_staff", "is_active")}
        update_user(actor=request.actor, user_id=user_id, now=timezone.now(), **(kept | data))
        return Response(_shown(request, user_id))


class PersonRolesView(Endpoint):
    """The roles of one account."""

    permission = {"PUT": "users.manage", "POST": "users.manage"}

    @extend_schema(request=inputs.RolesInput, responses=PersonOutput)
    def put(self, request: Request, user_id: UUID) -> Response:
        """Give somebody exactly these roles."""
        answers.find_person(actor=request.actor, user_id=user_id)
        services.set_roles(actor=request.actor, user_id=user_id, **inputs.RolesInput.parse(request.data))
        return Response(_shown(request, user_id))

    @extend_schema(request=inputs.AssignInput, responses=PersonOutput)
    def post(self, request: Request, user_id: UUID) -> Response:
        """Give somebody a role; giving it twice changes nothing."""
        answers.find_person(actor=request.actor, user_id=user_id)
        services.assign_role(actor=request.actor, user_id=user_id, **inputs.AssignInput.parse(request.data))
        return Response(_shown(request, user_id))


class PersonRoleView(Endpoint):
    """One role of one account."""

    permission = "users.manage"

    @extend_schema(responses={204: None})
    def delete(self, request: Request, user_id: UUID, slug: str) -> Response:
        """Take a role from somebody."""
        answers.find_person(actor=request.actor, user_id=user_id)
        services.withdraw_role(actor=request.actor, user_id=user_id, role=slug)
        return Response(status=204)


class RolesView(Endpoint):
    """The roles of the tenant."""

    permission = {"GET": "users.list", "POST": "users.manage"}

    @extend_schema(operation_id="roles_list", responses=RoleOutput(many=True))
    def get(self, request: Request) -> Response:
        """List all roles, built-in ones too; there are never many."""
        return Response([answers.role_document(role) for role in answers.list_roles(actor=request.actor)])

    @extend_schema(request=inputs.RoleInput, responses={201: RoleOutput})
    def post(self, request: Request) -> Response:
        """Make a role."""
        role = services.save_role(actor=request.actor, **inputs.RoleInput.parse(request.data))
        return Response(answers.role_document(answers.find_role(actor=request.actor, slug=role.slug)), status=201)


class RoleView(Endpoint):
    """One role."""

    permission = {"GET": "users.read", "PUT": "users.manage", "DELETE": "users.manage"}

    @extend_schema(responses=RoleOutput)
    def get(self, request: Request, slug: str) -> Response:
        """Answer a role."""
        return Response(answers.role_document(answers.find_role(actor=request.actor, slug=slug)))

    @extend_schema(request=inputs.RoleInput, responses=RoleOutput)
    def put(self, request: Request, slug: str) -> Response:
        """Change a role of the tenant's own."""
        role = answers.find_role(actor=request.actor, slug=slug)
        data = inputs.RoleInput.parse(request.data)
        saved = services.save_role(actor=request.actor, role_id=role.pk, **data)
        return Response(answers.role_document(answers.find_role(actor=request.actor, slug=saved.slug)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Delete a role that nobody has."""
        role = answers.find_role(actor=request.actor, slug=slug)
        services.delete_role(actor=request.actor, role_id=role.pk)
        return Response(status=204)


class RoleHoldersView(Endpoint):
    """Who has a role."""

    permission = "users.list"

    @extend_schema(operation_id="roles_users_list", responses=PersonOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List them by address."""
        page = answers.people_with(actor=request.actor, role=slug, page=page_of(request))
        return page_response(request, page, answers.person_document)
