"""Blocks of a page: each type has a template; a type without one is left out."""

from collections.abc import Iterable, Mapping
from typing import Any

from apps.index import public as index
from apps.storefront.shop import ShopRequest

KNOWN = frozenset(("hero", "text", "image", "product_grid"))
GRID_SIZE = 8


def prepare(request: ShopRequest, blocks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give every known block its template, and product grids their products."""
    return [_prepared(request, block) for block in blocks if block["type"] in KNOWN]


def _prepared(request: ShopRequest, block: Mapping[str, Any]) -> dict[str, Any]:
    prepared = {**block, "template": f"storefront/blocks/{block['type']}.html"}
    if block["type"] == "product_grid":
        prepared["products"] = _products(request, block["data"])
    return prepared


def _products(request: ShopRequest, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not request.shop.uses["product"]:
        return []
    where = {key: data[key] for key in ("collection", "category", "tag") if data.get(key)}
    if handles := list(data.get("handles", ())):
        where = {"handle": handles}
    query = index.ProductQuery(
        locale=request.shop.locale,
        currency=request.shop.currency,
        page_size=len(handles) or data.get("limit", GRID_SIZE),
        **where,
    )
    found = index.list_products(query).results
    return sorted(found, key=lambda one: handles.index(one["handle"])) if handles else found
