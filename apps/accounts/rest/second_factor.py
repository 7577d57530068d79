"""REST: the logged-in user's second factor."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.accounts import inputs, selectors, services
from apps.accounts.authentication import session_of
from apps.accounts.services.qr_codes import qr_svg
from rustok.kernel.access import AUTHENTICATED
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.rest import Endpoint, Request, found

__all__ = ["ConfirmSecondFactorView", "DisableSecondFactorView", "RecoveryCodesView", "SecondFactorView"]


class SecondFactorOutput(serializers.Serializer[Any]):
    """Whether a code is asked for, and whether it must be."""

    enabled = serializers.BooleanField()
    required = serializers.BooleanField()  # type: ignore[assignment]
    recovery_codes_left = serializers.IntegerField()


class EnrolmentOutput(serializers.Serializer[Any]):
    """What an authenticator app needs."""

    secret = serializers.CharField()
    uri = serializers.CharField()
    qr = serializers.CharField(help_text="The URI as an SVG image.")


class RecoveryCodesOutput(serializers.Serializer[Any]):
    """Codes on paper; each is good once, and none is shown again."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class SecondFactorView(Endpoint):
    """My second factor."""

    permission = AUTHENTICATED

    @extend_schema(responses=SecondFactorOutput)
    def get(self, request: Request) -> Response:
        """Tell whether it is on."""
        user = found(selectors.find_user(request.actor.id))
        return Response(selectors.second_factor_document(user))

    @extend_schema(request=None, responses={201: EnrolmentOutput})
    def post(self, request: Request) -> Response:
        """Make a secret for my app; it is asked for once `confirm/` got a first code."""
        enrolment = services.enrol_second_factor(actor=request.actor)
        return Response({"secret": enrolment.secret, "uri": enrolment.uri, "qr": qr_svg(enrolment.uri)}, status=201)


class ConfirmSecondFactorView(Endpoint):
    """Switching it on."""

    permission = AUTHENTICATED

    @extend_schema(request=inputs.ConfirmSecondFactorInput, responses=RecoveryCodesOutput)
    def post(self, request: Request) -> Response:
        """Switch it on with a first code; answers the recovery codes, once. All other sessions end."""
        data = inputs.ConfirmSecondFactorInput.parse(request.data)
        limit(request._request, "login", who=request.actor.email)
        keep = session_of(request)
        codes = services.confirm_second_factor(actor=request.actor, **data, now=timezone.now(), keep=keep)
        return Response({"recovery_codes": codes})


class DisableSecondFactorView(Endpoint):
    """Switching it off."""

    permission = AUTHENTICATED

    @extend_schema(request=inputs.OwnCodeInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Switch it off."""
        data = inputs.OwnCodeInput.parse(request.data)
        limit(request._request, "login", who=request.actor.email)
        services.disable_second_factor(actor=request.actor, **data, now=timezone.now())
        return Response(status=204)


class RecoveryCodesView(Endpoint):
    """Codes on paper."""

    permission = AUTHENTICATED

    @extend_schema(request=inputs.OwnCodeInput, responses=RecoveryCodesOutput)
    def post(self, request: Request) -> Response:
        """Make new recovery codes; the old ones are void."""
        data = inputs.OwnCodeInput.parse(request.data)
        limit(request._request, "login", who=request.actor.email)
        codes = services.regenerate_recovery_codes(actor=request.actor, **data, now=timezone.now())
        return Response({"recovery_codes": codes})
