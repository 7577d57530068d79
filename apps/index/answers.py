"""HTTP answers from the index: documents go from PostgreSQL to the wire as text, with ETag and Content-Language."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request as DRFRequest

from apps.index import selectors
from apps.index.drafts import listed_for, shown_to
from apps.index.queries import ON_SALE, STATUSES, Condition, ContentQuery, ProductQuery
from apps.index.selectors import Found, ListPage
from rustok.kernel.edges.outputs import MoneyOutput
from rustok.kernel.edges.rest import (
    found,
    json_text,
    not_modified,
    page_link,
    requested_currency,
    requested_locale,
)
from rustok.kernel.pages import PageRequest

__all__ = [
    "LIST_PARAMETERS", "ProductOutput", "ProductPageOutput", "SearchOutput", "SuggestionsOutput",
    "content_detail", "content_list", "described", "raw",
    "rest_detail", "rest_list",
]  # fmt: skip

AnyRequest = HttpRequest | DRFRequest


# --- helpers of the modules whose lists are answered here ---------------------------------------------------------


def rest_list(request: AnyRequest, **fixed: Any) -> HttpResponse:
    """Answer `GET products/`; `fixed` filters win over the query string. Staff may ask for `?status=`."""
    locale, currency = requested_locale(request), requested_currency(request)
    wanted = [one for one in request.GET.getlist("status") if one] or ["active"]
    shown = listed_for(request.actor, wanted)  # type: ignore[union-attr]
    asked: dict[str, Any] = {"status": wanted, "shown": shown} | fixed
    query = ProductQuery.from_params(request.GET, locale=locale, currency=currency, **asked)
    return _kept_by(shown, _list_answer(request, selectors.list_products(query), query.locale))


def rest_detail(request: AnyRequest, key: str) -> HttpResponse:
    """Answer `GET products/{id or handle}/`; what is not on sale, to those who may read it.

    :raises NotFound: if there is no such product, or the visitor may not see it
    """
    locale, currency = requested_locale(request), requested_currency(request)
    shown = shown_to(request.actor)  # type: ignore[union-attr]
    answer = _detail_answer(request, found(selectors.find_product(key, locale, currency, shown=shown)))
    return _kept_by(shown, answer)


def _kept_by(shown: Condition, answer: HttpResponse) -> HttpResponse:
    """Let only the browser that asked keep what not everybody sees."""
    if shown is not ON_SALE:
        answer["Cache-Control"] = "private, no-cache"
    return answer


def content_list(request: AnyRequest, *, kind: str, **fixed: Any) -> HttpResponse:
    """Answer a list of published content of one kind."""
    asked = {"search": request.GET.get("search", ""), "tag": request.GET.getlist("tag")}
    query = ContentQuery(
        locale=requested_locale(request),
        kind=kind,
        page=PageRequest.from_query(request.GET),
        sort=request.GET.get("sort", ""),
        **(asked | fixed),
    )
    return _list_answer(request, selectors.list_content(query), query.locale)


def content_detail(request: AnyRequest, key: str, *, kind: str | None = None, by: str = "slug") -> HttpResponse:
    """Answer one published node by id, slug or path.

    :raises NotFound: if there is none
    """
    return _detail_answer(request, found(selectors.find_content(key, requested_locale(request), kind=kind, by=by)))


def _list_answer(request: AnyRequest, page: ListPage, locale: str) -> HttpResponse:
    # Links hold the host, so two hosts of a tenant have two tags.
    etag = f"{page.etag}-{locale}-{request.get_host()}"
    answer = not_modified(request, etag)
    if answer is None:
        links = (orjson.dumps(page_link(request, cursor)).decode() for cursor in (page.next, page.previous))
        body = '{{"next":{},"previous":{},"results":['.format(*links) + ",".join(page.texts) + "]"
        if page.count is not None:
            body += f',"count":{page.count}'
        if page.facets:
            body += f',"facets":{orjson.dumps(page.facets).decode()}'
        answer = json_text(body + "}", etag=etag)
    return described(answer, locale)


def _detail_answer(request: AnyRequest, item: Found) -> HttpResponse:
    answer = not_modified(request, item.etag) or json_text(item.text, etag=item.etag)
    return described(answer, item.resolved_locale)


def described(answer: HttpResponse, locale: str) -> HttpResponse:
    """Say what language the answer is in, and what it depends on."""
    answer["Content-Language"] = locale
    patch_vary_headers(answer, ["Accept-Language", "Authorization"])
    return answer


def raw(page: ListPage) -> list[orjson.Fragment]:
    """Answer the documents so that orjson writes them as they are."""
    return [orjson.Fragment(text) for text in page.texts]


# --- what OpenAPI says --------------------------------------------------------------------------------------------


class PriceRangeOutput(serializers.Serializer[Any]):
    """The cheapest and the dearest variant."""

    min = MoneyOutput()
    max = MoneyOutput()


class ProductCategoryOutput(serializers.Serializer[Any]):
    """The category that a product is in."""

    id = serializers.UUIDField()
    path = serializers.CharField()
    name = serializers.CharField()


class ProductCollectionOutput(serializers.Serializer[Any]):
    """A collection that a product is in."""

    handle = serializers.CharField()
    title = serializers.CharField()


class ProductOptionOutput(serializers.Serializer[Any]):
    """Something to choose, and its values."""

    name = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class ShownImageOutput(serializers.Serializer[Any]):
    """An image of a product."""

    url = serializers.CharField()
    alt = serializers.CharField()


class ProductVariantOutput(serializers.Serializer[Any]):
    """What is put into a cart."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    title = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    price = MoneyOutput(allow_null=True)
    compare_at = MoneyOutput(allow_null=True)
    available = serializers.BooleanField()
    inventory_quantity = serializers.IntegerField(allow_null=True)


class ProductSeoOutput(serializers.Serializer[Any]):
    """What search engines are told."""

    title = serializers.CharField()
    description = serializers.CharField()


class ProductOutput(serializers.Serializer[Any]):
    """A product as one locale and one currency see it."""

    id = serializers.UUIDField()
    handle = serializers.CharField()
    title = serializers.CharField()
    subtitle = serializers.CharField()
    description = serializers.CharField(help_text="Sanitised HTML.")
    status = serializers.ChoiceField(choices=STATUSES)
    vendor = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    category = ProductCategoryOutput(allow_null=True)
    collections = ProductCollectionOutput(many=True)
    options = ProductOptionOutput(many=True)
    images = ShownImageOutput(many=True)
    price_range = PriceRangeOutput(allow_null=True)
    compare_at = MoneyOutput(allow_null=True)
    on_sale = serializers.BooleanField()
    in_stock = serializers.BooleanField()
    total_inventory = serializers.IntegerField()
    variants = ProductVariantOutput(many=True)
    seo = ProductSeoOutput()
    resolved_locale = serializers.CharField()
    updated_at = serializers.DateTimeField()


class ProductPageOutput(serializers.Serializer[Any]):
    """A page of products."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ProductOutput(many=True)
    count = serializers.IntegerField(required=False)
    facets = serializers.DictField(required=False)


class ContentHitOutput(serializers.Serializer[Any]):
    """A page, post or other node that words were found in."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    slug = serializers.CharField()
    excerpt = serializers.CharField()
    resolved_locale = serializers.CharField()


class FoundContentOutput(serializers.Serializer[Any]):
    """The content that words were found in, the best first."""

    results = ContentHitOutput(many=True)
    count = serializers.IntegerField(allow_null=True)


class SearchOutput(serializers.Serializer[Any]):
    """Products and content that words were found in."""

    query = serializers.CharField()
    products = ProductPageOutput()
    content = FoundContentOutput()
    facets = serializers.DictField()


class SuggestionOutput(serializers.Serializer[Any]):
    """What somebody may mean: `key` is a product's handle, or a node's path or slug."""

    kind = serializers.CharField()
    title = serializers.CharField()
    key = serializers.CharField()
    image = serializers.CharField(allow_null=True)


class SuggestionsOutput(serializers.Serializer[Any]):
    """Suggestions, the best first."""

    suggestions = SuggestionOutput(many=True)


#: The query parameters of `GET products/`, for `extend_schema`.
LIST_PARAMETERS = [
    OpenApiParameter("search", str, description="Words; the last may be unfinished. A phrase stands in quotes."),
    OpenApiParameter("category", str, description="Path of a category; those below it are included."),
    OpenApiParameter("collection", str, description="Handle of a collection."),
    OpenApiParameter("tag", str, many=True),
    OpenApiParameter("vendor", str, many=True),
    OpenApiParameter("price_min", str, description='Decimal, such as "19.99", in the currency of the answer.'),
    OpenApiParameter("price_max", str),
    OpenApiParameter("in_stock", bool),
    OpenApiParameter("on_sale", bool),
    OpenApiParameter("option.<name>", str, many=True, description="A value of an option: option.size=M"),
    OpenApiParameter(
        "status",
        str,
        many=True,
        enum=STATUSES,
        description="What is not on sale is listed for staff, and for those to whom it was shared; else 401 or 403.",
    ),
    OpenApiParameter("sort", str, enum=["newest", "price", "-price", "title", "-title", "relevance"]),
    OpenApiParameter("locale", str),
    OpenApiParameter("currency", str),
    OpenApiParameter("include", str, description="count, facets, or both with a comma."),
    OpenApiParameter("page_size", int),
    OpenApiParameter("cursor", str),
]
