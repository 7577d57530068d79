"""REST: `/api/v1/products/`, `/api/v1/variants/` and `/api/v1/collections/`; products are read from the index."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.index.public import (
    LIST_PARAMETERS,
    ProductOutput,
    ProductPageOutput,
    compose_product,
    rest_detail,
    rest_list,
)
from apps.product import inputs, selectors, services
from apps.product.models import Collection, Product, Variant
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.rest import (
    Endpoint,
    Request,
    found,
    page_of,
    page_response,
    requested_currency,
    requested_locale,
)
from rustok.kernel.edges.versions import expected_version, versioned
from rustok.kernel.pages import Page, paginate

__all__ = [
    "CollectionView", "CollectionsView", "ImageView", "ImagesView", "ProductView", "ProductsView", "PublishView",
    "UnpublishView", "VariantView", "VariantsView",
]  # fmt: skip

_PERMISSION = {"GET": PUBLIC, "POST": "products.create", "PATCH": "products.update", "DELETE": "products.delete"}
#: What changes a part of a product.
_PART = {"GET": PUBLIC, "POST": "products.update", "PATCH": "products.update", "DELETE": "products.update"}
LOCALE = OpenApiParameter("locale", description="BCP 47; else Accept-Language, else the shop's default.")
CURRENCY = OpenApiParameter("currency", description="ISO 4217; else the shop's default.")
IF_MATCH = OpenApiParameter(
    "If-Match", location=OpenApiParameter.HEADER, description="The entity tag of the version that you change."
)


class VariantOutput(serializers.Serializer[Any]):
    """A variant; its prices and its stock have paths of their own."""

    id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    sku = serializers.CharField()
    title = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    position = serializers.IntegerField()
    weight_g = serializers.IntegerField(allow_null=True)
    barcode = serializers.CharField()
    requires_shipping = serializers.BooleanField()
    is_active = serializers.BooleanField()
    image_url = serializers.CharField(allow_null=True)
    updated_at = serializers.DateTimeField()


class ProductImageOutput(serializers.Serializer[Any]):
    """An image of a product."""

    id = serializers.UUIDField()
    asset_id = serializers.UUIDField()
    variant_id = serializers.UUIDField(allow_null=True)
    position = serializers.IntegerField()
    url = serializers.CharField()
    alt = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    srcset = serializers.CharField()
    renditions = serializers.ListField(child=serializers.DictField())


class CollectionOutput(serializers.Serializer[Any]):
    """A collection."""

    id = serializers.UUIDField()
    handle = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(help_text="Sanitised HTML.")
    position = serializers.IntegerField()
    product_count = serializers.IntegerField()
    resolved_locale = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class CollectionPageOutput(serializers.Serializer[Any]):
    """A page of collections."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(required=False)
    results = CollectionOutput(many=True)


# --- products -------------------------------------------------------------------------------------------------------


def _written(request: Request, product_id: UUID, version: int, status: int = 200) -> Response | HttpResponse:
    """Answer a product as the index will show it, with the entity tag of its new version."""
    document = found(compose_product(product_id, requested_locale(request), requested_currency(request)))
    return versioned(request, document, version, status=status, locale=document["resolved_locale"])


def _named(key: str) -> Product:
    """Answer the product that an address names by id or handle, whoever asks: what may be seen is checked after."""
    product: Product = found(selectors.find_product(key))
    return product


def _visible(request: Request, key: str) -> Product:
    product = _named(key)
    return product if selectors.may_see(request.actor, product) else found(None)


class ProductsView(Endpoint):
    """All products."""

    permission = _PERMISSION

    @extend_schema(operation_id="products_list", parameters=LIST_PARAMETERS, responses=ProductPageOutput)
    def get(self, request: Request) -> HttpResponse:
        """List what is on sale."""
        return rest_list(request)

    @extend_schema(parameters=[LOCALE, CURRENCY], request=inputs.ProductInput, responses={201: ProductOutput})
    def post(self, request: Request) -> Response | HttpResponse:
        """Create a product; it is a draft until it is published."""
        data = inputs.ProductInput.parse(request.data)
        ref = services.create_product(actor=request.actor, now=timezone.now(), **data)
        return _written(request, ref.id, ref.version, status=201)


class ProductView(Endpoint):
    """One product, by id or handle."""

    permission = _PERMISSION

    @extend_schema(parameters=[LOCALE, CURRENCY], responses=ProductOutput)
    def get(self, request: Request, key: str) -> HttpResponse:
        """Answer a product."""
        return rest_detail(request, key)

    @extend_schema(parameters=[LOCALE, CURRENCY, IF_MATCH], request=inputs.ProductChangeInput, responses=ProductOutput)
    def patch(self, request: Request, key: str) -> Response | HttpResponse:
        """Change a product; `status` publishes, unpublishes or archives it."""
        product = services.update_product(
            actor=request.actor,
            product_id=_named(key).pk,
            now=timezone.now(),
            expected_version=expected_version(request),
            **inputs.ProductChangeInput.parse(request.data, partial=True),
        )
        return _written(request, product.pk, product.version)

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """Delete a product; archiving keeps old links meaningful."""
        services.delete_product(
            actor=request.actor, product_id=_named(key).pk, expected_version=expected_version(request)
        )
        return Response(status=204)


class PublishView(Endpoint):
    """Put on sale."""

    permission = "products.update"

    @extend_schema(parameters=[LOCALE, CURRENCY, IF_MATCH], request=None, responses=ProductOutput)
    def post(self, request: Request, key: str) -> Response | HttpResponse:
        """Put a product on sale; it needs a price."""
        product = services.publish_product(
            actor=request.actor,
            product_id=_named(key).pk,
            now=timezone.now(),
            expected_version=expected_version(request),
        )
        return _written(request, product.pk, product.version)


class UnpublishView(Endpoint):
    """Take off sale."""

    permission = "products.update"

    @extend_schema(parameters=[LOCALE, CURRENCY, IF_MATCH], request=None, responses=ProductOutput)
    def post(self, request: Request, key: str) -> Response | HttpResponse:
        """Take a product off sale; it becomes a draft again."""
        product = services.unpublish_product(
            actor=request.actor, product_id=_named(key).pk, expected_version=expected_version(request)
        )
        return _written(request, product.pk, product.version)


# --- variants -------------------------------------------------------------------------------------------------------


def _variant(request: Request, variant: Variant, status: int = 200) -> Response | HttpResponse:
    locale = requested_locale(request)
    version = Product.objects.values_list("version", flat=True).get(pk=variant.product_id)
    return versioned(request, selectors.variant_document(variant, locale), version, status=status, locale=locale)


class VariantsView(Endpoint):
    """The variants of a product."""

    permission = _PART

    @extend_schema(operation_id="products_variants_list", parameters=[LOCALE], responses=VariantOutput(many=True))
    def get(self, request: Request, key: str) -> Response:
        """List the variants of a product; there are at most 250."""
        variants = selectors.variants_of(_visible(request, key))
        return Response(selectors.variant_documents(variants, requested_locale(request)))

    @extend_schema(parameters=[LOCALE, IF_MATCH], request=inputs.VariantInput, responses={201: VariantOutput})
    def post(self, request: Request, key: str) -> Response | HttpResponse:
        """Add a variant; values that its options lack are added to them."""
        variant = services.add_variant(
            actor=request.actor,
            product_id=_named(key).pk,
            expected_version=expected_version(request),
            **inputs.VariantInput.parse(request.data),
        )
        return _variant(request, variant, status=201)


class VariantView(Endpoint):
    """One variant; its entity tag is its product's version."""

    permission = _PART

    @extend_schema(parameters=[LOCALE], responses=VariantOutput)
    def get(self, request: Request, variant_id: UUID) -> Response | HttpResponse:
        """Answer a variant."""
        return _variant(request, found(selectors.seen_variant(request.actor, variant_id)))

    @extend_schema(parameters=[LOCALE, IF_MATCH], request=inputs.VariantChangeInput, responses=VariantOutput)
    def patch(self, request: Request, variant_id: UUID) -> Response | HttpResponse:
        """Change a variant."""
        variant = services.update_variant(
            actor=request.actor,
            variant_id=variant_id,
            expected_version=expected_version(request),
            **inputs.VariantChangeInput.parse(request.data, partial=True),
        )
        return _variant(request, variant)

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, variant_id: UUID) -> Response:
        """Remove a variant; a product keeps at least one."""
        services.delete_variant(actor=request.actor, variant_id=variant_id, expected_version=expected_version(request))
        return Response(status=204)


# --- images ---------------------------------------------------------------------------------------------------------


class ImagesView(Endpoint):
    """The images of a product."""

    permission = _PART

    @extend_schema(operation_id="products_images_list", parameters=[LOCALE], responses=ProductImageOutput(many=True))
    def get(self, request: Request, key: str) -> Response:
        """List the images of a product and of its variants; there are at most 300."""
        images = selectors.images_of(_visible(request, key))
        return Response(selectors.image_documents(images, requested_locale(request)))

    @extend_schema(parameters=[LOCALE, IF_MATCH], request=inputs.ImageInput, responses={201: ProductImageOutput})
    def post(self, request: Request, key: str) -> Response:
        """Show an image that was uploaded to `media/`."""
        image = services.add_image(
            actor=request.actor,
            product_id=_named(key).pk,
            expected_version=expected_version(request),
            **inputs.ImageInput.parse(request.data),
        )
        return Response(selectors.image_documents([image], requested_locale(request))[0], status=201)


class ImageView(Endpoint):
    """One image of a product."""

    permission = _PART

    @extend_schema(parameters=[LOCALE], responses=ProductImageOutput)
    def get(self, request: Request, key: str, image_id: UUID) -> Response:
        """Answer an image."""
        image = found(selectors.find_image(_visible(request, key).pk, image_id))
        return Response(selectors.image_documents([image], requested_locale(request))[0])

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, key: str, image_id: UUID) -> Response:
        """Stop showing an image; it stays in `media/`."""
        services.remove_image(
            actor=request.actor,
            product_id=_named(key).pk,
            image_id=image_id,
            expected_version=expected_version(request),
        )
        return Response(status=204)


# --- collections ----------------------------------------------------------------------------------------------------


def _collection(request: Request, collection: Collection, status: int = 200) -> Response | HttpResponse:
    (document,) = selectors.collection_documents([collection], requested_locale(request))
    return versioned(request, document, collection.version, status=status, locale=document["resolved_locale"])


class CollectionsView(Endpoint):
    """All collections."""

    permission = _PERMISSION

    @extend_schema(
        operation_id="collections_list",
        parameters=[
            LOCALE,
            OpenApiParameter("page_size", OpenApiTypes.INT, description="1 to 100; 20 if left out."),
            OpenApiParameter("cursor", description="From `next` or `previous`."),
            OpenApiParameter("include", description="`count` adds how many there are."),
        ],
        responses=CollectionPageOutput,
    )
    def get(self, request: Request) -> Response:
        """List collections as they were arranged."""
        locale = requested_locale(request)
        page = paginate(selectors.collections(), ["position", "handle"], page_of(request))
        documents = selectors.collection_documents(page.results, locale)
        response = page_response(request, Page(documents, page.next, page.previous, page.count))
        response["Content-Language"] = locale
        return response

    @extend_schema(parameters=[LOCALE], request=inputs.CollectionInput, responses={201: CollectionOutput})
    def post(self, request: Request) -> Response | HttpResponse:
        """Make a collection."""
        collection = services.create_collection(actor=request.actor, **inputs.CollectionInput.parse(request.data))
        return _collection(request, collection, status=201)


class CollectionView(Endpoint):
    """One collection, by id or handle."""

    permission = _PERMISSION

    @extend_schema(parameters=[LOCALE], responses=CollectionOutput)
    def get(self, request: Request, key: str) -> Response | HttpResponse:
        """Answer a collection; `products/?collection={handle}` lists what is in it."""
        return _collection(request, found(selectors.find_collection(key)))

    @extend_schema(parameters=[LOCALE, IF_MATCH], request=inputs.CollectionChangeInput, responses=CollectionOutput)
    def patch(self, request: Request, key: str) -> Response | HttpResponse:
        """Change a collection; `products` is the whole list, in order."""
        collection = services.update_collection(
            actor=request.actor,
            collection_id=found(selectors.find_collection(key)).pk,
            expected_version=expected_version(request),
            **inputs.CollectionChangeInput.parse(request.data, partial=True),
        )
        return _collection(request, collection)

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """Delete a collection; its products stay."""
        services.delete_collection(
            actor=request.actor,
            collection_id=found(selectors.find_collection(key)).pk,
            expected_version=expected_version(request),
        )
        return Response(status=204)
