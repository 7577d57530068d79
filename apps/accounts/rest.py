"""REST: `/api/v1/auth/`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.response import Response

from apps.accounts import inputs, selectors, services
from rustok.kernel.access import AUTHENTICATED, PUBLIC
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.rest import Endpoint, Request, found

__all__ = [
    "ChangePasswordView", "LoginView", "LogoutView", "MeView", "RefreshView", "RegisterView", "SessionView",
    "SessionsView",
]  # fmt: skip


class UserOutput(serializers.Serializer[Any]):
    """A user."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    locale = serializers.CharField(allow_null=True)
    is_staff = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class SessionOutput(serializers.Serializer[Any]):
    """One login over the API."""

    id = serializers.UUIDField()
    device = serializers.CharField()
    used_at = serializers.DateTimeField()


TokensOutput = inline_serializer(
    "Tokens", {"access": serializers.CharField(), "refresh": serializers.CharField(), "user": UserOutput()}
)


def _tokens(tokens: services.Tokens) -> dict[str, Any]:
    return {"access": tokens.access, "refresh": tokens.refresh, "user": selectors.user_document(tokens.user)}


def _device(request: Request) -> str:
    return str(request.META.get("HTTP_USER_AGENT", ""))


class RegisterView(Endpoint):
    """Make an account, and log in."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.RegisterInput, responses={201: TokensOutput})
    def post(self, request: Request) -> Response:
        """Register."""
        data = inputs.RegisterInput.parse(request.data)
        limit(request._request, "register")
        services.register_user(**data)
        tokens = services.log_in(
            email=data["email"], password=data["password"], device=_device(request), now=timezone.now()
        )
        return Response(_tokens(tokens), status=201)


class LoginView(Endpoint):
    """Log in."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.LoginInput, responses=TokensOutput)
    def post(self, request: Request) -> Response:
        """Exchange an address and a password for tokens."""
        data = inputs.LoginInput.parse(request.data)
        limit(request._request, "login", who=data["email"])
        return Response(_tokens(services.log_in(**data, device=_device(request), now=timezone.now())))


class RefreshView(Endpoint):
    """Rotate tokens."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.TokenInput, responses=TokensOutput)
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for new tokens; it is used up."""
        token = inputs.TokenInput.parse(request.data)["refresh"]
        return Response(_tokens(services.refresh(token=token, now=timezone.now())))


class LogoutView(Endpoint):
    """Log out."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.TokenInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the session of a refresh token, and with it its access tokens."""
        services.log_out(token=inputs.TokenInput.parse(request.data)["refresh"], now=timezone.now())
        return Response(status=204)


class MeView(Endpoint):
    """The logged-in user."""

    permission = AUTHENTICATED

    @extend_schema(responses=UserOutput)
    def get(self, request: Request) -> Response:
        """Answer who I am."""
        return Response(selectors.user_document(found(selectors.find_user(request.actor.id))))


class ChangePasswordView(Endpoint):
    """Change the password."""

    permission = AUTHENTICATED

    @extend_schema(request=inputs.ChangePasswordInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password; every API session ends."""
        data = inputs.ChangePasswordInput.parse(request.data)
        services.change_password(
            actor=request.actor, current=data["current_password"], new=data["new_password"], now=timezone.now()
        )
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


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How OpenAPI describes it."""

    target_class = "apps.accounts.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Describe the scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
