"""REST: `/api/v1/carts/`."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.cart import inputs, selectors, services
from apps.cart.models import Cart
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.outputs import MoneyOutput
from rustok.kernel.edges.rest import Endpoint, Request, not_modified, offered_currency, quoted, requested_locale
from rustok.kernel.edges.versions import expected_version

__all__ = ["CartLineView", "CartLinesView", "CartView", "CartsView", "ShippingMethodsView"]

TOKEN = OpenApiParameter(
    "X-Cart-Token", location=OpenApiParameter.HEADER, description="The cart's secret; a customer's own cart needs none."
)
IF_MATCH = OpenApiParameter(
    "If-Match", location=OpenApiParameter.HEADER, description="The entity tag of the cart as you know it."
)
LOCALE = OpenApiParameter("locale", description="BCP 47; else Accept-Language, else the shop's default.")


class ImageOutput(serializers.Serializer[Any]):
    """A picture."""

    url = serializers.CharField()
    alt = serializers.CharField()


class CartLineOutput(serializers.Serializer[Any]):
    """A line of a cart; without a price it cannot be bought, and `problem` says why."""

    id = serializers.UUIDField()
    variant_id = serializers.UUIDField()
    handle = serializers.CharField()
    sku = serializers.CharField()
    title = serializers.CharField()
    variant_title = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    image = ImageOutput(allow_null=True)
    quantity = serializers.IntegerField()
    unit_price = MoneyOutput(allow_null=True)
    total = MoneyOutput(allow_null=True)
    requires_shipping = serializers.BooleanField()
    problem = serializers.ChoiceField(["unavailable", "no_price"], allow_null=True)


class MethodReferenceOutput(serializers.Serializer[Any]):
    """The chosen way to send it."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class CartOutput(serializers.Serializer[Any]):
    """A cart at today's prices."""

    id = serializers.UUIDField()
    token = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()
    status = serializers.ChoiceField(["open", "completed"])
    email = serializers.EmailField(allow_null=True)
    currency = serializers.CharField()
    locale = serializers.CharField()
    lines = CartLineOutput(many=True)
    subtotal = MoneyOutput()
    discount_total = MoneyOutput()
    shipping_total = MoneyOutput()
    tax_total = MoneyOutput()
    tax_included = serializers.BooleanField()
    total = MoneyOutput()
    needs_shipping = serializers.BooleanField()
    shipping_method_id = serializers.UUIDField(allow_null=True)
    shipping_method = MethodReferenceOutput(allow_null=True)
    shipping_address = inputs.AddressInput(allow_null=True)
    billing_address = inputs.AddressInput(allow_null=True)


class ShippingMethodOutput(serializers.Serializer[Any]):
    """A way to send this cart."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    price = MoneyOutput()
    free = serializers.BooleanField()


class ShippingMethodsOutput(serializers.Serializer[Any]):
    """The ways to send this cart: one page."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ShippingMethodOutput(many=True)


def cart_token(request: Request) -> str:
    """Read the cart's secret."""
    return str(request.META.get("HTTP_X_CART_TOKEN", ""))


def _answer(request: Request, cart: Cart, token: str, status: int = 200) -> Response | HttpResponse:
    """Answer a cart; its entity tag is its version and what today's prices make of it."""
    locale = requested_locale(request)
    document = selectors.cart_document(cart, token=token, locale=locale)
    digest = blake2b(orjson.dumps(document | {"token": None}), digest_size=8).hexdigest()
    tag = f"{cart.version}-{digest}"
    if request.method == "GET" and (unchanged := not_modified(request, tag)):
        return unchanged
    headers = {"ETag": quoted(tag), "Content-Language": locale, "Cache-Control": "private, no-cache"}
    return Response(document, status=status, headers=headers)


class CartsView(Endpoint):
    """Carts."""

    permission = PUBLIC

    @extend_schema(parameters=[LOCALE], request=inputs.CreateCartInput, responses={201: CartOutput})
    def post(self, request: Request) -> Response | HttpResponse:
        """Open a cart; the answer holds its secret token, this once."""
        data = inputs.CreateCartInput.parse(request.data)
        cart, token = services.create_cart(
            actor=request.actor,
            currency=offered_currency(data.get("currency") or request.GET.get("currency")),
            locale=data.get("locale") or requested_locale(request),
            email=data.get("email", ""),
            lines=[services.Wish(**line) for line in data.get("lines", [])],
        )
        return _answer(request, cart, token, status=201)


class CartView(Endpoint):
    """One cart."""

    permission = PUBLIC

    @extend_schema(parameters=[TOKEN, LOCALE], responses=CartOutput)
    def get(self, request: Request, cart_id: UUID) -> Response | HttpResponse:
        """Answer a cart at today's prices."""
        token = cart_token(request)
        return _answer(request, selectors.find_cart(actor=request.actor, cart_id=cart_id, token=token), token)

    @extend_schema(parameters=[TOKEN, IF_MATCH, LOCALE], request=inputs.UpdateCartInput, responses=CartOutput)
    def patch(self, request: Request, cart_id: UUID) -> Response | HttpResponse:
        """Set e-mail address, addresses and shipping method; what is left out stays, null takes it back."""
        token = cart_token(request)
        cart = services.update_cart(
            actor=request.actor,
            cart_id=cart_id,
            token=token,
            locale=requested_locale(request),
            expected_version=expected_version(request),
            **inputs.UpdateCartInput.parse(request.data),
        )
        return _answer(request, cart, token)


class CartLinesView(Endpoint):
    """The lines of a cart."""

    permission = PUBLIC

    @extend_schema(parameters=[TOKEN, IF_MATCH, LOCALE], request=inputs.AddLinesInput, responses={201: CartOutput})
    def post(self, request: Request, cart_id: UUID) -> Response | HttpResponse:
        """Put one variant, or several as `lines`, into a cart; the same variant again adds to its line."""
        token = cart_token(request)
        cart = services.add_lines(
            actor=request.actor,
            cart_id=cart_id,
            token=token,
            lines=[services.Wish(**line) for line in inputs.AddLinesInput.parse(request.data)["lines"]],
            locale=requested_locale(request),
            expected_version=expected_version(request),
        )
        return _answer(request, cart, token, status=201)


class CartLineView(Endpoint):
    """One line of a cart."""

    permission = PUBLIC

    @extend_schema(parameters=[TOKEN, IF_MATCH, LOCALE], request=inputs.QuantityInput, responses=CartOutput)
    def patch(self, request: Request, cart_id: UUID, line_id: UUID) -> Response | HttpResponse:
        """Set how many pieces a line holds."""
        token = cart_token(request)
        cart = services.set_quantities(
            actor=request.actor,
            cart_id=cart_id,
            token=token,
            quantities={line_id: inputs.QuantityInput.parse(request.data)["quantity"]},
            expected_version=expected_version(request),
        )
        return _answer(request, cart, token)

    @extend_schema(parameters=[TOKEN, IF_MATCH, LOCALE], responses=CartOutput)
    def delete(self, request: Request, cart_id: UUID, line_id: UUID) -> Response | HttpResponse:
        """Take a line out; answers the cart that is left."""
        token = cart_token(request)
        cart = services.remove_lines(
            actor=request.actor,
            cart_id=cart_id,
            token=token,
            line_ids=[line_id],
            expected_version=expected_version(request),
        )
        return _answer(request, cart, token)


class ShippingMethodsView(Endpoint):
    """Ways to send a cart."""

    permission = PUBLIC

    @extend_schema(parameters=[TOKEN, LOCALE], responses=ShippingMethodsOutput)
    def get(self, request: Request, cart_id: UUID) -> Response:
        """List the shipping methods offered for this cart and their prices; none if nothing in it is sent."""
        cart = selectors.find_cart(actor=request.actor, cart_id=cart_id, token=cart_token(request))
        methods = selectors.shipping_methods(cart, requested_locale(request))
        return Response({"next": None, "previous": None, "results": methods})
