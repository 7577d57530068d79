"""REST: `search/` and `search/suggest/`. Product lists and details are answered by `answers.py`."""

from __future__ import annotations

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from apps.index import selectors
from apps.index.answers import LIST_PARAMETERS, SearchOutput, SuggestionsOutput, described, raw
from apps.index.queries import ContentQuery, ProductQuery, clean_text
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.rest import (
    Endpoint,
    Request,
    json_text,
    not_modified,
    page_link,
    page_of,
    requested_currency,
    requested_locale,
)
from rustok.kernel.errors import Invalid
from rustok.kernel.pages import PageRequest

__all__ = ["SearchView", "SuggestView"]


#: Search finds what is on sale.
_FILTERS = [one for one in LIST_PARAMETERS if one.name not in ("search", "status")]


class NothingAsked(Invalid):
    """Say what to search for: ?q="""

    code = "nothing_asked"


class SearchView(Endpoint):
    """Products and content that words are found in."""

    permission = PUBLIC

    @extend_schema(
        parameters=[OpenApiParameter("q", str, required=True), *_FILTERS],
        responses=SearchOutput,
    )
    def get(self, request: Request) -> HttpResponse:
        """Search; products take the same filters as their list, and come with facets."""
        words = clean_text("q", request.GET.get("q", ""))
        if not words:
            raise NothingAsked(field="q")
        locale, currency, page = requested_locale(request), requested_currency(request), page_of(request)
        products = selectors.list_products(
            ProductQuery.from_params(request.GET, locale=locale, currency=currency, search=words, facets=True)
        )
        first = PageRequest(size=page.size, count=page.count)
        content = selectors.list_content(ContentQuery(locale=locale, search=words, page=first))
        body = {
            "query": words,
            "products": {
                "next": page_link(request, products.next),
                "previous": page_link(request, products.previous),
                "results": raw(products),
                "count": products.count,
            },
            "content": {"results": raw(content), "count": content.count},
            "facets": products.facets,
        }
        etag = f"{products.etag}-{content.etag}-{locale}-{request.get_host()}"
        answer = not_modified(request, etag) or json_text(orjson.dumps(body), etag=etag)
        return described(answer, locale)


class SuggestView(Endpoint):
    """What somebody who is still typing may mean."""

    permission = PUBLIC

    @extend_schema(
        parameters=[OpenApiParameter("q", str, required=True), OpenApiParameter("locale", str)],
        responses=SuggestionsOutput,
    )
    def get(self, request: Request) -> Response:
        """Suggest up to ten products and pages."""
        found_ones = selectors.suggest(
            request.GET.get("q", ""), locale=requested_locale(request), currency=requested_currency(request)
        )
        return Response({"suggestions": found_ones})
