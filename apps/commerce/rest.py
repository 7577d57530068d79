"""REST: `/api/v1/carts/{id}/complete/`, and the notifications of payment providers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.commerce import inputs, services
from apps.order.public import OrderOutput
from apps.payment import public as payments
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.rest import Endpoint, Request
from rustok.kernel.errors import Invalid

__all__ = ["CompleteCartView", "TestNoticeView"]

KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=True,
    description="Your name for this attempt: the same again answers the same and buys nothing more.",
)
TOKEN = OpenApiParameter("X-Cart-Token", location=OpenApiParameter.HEADER, description="The cart's secret.")
SIGNATURE = OpenApiParameter(
    "X-Signature", location=OpenApiParameter.HEADER, required=True, description="HMAC-SHA256 of the body, in hex."
)


class NoticeOutput(serializers.Serializer[Any]):
    """Whether the notification was new."""

    accepted = serializers.BooleanField()


class CompleteCartView(Endpoint):
    """A checkout."""

    permission = PUBLIC

    @extend_schema(parameters=[KEY, TOKEN], request=inputs.CompleteInput, responses={201: OrderOutput})
    def post(self, request: Request, cart_id: UUID) -> Response:
        """Turn a cart into an order and have it paid."""
        limit(request._request, "checkout")
        key = str(request.META.get("HTTP_IDEMPOTENCY_KEY", ""))
        order = services.complete_cart(
            actor=request.actor,
            cart_id=cart_id,
            token=str(request.META.get("HTTP_X_CART_TOKEN", "")),
            payment=services.PaymentChoice(**inputs.CompleteInput.parse(request.data)["payment"]),
            idempotency_key=key,
            now=timezone.now(),
        )
        return Response(order, status=201)


class Unreadable(Invalid):
    """The notification is not JSON."""

    code = "malformed"


class TestNoticeView(Endpoint):
    """Notifications of the `test` provider."""

    __test__ = False
    permission = PUBLIC
    authentication_classes = ()

    @extend_schema(parameters=[SIGNATURE], request=inputs.NoticeInput, responses=NoticeOutput)
    def post(self, request: Request) -> Response:
        """Take note of what became of a charge; the same event again changes nothing."""
        body = request._request.body
        payments.verify_notice(body=body, signature=str(request.META.get("HTTP_X_SIGNATURE", "")))
        try:
            notice = inputs.NoticeInput.parse(orjson.loads(body))
        except orjson.JSONDecodeError:
            raise Unreadable() from None
        accepted = services.receive_notice(
            provider="test",
            event_id=notice["event_id"],
            payment_id=notice["payment_id"],
            outcome=payments.Outcome(notice["status"]),
            now=timezone.now(),
        )
        return Response({"accepted": accepted})
