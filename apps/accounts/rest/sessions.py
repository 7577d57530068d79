"""REST: logging in and out, and what is logged in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.accounts import inputs, selectors, services
from apps.accounts.rest.answers import TokensOutput, device_of, write_tokens
from rustok.kernel.access import AUTHENTICATED, PUBLIC
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.rest import Endpoint, Request

__all__ = ["LoginView", "LogoutView", "RefreshView", "SessionView", "SessionsView"]


class SessionOutput(serializers.Serializer[Any]):
    """One login over the API."""

    id = serializers.UUIDField()
    device = serializers.CharField()
    used_at = serializers.DateTimeField()


class LoginView(Endpoint):
    """Log in."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.LoginInput, responses=TokensOutput)
    def post(self, request: Request) -> Response:
        """Exchange an address and a password for tokens."""
        data = inputs.LoginInput.parse(request.data)
        limit(request._request, "login", who=data["email"])
        return Response(write_tokens(services.log_in(**data, device=device_of(request), now=timezone.now())))


class RefreshView(Endpoint):
    """Rotate tokens."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.TokenInput, responses=TokensOutput)
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for new tokens; it is used up."""
        token = inputs.TokenInput.parse(request.data)["refresh"]
        return Response(write_tokens(services.refresh(token=token, now=timezone.now())))


class LogoutView(Endpoint):
    """Log out."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.TokenInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the session of a refresh token, and with it its access tokens."""
        services.log_out(token=inputs.TokenInput.parse(request.data)["refresh"], now=timezone.now())
        return Response(status=204)


class SessionsView(Endpoint):
    """The logged-in user's sessions."""

    permission = AUTHENTICATED

    @extend_schema(operation_id="sessions_list", responses=SessionOutput(many=True))
    def get(self, request: Request) -> Response:
        """List my live API sessions, newest first; at most 100."""
        sessions = selectors.live_sessions(request.actor.id, timezone.now())[:100]
        return Response([{"id": s.pk, "device": s.device, "used_at": s.used_at} for s in sessions])


class SessionView(Endpoint):
    """One session."""

    permission = AUTHENTICATED

    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End one of my sessions."""
        services.revoke_session(actor=request.actor, session_id=session_id, now=timezone.now())
        return Response(status=204)
