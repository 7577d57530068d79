"""REST: `/api/v1/orders/`."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, ClassVar

import orjson
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from apps.order import inputs, selectors, services
from apps.order.models import Order
from apps.order.outputs import OrderOutput, OrderPageOutput
from rustok.kernel.edges.rest import Endpoint, Request, not_modified, page_of, page_response, quoted

__all__ = [
    "CancelView", "CaptureView", "ConfirmView", "DeliverView", "OrderView", "OrdersView", "PayView", "ShipView",
]  # fmt: skip


PAGING = [
    OpenApiParameter("page_size", OpenApiTypes.INT, description="1 to 100; 20 if left out."),
    OpenApiParameter("cursor", description="From `next` or `previous`."),
    OpenApiParameter("include", description="`count` adds how many there are."),
    OpenApiParameter("status", description="Keep orders in this state.", enum=Order.Status.values),
]


class OrdersView(Endpoint):
    """Orders."""

    permission = "orders.list"

    @extend_schema(operation_id="orders_list", parameters=PAGING, responses=OrderPageOutput)
    def get(self, request: Request) -> Response:
        """List orders, newest first: all of them for staff, your own otherwise."""
        status = inputs.OrderFilter.parse({"status": request.GET.get("status", "")})["status"]
        page = selectors.list_orders(actor=request.actor, page=page_of(request), status=status)
        return page_response(request, page, selectors.order_document)


class OrderView(Endpoint):
    """One order."""

    permission = "orders.read"

    @extend_schema(responses=OrderOutput)
    def get(self, request: Request, number: str) -> Response | HttpResponse:
        """Answer an order."""
        document = selectors.order_document(selectors.find_order(actor=request.actor, number=number))
        tag = blake2b(orjson.dumps(document), digest_size=12).hexdigest()
        headers = {"ETag": quoted(tag), "Cache-Control": "private, no-cache"}
        return not_modified(request, tag) or Response(document, headers=headers)


class _StepView(Endpoint):
    """A step of an order's way; the subclass names the service and its input."""

    permission = "orders.update"
    step: ClassVar[Any]
    input: ClassVar[type[inputs.Input]] = inputs.StepInput

    def take(self, request: Request, number: str) -> Response:
        """Take the step, and answer the order as it stands then."""
        order = selectors.find_order(actor=request.actor, number=number)
        clean = self.input.parse(request.data or {})
        type(self).step(actor=request.actor, order_id=order.pk, now=timezone.now(), **clean)
        return Response(selectors.order_document(selectors.find_order(actor=request.actor, number=number)))


class ConfirmView(_StepView):
    """Accept."""

    step = staticmethod(services.confirm_order)

    @extend_schema(request=inputs.StepInput, responses=OrderOutput)
    def post(self, request: Request, number: str) -> Response:
        """Accept a pending order."""
        return self.take(request, number)


class PayView(_StepView):
    """Money by hand."""

    step = staticmethod(services.pay_order)

    @extend_schema(request=inputs.StepInput, responses=OrderOutput)
    def post(self, request: Request, number: str) -> Response:
        """Note that the money of a confirmed order came by hand (transfer, cash)."""
        return self.take(request, number)


class CaptureView(_StepView):
    """Reserved money."""

    step = staticmethod(services.capture_order)
    input = inputs.NothingInput

    @extend_schema(request=None, responses=OrderOutput)
    def post(self, request: Request, number: str) -> Response:
        """Take the money that was reserved for a confirmed order."""
        return self.take(request, number)


class ShipView(_StepView):
    """Send."""

    step = staticmethod(services.ship_order)
    input = inputs.ShipInput

    @extend_schema(request=inputs.ShipInput, responses=OrderOutput)
    def post(self, request: Request, number: str) -> Response:
        """Send a paid order; its pieces leave the stock."""
        return self.take(request, number)


class DeliverView(_StepView):
    """Arrived."""

    step = staticmethod(services.deliver_order)

    @extend_schema(request=inputs.StepInput, responses=OrderOutput)
    def post(self, request: Request, number: str) -> Response:
        """Note that a shipped order arrived."""
        return self.take(request, number)


class CancelView(_StepView):
    """Give up."""

    step = staticmethod(services.cancel_order)
    input = inputs.CancelInput

    @extend_schema(request=inputs.CancelInput, responses=OrderOutput)
    def post(self, request: Request, number: str) -> Response:
        """Give an order up before it is sent; its pieces are for sale again."""
        return self.take(request, number)
