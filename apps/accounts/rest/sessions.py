"""REST: logging in and out, and what is logged in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.response import Response

from apps.accounts import inputs, selectors, services
from apps.accounts.authentication import session_of
from apps.accounts.rest.answers import TokensOutput, device_of, seen_from, write_login, write_tokens
from rustok.kernel.access import AUTHENTICATED, PUBLIC
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.rest import Endpoint, Request

__all__ = ["LoginCodeView", "LoginView", "LogoutView", "RefreshView", "SessionView", "SessionsView"]


class SessionOutput(serializers.Serializer[Any]):
    """One login: of a browser, or of a program with tokens."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["browser", "api"])
    device = serializers.CharField()
    address = serializers.CharField()
    started_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField()
    is_current = serializers.BooleanField()


SecondStepOutput = inline_serializer(
    "SecondStep", {"second_factor": serializers.CharField(default="required"), "ticket": serializers.CharField()}
)
LoginOutput = PolymorphicProxySerializer(
    component_name="Login", serializers=[TokensOutput, SecondStepOutput], resource_type_field_name=None
)


class LoginView(Endpoint):
    """Log in."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.LoginInput, responses=LoginOutput)
    def post(self, request: Request) -> Response:
        """Exchange an address and a password for tokens; with a second factor, for a ticket to `second-factor/`."""
        data = inputs.LoginInput.parse(request.data)
        limit(request._request, "login", who=data["email"])
        now = timezone.now()
        done = services.log_in(**data, device=device_of(request), seen=seen_from(request._request), now=now)
        return Response(write_login(request._request, done))


class LoginCodeView(Endpoint):
    """The second step of a login."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.LoginCodeInput, responses=TokensOutput)
    def post(self, request: Request) -> Response:
        """Exchange a ticket and a code for tokens."""
        data = inputs.LoginCodeInput.parse(request.data)
        limit(request._request, "login")
        now = timezone.now()
        done = services.log_in_with_code(**data, device=device_of(request), seen=seen_from(request._request), now=now)
        return Response(write_login(request._request, done))


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
        """List my live sessions, this one first, then the newest; at most 100."""
        services.only_for_people()
        sessions = selectors.live_sessions(request.actor.id, timezone.now(), current=session_of(request))
        return Response(SessionOutput(sessions, many=True).data)

    @extend_schema(operation_id="sessions_end_others", responses={204: None})
    def delete(self, request: Request) -> Response:
        """End all my sessions but this one."""
        services.end_other_sessions(actor=request.actor, keep=session_of(request), now=timezone.now())
        return Response(status=204)


class SessionView(Endpoint):
    """One session."""

    permission = AUTHENTICATED

    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End one of my sessions."""
        services.revoke_session(actor=request.actor, session_id=session_id, now=timezone.now())
        return Response(status=204)
