"""Product lists and the product page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.index import public as index
from apps.storefront.choice import choose_variant, option_choices, wanted_options
from apps.storefront.filters import Filters
from apps.storefront.shop import page
from apps.storefront.structured import product_data
from apps.taxonomy import public as taxonomy

LOW_STOCK = 5


@require_safe
@page
def category(request: HttpRequest, path: str) -> HttpResponse:
    """List the products of a category and of those below it."""
    found = taxonomy.category_by_path(path, request.shop.locale)
    if found is None:
        raise Http404
    crumbs = [
        {"title": one["name"], "url": request.shop.to("category", path=one["path"])} for one in found["ancestors"]
    ]
    return _list(
        request,
        "storefront/category.html",
        {
            "heading": found["name"],
            "intro": found["description"],
            "children": found["children"],
            "crumbs": [*crumbs, {"title": found["name"]}],
        },
        category=path,
    )


@require_safe
@page
def collection(request: HttpRequest, handle: str) -> HttpResponse:
    """List the products of a collection."""
    found = taxonomy.collection_by_handle(handle, request.shop.locale)
    if found is None:
        raise Http404
    return _list(
        request,
        "storefront/collection.html",
        {"heading": found["title"], "intro": found["description"], "crumbs": [{"title": found["title"]}]},
        collection=handle,
    )


@require_safe
@page
def search(request: HttpRequest) -> HttpResponse:
    """Find products by words; without words, list everything."""
    from django.utils.translation import gettext as _

    q = request.GET.get("q", "").strip()[:200]
    return _list(request, "storefront/search.html", {"q": q, "crumbs": [{"title": _("Search")}]}, search=q)


@require_safe
@page
def product(request: HttpRequest, handle: str) -> HttpResponse:
    """Show a product and the variant that the address names."""
    shop = request.shop
    found = index.get_product(handle, shop.locale, shop.currency)
    if found is None:
        raise Http404
    variant = choose_variant(found, wanted_options(request.GET))
    left = variant["inventory_quantity"] if variant else None
    return render(
        request,
        "storefront/product.html",
        {
            "shop": shop,
            "product": found,
            "variant": variant,
            "choices": option_choices(found, variant),
            "option_names": ",".join(f"option.{option['name']}" for option in found["options"]),
            "low_stock": left is not None and 0 < left <= LOW_STOCK,
            "crumbs": _product_crumbs(request, found),
            "structured": product_data(found, url=shop.canonical, absolute=request.build_absolute_uri),
            "og_image": request.build_absolute_uri(found["images"][0]["url"]) if found["images"] else "",
            "related": _related(request, found),
        },
    )


def _list(request: HttpRequest, template: str, context: dict[str, Any], **where: str) -> HttpResponse:
    shop = request.shop
    where |= {"locale": shop.locale, "currency": shop.currency}
    query = index.ProductQuery.from_params(request.GET, facets=True, **where)
    found = index.list_products(query)
    filters = Filters(path=shop.path, query=request.GET, facets=found.facets, searching="search" in where)
    return render(request, template, {"shop": shop, "page": found, "filters": filters, **context})


def _product_crumbs(request: HttpRequest, product: dict[str, Any]) -> list[dict[str, str]]:
    category = product.get("category")
    above = [*category.get("ancestors", ()), category] if category else []
    crumbs = [{"title": one["name"], "url": request.shop.to("category", path=one["path"])} for one in above]
    return [*crumbs, {"title": product["title"]}]


def _related(request: HttpRequest, product: dict[str, Any]) -> list[dict[str, Any]]:
    if not product.get("category"):
        return []
    shop = request.shop
    query = index.ProductQuery(
        locale=shop.locale, currency=shop.currency, category=product["category"]["path"], page_size=5
    )
    return [one for one in index.list_products(query).results if one["id"] != product["id"]]
