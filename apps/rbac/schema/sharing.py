"""GraphQL: what is shared by name, and teams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphene

from apps.rbac import inputs, services
from apps.rbac.services import Grant, Grantee
from rustok.kernel.access import AUTHENTICATED, Actor
from rustok.kernel.edges.graphql import Field, Mutation

__all__ = ["SharingMutations", "SharingQuery"]


class GrantType(graphene.ObjectType):
    """One thing that a person or a team may do to one object."""

    class Meta:
        name = "Grant"

    permission = graphene.String(required=True)
    kind = graphene.String(required=True)
    object_id = graphene.ID(required=True)
    user_id = graphene.ID()
    team_id = graphene.ID()
    name = graphene.String(required=True)


class MemberType(graphene.ObjectType):
    """Somebody in a team."""

    class Meta:
        name = "TeamMember"

    id = graphene.ID(required=True)
    email = graphene.String(required=True)
    name = graphene.String(required=True)


class TeamType(graphene.ObjectType):
    """A team and its members."""

    class Meta:
        name = "Team"

    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    members = graphene.List(graphene.NonNull(MemberType), required=True)


def _grant(grant: Grant) -> dict[str, Any]:
    to = {"user_id": grant.to.id if grant.to.kind == "user" else None}
    to["team_id"] = grant.to.id if grant.to.kind == "team" else None
    about = {"permission": grant.permission, "kind": grant.object_kind, "object_id": grant.object_id}
    return about | to | {"name": grant.name}


def _team(team: Any) -> dict[str, Any]:
    return {"id": team.pk, "name": team.name, "members": services.members_of(team)}


class SharingQuery(graphene.ObjectType):
    """Root fields of sharing."""

    grants = Field(
        graphene.List(graphene.NonNull(GrantType)), permission=AUTHENTICATED, required=True,
        kind=graphene.String(required=True), object_id=graphene.UUID(required=True),
    )  # fmt: skip
    shared_with = Field(
        graphene.List(graphene.NonNull(GrantType)), permission=AUTHENTICATED, required=True,
        user_id=graphene.UUID(required=True),
    )  # fmt: skip
    teams = Field(graphene.List(graphene.NonNull(TeamType)), permission="users.list", required=True)

    def resolve_grants(root: Any, info: Any, kind: str, object_id: Any) -> Any:
        """List with whom one object is shared."""
        actor = info.context.actor
        obj = services.shared_object(actor=actor, kind=kind, object_id=object_id)
        return [_grant(one) for one in services.grants_on(actor=actor, obj=obj)]

    def resolve_shared_with(root: Any, info: Any, user_id: Any) -> Any:
        """List what was shared with somebody."""
        return [_grant(one) for one in services.grants_of(actor=info.context.actor, to=Grantee("user", user_id))]

    def resolve_teams(root: Any, info: Any) -> Any:
        """List the teams."""
        return [_team(team) for team in services.list_teams(actor=info.context.actor)]


class _About:
    """Whom and what a grant is about, and what it lets do."""

    kind = graphene.String(required=True)
    object_id = graphene.UUID(required=True)
    action = graphene.String(required=True, description="read, update or delete")
    user_id = graphene.UUID()
    team_id = graphene.Int()


def _change(actor: Actor, data: dict[str, Any], change: Callable[..., bool]) -> dict[str, Any]:
    """Give or withdraw what an input is about; answer with whom the object is shared now.

    :raises OneGrantee: if it names nobody, or both
    """
    clean = inputs.GrantInput.parse(data)
    user_id, team_id, action = clean.pop("user_id", None), clean.pop("team_id", None), clean.pop("action")
    to = services.one_grantee(user_id, team_id)
    obj = services.shared_object(actor=actor, **clean)
    change(actor=actor, obj=obj, permission=f"{obj.shared_as}.{action}", to=to)
    return {"grants": [_grant(one) for one in services.grants_on(actor=actor, obj=obj)]}


class GrantGive(Mutation):
    """Let a person or a team do one thing to one object, and read it."""

    permission = AUTHENTICATED
    grants = graphene.List(graphene.NonNull(GrantType))

    Input = _About  # type: ignore[assignment]

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Share."""
        return _change(actor, data, services.grant_access)


class GrantWithdraw(Mutation):
    """Take back what was shared; to withdraw reading is to withdraw all."""

    permission = AUTHENTICATED
    grants = graphene.List(graphene.NonNull(GrantType))

    Input = _About  # type: ignore[assignment]

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Withdraw."""
        return _change(actor, data, services.withdraw_access)


class TeamSave(Mutation):
    """Make a team, or change one; `members` are exactly these people, left out they stay."""

    permission = "users.manage"
    team = graphene.Field(TeamType)

    class Input:
        id = graphene.Int()
        name = graphene.String(required=True)
        members = graphene.List(graphene.NonNull(graphene.UUID))

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Save it."""
        team_id = data.pop("id", None)
        return {"team": _team(services.save_team(actor=actor, team_id=team_id, **inputs.TeamInput.parse(data)))}


class TeamDelete(Mutation):
    """Delete a team, and what was shared with it."""

    permission = "users.manage"

    class Input:
        id = graphene.Int(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Delete it."""
        services.delete_team(actor=actor, team_id=data["id"])
        return {}


class SharingMutations(graphene.ObjectType):
    """Mutations of sharing."""

    grant_give = GrantGive.Field()
    grant_withdraw = GrantWithdraw.Field()
    team_save = TeamSave.Field()
    team_delete = TeamDelete.Field()
