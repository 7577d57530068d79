"""Product lists and the product page."""

import re
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.index import public as index
from apps.product import public as products
from apps.storefront.choice import choose_variant, option_choices, picture_of, pictures_of, wanted_options
from apps.storefront.filters import Filters
from apps.storefront.shop import ShopRequest, needs, page
from apps.storefront.structured import product_data
from apps.storefront.words import explain
from apps.taxonomy import public as taxonomy
from rustok.kernel.errors import Invalid
from rustok.kernel.pages import PageRequest

LOW_STOCK = 5
PAGE_SIZE = 24
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@require_safe
@page
@needs("product")
def category(request: ShopRequest, path: str) -> HttpResponse:
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
@needs("product")
def collection(request: ShopRequest, handle: str) -> HttpResponse:
    """List the products of a collection."""
    found = products.collection_by_handle(handle, request.shop.locale)
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
def search(request: ShopRequest) -> HttpResponse:
    """Find products by words; without words, list everything."""
    q = CONTROL.sub(" ", request.GET.get("q", "")).strip()[:200]
    context = {"q": q, "stories": _stories(request, q), "crumbs": [{"title": _("Search")}]}
    return _list(request, "storefront/search.html", context, search=q)


@require_safe
@page
@needs("product")
def product(request: ShopRequest, handle: str) -> HttpResponse:
    """Show a product and the variant that the address names."""
    shop = request.shop
    found = index.get_product(handle, shop.locale, shop.currency)
    if found is None:
        raise Http404
    variant = choose_variant(found, wanted_options(request.GET))
    left = variant["inventory_quantity"] if variant else None
    pictures = pictures_of(found)
    context = {
        "shop": shop,
        "product": found,
        "variant": variant,
        "pictures": pictures,
        "picture": picture_of(variant, pictures),
        "choices": option_choices(found, variant),
        "option_names": ",".join(f"option.{option['name']}" for option in found["options"]),
        "low_stock": left is not None and 0 < left <= LOW_STOCK,
        "members": _members(request, found),
        "crumbs": _product_crumbs(request, found),
        "structured": product_data(found, url=shop.canonical, absolute=request.build_absolute_uri),
        "og_image": request.build_absolute_uri(pictures[0]["url"]) if pictures else "",
        "related": _related(request, found),
    }
    return render(request, "storefront/product.html", context)


def _list(request: ShopRequest, template: str, context: dict[str, Any], **where: str) -> HttpResponse:
    shop = request.shop
    state = Filters(path=shop.path, query=request.GET, facets={}, searching=bool(where.get("search")))
    status = 200
    try:
        found = index.list_products(_query(request, state, where))
    except Invalid as error:
        messages.error(request, explain(error))
        state, status = replace(state, query=QueryDict()), error.status
        found = index.list_products(_query(request, state, where))
    context |= {"shop": shop, "page": found, "filters": replace(state, facets=found.facets)}
    return render(request, template, context, status=status)


def _stories(request: ShopRequest, q: str) -> list[dict[str, Any]]:
    if not q or not request.shop.uses["blog"]:
        return []
    query = index.ContentQuery(locale=request.shop.locale, kind="post", search=q, page=PageRequest(size=3))
    return index.list_content(query).results


def _query(request: ShopRequest, state: Filters, where: dict[str, str]) -> index.ProductQuery:
    page = PageRequest(size=PAGE_SIZE, cursor=state.cursor or None, count=True)
    scope = {"locale": request.shop.locale, "currency": request.shop.currency}
    fixed = {"category": "", "collection": "", "search": "", **where}
    return index.ProductQuery.from_params(state.query, page=page, sort=state.sort, facets=True, **scope, **fixed)


def _product_crumbs(request: ShopRequest, product: dict[str, Any]) -> list[dict[str, str]]:
    category = product.get("category")
    above = [*category.get("ancestors", ()), category] if category else []
    crumbs = [{"title": one["name"], "url": request.shop.to("category", path=one["path"])} for one in above]
    return [*crumbs, {"title": product["title"]}]


def _members(request: ShopRequest, product: dict[str, Any]) -> list[dict[str, Any]]:
    """List what a group is made of, in its order."""
    handles = list(product.get("members", ()))[:24]
    if not handles:
        return []
    shop = request.shop
    query = index.ProductQuery(locale=shop.locale, currency=shop.currency, handle=handles, page_size=len(handles))
    return sorted(index.list_products(query).results, key=lambda one: handles.index(one["handle"]))


def _related(request: ShopRequest, product: dict[str, Any]) -> list[dict[str, Any]]:
    if not product.get("category"):
        return []
    shop = request.shop
    query = index.ProductQuery(
        locale=shop.locale, currency=shop.currency, category=product["category"]["path"], page_size=5
    )
    return [one for one in index.list_products(query).results if one["id"] != product["id"]]
