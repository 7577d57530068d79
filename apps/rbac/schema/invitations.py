"""GraphQL: invitations."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from apps.rbac import inputs, selectors, services
from rustok.kernel.access import PUBLIC, Actor
from rustok.kernel.edges.graphql import Field, Mutation, as_connection, connection_of, page_request
from rustok.kernel.edges.limits import limit

__all__ = ["InvitationMutations", "InvitationQuery"]


class InvitationType(graphene.ObjectType):
    """An open invitation."""

    class Meta:
        name = "Invitation"

    id = graphene.ID(required=True)
    email = graphene.String(required=True)
    name = graphene.String(required=True)
    locale = graphene.String()
    roles = graphene.List(graphene.NonNull(graphene.String), required=True)
    invited_by = graphene.String()
    sent_at = graphene.String(required=True)
    expires_at = graphene.String(required=True)


InvitationConnection = connection_of(InvitationType, "Invitation")


class InvitationQuery(graphene.ObjectType):
    """Root fields of invitations."""

    invitations = Field(
        InvitationConnection, permission="users.list", required=True, first=graphene.Int(), after=graphene.String()
    )

    def resolve_invitations(root: Any, info: Any, first: int | None = None, after: str | None = None) -> Any:
        """List open invitations, newest first."""
        page = selectors.open_invitations(actor=info.context.actor, page=page_request(first, after))
        return as_connection(page, selectors.invitation_document)


class InvitationCreate(Mutation):
    """Invite somebody: staff with roles, a customer with none."""

    permission = "users.create"
    invitation = graphene.Field(InvitationType)

    class Input:
        email = graphene.String(required=True)
        name = graphene.String()
        locale = graphene.String()
        roles = graphene.List(graphene.NonNull(graphene.String))

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Invite."""
        clean = inputs.InvitationInput.parse(data)
        invitation = services.invite_person(actor=actor, now=timezone.now(), **clean)
        return {"invitation": selectors.invitation_document(invitation)}


class InvitationResend(Mutation):
    """Mail an invitation again, good for another seven days."""

    permission = "users.create"
    invitation = graphene.Field(InvitationType)

    class Input:
        id = graphene.UUID(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Mail it."""
        invitation = services.resend_invitation(actor=actor, invitation_id=data["id"], now=timezone.now())
        return {"invitation": selectors.invitation_document(invitation)}


class InvitationRevoke(Mutation):
    """Withdraw an invitation."""

    permission = "users.create"

    class Input:
        id = graphene.UUID(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Withdraw it."""
        services.revoke_invitation(actor=actor, invitation_id=data["id"], now=timezone.now())
        return {}


class InvitationAccept(Mutation):
    """Make the account that was invited; log in with it afterwards."""

    permission = PUBLIC
    email = graphene.String()

    class Input:
        token = graphene.String(required=True)
        password = graphene.String(required=True)
        name = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Accept."""
        clean = inputs.AcceptInvitationInput.parse(data)
        limit(info.context, "verify")
        return {"email": services.accept_invitation(now=timezone.now(), **clean).email}


class InvitationMutations(graphene.ObjectType):
    """Mutations of invitations."""

    invitation_create = InvitationCreate.Field()
    invitation_resend = InvitationResend.Field()
    invitation_revoke = InvitationRevoke.Field()
    invitation_accept = InvitationAccept.Field()
