"""GraphQL: products, one product, search; each root field is one query, whatever is selected below it."""

from __future__ import annotations

from typing import Any

import graphene

from apps.index import selectors
from apps.index.drafts import listed_for, shown_to
from apps.index.queries import ContentQuery, ProductQuery
from apps.index.types import ContentType, ProductConnection, ProductType
from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.graphql import Field, as_connection, decode_node_id, page_request
from rustok.kernel.edges.rest import offered_currency, requested_locale
from rustok.kernel.errors import Invalid
from rustok.kernel.locales import UnknownLocale, normalize_locale
from rustok.kernel.pages import PageRequest
from rustok.kernel.tenancy import current_tenant

__all__ = ["Query"]


class WhichProduct(Invalid):
    """Name a product by its id or by its handle."""

    code = "which_product"


class OptionFilter(graphene.InputObjectType):
    """Any of some values of one option."""

    name = graphene.String(required=True)
    values = graphene.List(graphene.NonNull(graphene.String), required=True)


class ProductFilter(graphene.InputObjectType):
    """What a list of products is narrowed by."""

    category = graphene.String(description="Path; categories below it are included.")
    collection = graphene.String()
    tag = graphene.List(graphene.NonNull(graphene.String))
    vendor = graphene.List(graphene.NonNull(graphene.String))
    handle = graphene.List(graphene.NonNull(graphene.String))
    price_min = graphene.String(description='Decimal, such as "19.99".')
    price_max = graphene.String()
    in_stock = graphene.Boolean()
    on_sale = graphene.Boolean()
    status = graphene.List(
        graphene.NonNull(graphene.String),
        description="draft, active or archived; what is not on sale, only for those who may list it.",
    )
    options = graphene.List(graphene.NonNull(OptionFilter))


class SearchType(graphene.ObjectType):
    """Products and content that words are found in."""

    class Meta:
        name = "SearchResult"

    products = graphene.Field(ProductConnection, required=True)
    content = graphene.List(graphene.NonNull(ContentType), required=True)


_SCOPE = {"locale": graphene.String(), "currency": graphene.String()}


class Query(graphene.ObjectType):
    """The catalogue as visitors see it."""

    products = Field(
        ProductConnection,
        permission=PUBLIC,
        needs=("product",),
        required=True,
        first=graphene.Int(),
        after=graphene.String(),
        filter=ProductFilter(),
        sort=graphene.String(description="newest, price, -price, title, -title or relevance."),
        search=graphene.String(),
        description="Products on sale; with `filter: {status: …}` others, too.",
        **_SCOPE,
    )
    product = Field(
        ProductType,
        permission=PUBLIC,
        needs=("product",),
        id=graphene.ID(),
        handle=graphene.String(),
        description="One product; null if there is none, or it is not on sale and the reader may not see it.",
        **_SCOPE,
    )
    search = Field(
        SearchType,
        permission=PUBLIC,
        required=True,
        q=graphene.String(required=True),
        first=graphene.Int(),
        description="Products and content together.",
        **_SCOPE,
    )

    def resolve_products(root: Any, info: Any, **given: Any) -> Any:
        """List products."""
        locale, currency = _scope(info, given)
        filters = {"status": ["active"]} | _filters(given.get("filter") or {})
        query = ProductQuery(
            locale=locale,
            currency=currency,
            page=page_request(given.get("first"), given.get("after"), count=_selects(info, "totalCount")),
            sort=given.get("sort") or "",
            search=given.get("search") or "",
            shown=listed_for(info.context.actor, filters["status"]),
            **filters,
        )
        return as_connection(selectors.list_products(query))

    def resolve_product(root: Any, info: Any, **given: Any) -> Any:
        """Find one product."""
        locale, currency = _scope(info, given)
        if (given.get("id") is None) == (given.get("handle") is None):
            raise WhichProduct()
        key = given["handle"] if given.get("id") is None else decode_node_id("Product", given["id"])
        return selectors.get_product(key, locale, currency, shown=shown_to(info.context.actor))

    def resolve_search(root: Any, info: Any, q: str, **given: Any) -> Any:
        """Search products and content."""
        locale, currency = _scope(info, given)
        page = page_request(given.get("first"), None, count=True)
        products = selectors.list_products(ProductQuery(locale=locale, currency=currency, search=q, page=page))
        content = selectors.list_content(ContentQuery(locale=locale, search=q, page=PageRequest(size=page.size)))
        return {"products": as_connection(products), "content": content.results}


def _scope(info: Any, given: dict[str, Any]) -> tuple[str, str]:
    """Choose locale and currency as REST does."""
    wanted = given.get("locale")
    if not wanted:
        return requested_locale(info.context), offered_currency(given.get("currency"))
    tenant, locale = current_tenant(), normalize_locale(wanted)
    for candidate in (locale, locale.split("-", maxsplit=1)[0]):
        if candidate in tenant.locales:
            return candidate, offered_currency(given.get("currency"))
    raise UnknownLocale(f"{locale} is not one of {', '.join(tenant.locales)}", field="locale")


def _filters(given: dict[str, Any]) -> dict[str, Any]:
    filters = {name: value for name, value in given.items() if value is not None and name != "options"}
    options = given.get("options") or ()
    return filters | {"options": {option["name"]: option["values"] for option in options}}


def _selects(info: Any, name: str) -> bool:
    """Tell whether the query asks for a field of the connection; a fragment may hide it, so it counts as asking."""
    selections = info.field_nodes[0].selection_set.selections
    return any(node.kind != "field" or node.name.value == name for node in selections)
