"""REST: `variants/{id}/inventory/`, `inventory/adjustments/`, `inventory/check/`, `locations/`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.response import Response

from apps.inventory import inputs, selectors, services
from apps.product.public import products_of_variants
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.rest import Endpoint, Request, found, page_of, page_response
from rustok.kernel.errors import Invalid
from rustok.kernel.ids import parse_id
from rustok.kernel.pages import paginate

__all__ = ["AdjustmentsView", "CheckView", "LocationView", "LocationsView", "VariantInventoryView"]


class LevelOutput(serializers.Serializer[Any]):
    """Stock at one location."""

    location_id = serializers.UUIDField()
    location = serializers.CharField()
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    available = serializers.IntegerField()


class InventoryOutput(serializers.Serializer[Any]):
    """The stock of a variant."""

    variant_id = serializers.UUIDField()
    available = serializers.IntegerField()
    tracked = serializers.BooleanField()
    backorder = serializers.BooleanField()
    low_stock_at = serializers.IntegerField()
    levels = LevelOutput(many=True)


class AdjustmentOutput(serializers.Serializer[Any]):
    """A change to stock."""

    id = serializers.UUIDField()
    variant_id = serializers.UUIDField()
    location_id = serializers.UUIDField()
    delta = serializers.IntegerField()
    on_hand = serializers.IntegerField(help_text="What was there afterwards.")
    reason = serializers.CharField()
    reference = serializers.UUIDField(allow_null=True)
    actor_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()


class LocationOutput(serializers.Serializer[Any]):
    """A place that holds stock."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    is_default = serializers.BooleanField()
    is_active = serializers.BooleanField()
    position = serializers.IntegerField()
    address = serializers.DictField()


class CheckedLine(serializers.Serializer[Any]):
    """Whether there is enough of a variant."""

    variant_id = serializers.UUIDField()
    quantity = serializers.IntegerField()
    available = serializers.BooleanField()
    inventory_quantity = serializers.IntegerField(allow_null=True)


def _page_of(name: str, one: type[serializers.Serializer[Any]]) -> Any:
    links = {side: serializers.CharField(allow_null=True) for side in ("next", "previous")}
    return inline_serializer(name, {**links, "results": one(many=True)})


class VariantInventoryView(Endpoint):
    """The stock of one variant."""

    permission = {"GET": "inventory.read", "PATCH": "inventory.update"}

    @extend_schema(responses=InventoryOutput)
    def get(self, request: Request, variant_id: UUID) -> Response:
        """Answer a variant's stock by location, and how it is treated."""
        found(products_of_variants([variant_id]).get(variant_id))
        return Response(selectors.inventory_document(variant_id))

    @extend_schema(request=inputs.InventoryInput, responses=InventoryOutput)
    def patch(self, request: Request, variant_id: UUID) -> Response:
        """Set how a variant's stock is treated, and what was counted."""
        data = inputs.InventoryInput.parse(request.data)
        levels, reason = data.pop("levels", ()), data.pop("reason")
        with transaction.atomic():
            if data or not levels:
                services.set_policy(actor=request.actor, variant_id=variant_id, **data)
            for level in levels:
                services.set_stock(actor=request.actor, variant_id=variant_id, reason=reason, **level)
        return Response(selectors.inventory_document(variant_id))


class AdjustmentsView(Endpoint):
    """Changes to stock."""

    permission = {"GET": "inventory.list", "POST": "inventory.update"}

    @extend_schema(
        parameters=[OpenApiParameter("variant_id", UUID)], responses=_page_of("AdjustmentPage", AdjustmentOutput)
    )
    def get(self, request: Request) -> Response:
        """List changes to stock, newest first."""
        wanted = request.query_params.get("variant_id")
        variant_id = parse_id(wanted) if wanted else None
        if wanted and variant_id is None:
            raise Invalid("variant_id is a UUID", field="variant_id")
        page = paginate(selectors.adjustments(variant_id), ["-id"], page_of(request))
        return page_response(request, page, selectors.adjustment_document)

    @extend_schema(request=inputs.AdjustmentInput, responses={201: AdjustmentOutput})
    def post(self, request: Request) -> Response:
        """Add to the stock on hand, or take from it."""
        adjustment = services.adjust_stock(actor=request.actor, **inputs.AdjustmentInput.parse(request.data))
        return Response(selectors.adjustment_document(adjustment), status=201)


class CheckView(Endpoint):
    """Whether there is enough."""

    permission = PUBLIC

    @extend_schema(
        request=inputs.CheckInput,
        responses=inline_serializer(
            "StockCheck", {"available": serializers.BooleanField(), "lines": CheckedLine(many=True)}
        ),
    )
    def post(self, request: Request) -> Response:
        """Tell whether there is enough of some variants, without promising it."""
        lines = inputs.CheckInput.parse(request.data)["lines"]
        checked = selectors.check_lines([(line["variant_id"], line["quantity"]) for line in lines])
        return Response({"available": all(line["available"] for line in checked), "lines": checked})


class LocationsView(Endpoint):
    """Places that hold stock."""

    permission = {"GET": "inventory.list", "POST": "inventory.create"}

    @extend_schema(operation_id="locations_list", responses=_page_of("LocationPage", LocationOutput))
    def get(self, request: Request) -> Response:
        """List locations, the default one first."""
        page = paginate(selectors.locations(), ["-is_default", "position", "name", "id"], page_of(request))
        return page_response(request, page, selectors.location_document)

    @extend_schema(request=inputs.LocationInput, responses={201: LocationOutput})
    def post(self, request: Request) -> Response:
        """Add a location."""
        location = services.create_location(actor=request.actor, **inputs.LocationInput.parse(request.data))
        return Response(selectors.location_document(location), status=201)


class LocationView(Endpoint):
    """One location."""

    permission = {"GET": "inventory.read", "PATCH": "inventory.update", "DELETE": "inventory.delete"}

    @extend_schema(responses=LocationOutput)
    def get(self, request: Request, location_id: UUID) -> Response:
        """Answer a location."""
        return Response(selectors.location_document(found(selectors.locations().filter(pk=location_id).first())))

    @extend_schema(request=inputs.LocationInput, responses=LocationOutput)
    def patch(self, request: Request, location_id: UUID) -> Response:
        """Change a location."""
        data = inputs.LocationInput.parse(request.data, partial=True)
        location = services.update_location(actor=request.actor, location_id=location_id, **data)
        return Response(selectors.location_document(location))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, location_id: UUID) -> Response:
        """Remove a location that never held anything."""
        services.delete_location(actor=request.actor, location_id=location_id)
        return Response(status=204)
