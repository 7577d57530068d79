"""REST: showing that an address is one's own, and changing it."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from apps.accounts import inputs, services
from rustok.kernel.access import AUTHENTICATED, PUBLIC
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.rest import Endpoint, Request

__all__ = ["ChangeEmailView", "ConfirmEmailChangeView", "ResendView", "RevertEmailChangeView", "VerifyEmailView"]


def _follow(request: Request, service: Callable[..., object]) -> Response:
    """Do what a link is good for."""
    token = inputs.LinkInput.parse(request.data)["token"]
    limit(request._request, "verify")
    service(token=token, now=timezone.now())
    return Response(status=204)


class VerifyEmailView(Endpoint):
    """The link that shows that an address is one's own."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.LinkInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Confirm the address that the link was mailed to."""
        return _follow(request, services.verify_email)


class ResendView(Endpoint):
    """Another mail to confirm the address."""

    permission = AUTHENTICATED

    @extend_schema(request=None, responses={202: None})
    def post(self, request: Request) -> Response:
        """Have the link mailed again, if my address is not confirmed yet."""
        limit(request._request, "verify", who=request.actor.email)
        services.request_verification(actor=request.actor)
        return Response(status=202)


class ChangeEmailView(Endpoint):
    """Another address."""

    permission = AUTHENTICATED

    @extend_schema(request=inputs.ChangeEmailInput, responses={202: None})
    def post(self, request: Request) -> Response:
        """Ask for another address; it takes effect once it is confirmed by the link that is mailed there."""
        data = inputs.ChangeEmailInput.parse(request.data)
        limit(request._request, "verify", who=request.actor.email)
        services.request_email_change(actor=request.actor, email=data["email"], password=data["current_password"])
        return Response(status=202)


class ConfirmEmailChangeView(Endpoint):
    """The link that confirms another address."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.LinkInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Take the new address."""
        return _follow(request, services.confirm_email_change)


class RevertEmailChangeView(Endpoint):
    """The link that keeps the old address."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.LinkInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Bring the old address back; every session and the password end, and a link to a new one is mailed."""
        return _follow(request, services.revert_email_change)
