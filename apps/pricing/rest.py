"""REST: `variants/{id}/prices/`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.response import Response

from apps.pricing import inputs, selectors, services
from apps.pricing.models import Price
from apps.product.public import sees_variant
from rustok.kernel.edges.outputs import MoneyOutput
from rustok.kernel.edges.rest import Endpoint, Request
from rustok.kernel.errors import NotFound

__all__ = ["VariantPricesView"]


class PriceOutput(serializers.Serializer[Any]):
    """A price, and the one before if it is reduced."""

    price = MoneyOutput()
    compare_at = MoneyOutput(allow_null=True)


PricesOutput = inline_serializer("Prices", {"variant_id": serializers.UUIDField(), "prices": PriceOutput(many=True)})


class VariantPricesView(Endpoint):
    """The prices of one variant."""

    permission = {"GET": "products.read", "PUT": "products.update", "PATCH": "products.update"}

    @extend_schema(responses=PricesOutput)
    def get(self, request: Request, variant_id: UUID) -> Response:
        """List a variant's prices, by currency."""
        if not sees_variant(request.actor, variant_id):
            raise NotFound()
        return _answer(variant_id, selectors.prices_of(variant_id))

    @extend_schema(request=inputs.PricesInput, responses=PricesOutput)
    def put(self, request: Request, variant_id: UUID) -> Response:
        """Make these the only prices of a variant."""
        prices = services.replace_prices(
            actor=request.actor, variant_id=variant_id, prices=_new(variant_id, request.data)
        )
        return _answer(variant_id, prices)

    @extend_schema(request=inputs.PricesInput, responses=PricesOutput)
    def patch(self, request: Request, variant_id: UUID) -> Response:
        """Set some prices of a variant, and leave those in other currencies."""
        services.set_prices(actor=request.actor, prices=_new(variant_id, request.data))
        return _answer(variant_id, selectors.prices_of(variant_id))


def _new(variant_id: UUID, data: Any) -> list[services.NewPrice]:
    given = inputs.PricesInput.parse(data)["prices"]
    return [services.NewPrice(variant_id, one["price"], one.get("compare_at")) for one in given]


def _answer(variant_id: UUID, prices: list[Price]) -> Response:
    return Response({"variant_id": str(variant_id), "prices": [selectors.price_document(price) for price in prices]})
