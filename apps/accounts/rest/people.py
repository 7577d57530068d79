"""REST: making an account, and who I am."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from apps.accounts import inputs, selectors, services
from apps.accounts.rest.answers import TokensOutput, UserOutput, device_of, write_login
from rustok.kernel.access import AUTHENTICATED, PUBLIC
from rustok.kernel.edges.limits import limit, rationed
from rustok.kernel.edges.rest import Endpoint, Request, found

__all__ = ["MeView", "RegisterView"]


class RegisterView(Endpoint):
    """Make an account, and log in."""

    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(request=inputs.RegisterInput, responses={201: TokensOutput})
    def post(self, request: Request) -> Response:
        """Register; that an address has an account already is told to nobody again and again."""
        data = inputs.RegisterInput.parse(request.data)
        limit(request._request, "register")
        with rationed(request._request, "taken", services.EmailTaken):
            user = services.register_user(**data)
        tokens = services.start_session(user=user, device=device_of(request), now=timezone.now())
        return Response(write_login(request._request, tokens), status=201)


class MeView(Endpoint):
    """The logged-in user."""

    permission = AUTHENTICATED

    @extend_schema(responses=UserOutput)
    def get(self, request: Request) -> Response:
        """Answer who I am."""
        return Response(selectors.user_document(found(selectors.find_user(request.actor.id))))
