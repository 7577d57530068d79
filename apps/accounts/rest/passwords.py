"""REST: passwords."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from apps.accounts import inputs, services
from rustok.kernel.access import AUTHENTICATED, PUBLIC
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.rest import Endpoint, Request

__all__ = ["ChangePasswordView", "ResetConfirmView", "ResetView"]


class ChangePasswordView(Endpoint):
    """Change the password."""

    permission = AUTHENTICATED

    @extend_schema(request=inputs.ChangePasswordInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password; every session ends."""
        data = inputs.ChangePasswordInput.parse(request.data)
        limit(request._request, "login", who=request.actor.email)
        services.change_password(
            actor=request.actor, current=data["current_password"], new=data["new_password"], now=timezone.now()
        )
        return Response(status=204)


class ResetView(Endpoint):
    """A forgotten password."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.EmailInput, responses={202: None})
    def post(self, request: Request) -> Response:
        """Ask for a link to a new password; the answer is the same whether or not the address has an account."""
        email = inputs.EmailInput.parse(request.data)["email"]
        limit(request._request, "reset", who=email)
        services.request_reset(email=email)
        return Response(status=202)


class ResetConfirmView(Endpoint):
    """The link to a new password."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.ResetPasswordInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password; every session ends, and none begins."""
        data = inputs.ResetPasswordInput.parse(request.data)
        limit(request._request, "verify")
        services.reset_password(token=data["token"], new=data["new_password"], now=timezone.now())
        return Response(status=204)
