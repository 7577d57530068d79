"""REST: `/api/v1/grants/` and `/api/v1/teams/`: what is shared with whom, by name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.rbac import inputs, services
from apps.rbac.services import Grant, Grantee
from rustok.kernel.access import AUTHENTICATED
from rustok.kernel.edges.rest import Endpoint, Request

__all__ = ["GrantsView", "SharedWithView", "TeamView", "TeamsView", "grant_document", "team_document"]


class GrantOutput(serializers.Serializer[Any]):
    """One thing that somebody may do to one object."""

    permission = serializers.CharField()
    kind = serializers.CharField()
    object_id = serializers.UUIDField()
    user_id = serializers.UUIDField(allow_null=True)
    team_id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()


class MemberOutput(serializers.Serializer[Any]):
    """Somebody in a team."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()


class TeamOutput(serializers.Serializer[Any]):
    """A team and its members."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    members = MemberOutput(many=True)


def grant_document(grant: Grant) -> dict[str, Any]:
    """Answer what the APIs show of a grant."""
    return {
        "permission": grant.permission,
        "kind": grant.object_kind,
        "object_id": str(grant.object_id),
        "user_id": str(grant.to.id) if grant.to.kind == "user" else None,
        "team_id": grant.to.id if grant.to.kind == "team" else None,
        "name": grant.name,
    }


def team_document(team: Any) -> dict[str, Any]:
    """Answer what the APIs show of a team."""
    return {"id": team.pk, "name": team.name, "members": services.members_of(team)}


class GrantsView(Endpoint):
    """With whom one object is shared. Only staff share, and only what they may do by their roles."""

    permission = AUTHENTICATED

    @extend_schema(
        operation_id="grants_list",
        parameters=[
            OpenApiParameter("kind", str, required=True, description="page, post, product, order, asset, …"),
            OpenApiParameter("object_id", UUID, required=True),
        ],
        responses=GrantOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        """List who was let do what to it; at most 200."""
        asked = inputs.GrantsOnInput.parse(dict(request.query_params.items()))
        obj = services.shared_object(actor=request.actor, **asked)
        return Response([grant_document(one) for one in services.grants_on(actor=request.actor, obj=obj)])

    @extend_schema(request=inputs.GrantInput, responses={201: GrantOutput(many=True)})
    def post(self, request: Request) -> Response:
        """Let a person or a team do one thing to it, and read it."""
        obj, permission, to = self._asked(request)
        services.grant_access(actor=request.actor, permission=permission, obj=obj, to=to)
        return Response([grant_document(one) for one in services.grants_on(actor=request.actor, obj=obj)], status=201)

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, required=True),
            OpenApiParameter("object_id", UUID, required=True),
            OpenApiParameter("action", str, required=True, description="read, update or delete; read takes all"),
            OpenApiParameter("user_id", UUID),
            OpenApiParameter("team_id", int),
        ],
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        """Take it back."""
        obj, permission, to = self._asked(request, dict(request.query_params.items()))
        services.withdraw_access(actor=request.actor, permission=permission, obj=obj, to=to)
        return Response(status=204)

    def _asked(self, request: Request, data: Any = None) -> tuple[Any, str, Grantee]:
        clean = inputs.GrantInput.parse(request.data if data is None else data)
        to = services.one_grantee(clean.pop("user_id", None), clean.pop("team_id", None))
        action = clean.pop("action")
        obj = services.shared_object(actor=request.actor, **clean)
        return obj, f"{obj.shared_as}.{action}", to


class SharedWithView(Endpoint):
    """What was shared with somebody."""

    permission = AUTHENTICATED

    @extend_schema(operation_id="users_grants_list", responses=GrantOutput(many=True))
    def get(self, request: Request, user_id: UUID) -> Response:
        """List it; one's own, or anybody's for those who may see people. At most 200."""
        found = services.grants_of(actor=request.actor, to=Grantee("user", user_id))
        return Response([grant_document(one) for one in found])


class TeamsView(Endpoint):
    """Teams."""

    permission = {"GET": "users.list", "POST": "users.manage"}

    @extend_schema(operation_id="teams_list", responses=TeamOutput(many=True))
    def get(self, request: Request) -> Response:
        """List the teams by name; there are never many."""
        return Response([team_document(team) for team in services.list_teams(actor=request.actor)])

    @extend_schema(request=inputs.TeamInput, responses={201: TeamOutput})
    def post(self, request: Request) -> Response:
        """Make a team."""
        team = services.save_team(actor=request.actor, **inputs.TeamInput.parse(request.data))
        return Response(team_document(team), status=201)


class TeamView(Endpoint):
    """One team."""

    permission = {"GET": "users.read", "PUT": "users.manage", "DELETE": "users.manage"}

    @extend_schema(responses=TeamOutput)
    def get(self, request: Request, team_id: int) -> Response:
        """Answer a team."""
        return Response(team_document(services.find_team(actor=request.actor, team_id=team_id)))

    @extend_schema(request=inputs.TeamInput, responses=TeamOutput)
    def put(self, request: Request, team_id: int) -> Response:
        """Change a team; without members they stay."""
        data = inputs.TeamInput.parse(request.data)
        return Response(team_document(services.save_team(actor=request.actor, team_id=team_id, **data)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, team_id: int) -> Response:
        """Delete a team, and what was shared with it."""
        services.delete_team(actor=request.actor, team_id=team_id)
        return Response(status=204)
