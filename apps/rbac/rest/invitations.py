"""REST: `/api/v1/invitations/`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.rbac import inputs, selectors, services
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.rest import Endpoint, Request, page_of, page_response

__all__ = ["AcceptInvitationView", "InvitationView", "InvitationsView", "ResendInvitationView"]


class InvitationOutput(serializers.Serializer[Any]):
    """An open invitation."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    locale = serializers.CharField(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    invited_by = serializers.EmailField(allow_null=True)
    sent_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class AcceptedOutput(serializers.Serializer[Any]):
    """The account that was made."""

    id = serializers.UUIDField()
    email = serializers.EmailField()


class InvitationsView(Endpoint):
    """Who is asked to come."""

    permission = {"GET": "users.list", "POST": "users.create"}

    @extend_schema(operation_id="invitations_list", responses=InvitationOutput(many=True))
    def get(self, request: Request) -> Response:
        """List open invitations, newest first."""
        page = selectors.open_invitations(actor=request.actor, page=page_of(request))
        return page_response(request, page, selectors.invitation_document)

    @extend_schema(request=inputs.InvitationInput, responses={201: InvitationOutput})
    def post(self, request: Request) -> Response:
        """Invite somebody: staff with roles, a customer with none."""
        data = inputs.InvitationInput.parse(request.data)
        invitation = services.invite_person(actor=request.actor, now=timezone.now(), **data)
        return Response(selectors.invitation_document(invitation), status=201)


class InvitationView(Endpoint):
    """One invitation."""

    permission = "users.create"

    @extend_schema(responses={204: None})
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        """Withdraw it; the link that was mailed is good no more."""
        services.revoke_invitation(actor=request.actor, invitation_id=invitation_id, now=timezone.now())
        return Response(status=204)


class ResendInvitationView(Endpoint):
    """An invitation once more."""

    permission = "users.create"

    @extend_schema(request=None, responses=InvitationOutput)
    def post(self, request: Request, invitation_id: UUID) -> Response:
        """Mail it again, good for another seven days."""
        invitation = services.resend_invitation(actor=request.actor, invitation_id=invitation_id, now=timezone.now())
        return Response(selectors.invitation_document(invitation))


class AcceptInvitationView(Endpoint):
    """The link of an invitation."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.AcceptInvitationInput, responses={201: AcceptedOutput})
    def post(self, request: Request) -> Response:
        """Make the account that was invited; log in with it afterwards."""
        data = inputs.AcceptInvitationInput.parse(request.data)
        limit(request._request, "verify")
        user = services.accept_invitation(now=timezone.now(), **data)
        return Response({"id": str(user.pk), "email": user.email}, status=201)
