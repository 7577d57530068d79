"""REST: passwords."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from apps.accounts import inputs, services
from rustok.kernel.access import AUTHENTICATED
from rustok.kernel.edges.rest import Endpoint, Request

__all__ = ["ChangePasswordView"]


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
