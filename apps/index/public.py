"""What other modules may use of the index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.index import parts
from apps.index.answers import (
    LIST_PARAMETERS,
    ProductOutput,
    ProductPageOutput,
    content_detail,
    content_list,
    rest_detail,
    rest_list,
)
from apps.index.parts import Affected, Part, PartFunction
from apps.index.queries import ContentQuery, ProductQuery
from apps.index.selectors import (
    Found,
    ListPage,
    compose_product,
    find_content,
    find_product,
    get_content,
    get_product,
    list_content,
    list_products,
    product_etags,
    suggest,
)
from apps.index.services import reindex_content, reindex_products
from apps.index.types import ChosenOptionType, ProductConnection, ProductType
from rustok.kernel.modules import owner_of

__all__ = [
    "LIST_PARAMETERS", "ChosenOptionType", "ContentQuery", "Found", "ListPage", "Part", "ProductConnection",
    "ProductOutput", "ProductPage", "ProductPageOutput", "ProductQuery", "ProductType", "compose_product",
    "content_detail", "content_list", "find_content", "find_product", "get_content", "get_product", "list_content",
    "list_products", "product_etags", "register_content_part", "register_part", "reindex_content", "reindex_products",
    "rest_detail", "rest_list", "suggest",
]  # fmt: skip
#: What `list_products` answers.
ProductPage = ListPage


def register_part(
    name: str,
    function: PartFunction,
    events: Sequence[str] | Mapping[str, Affected] = (),
    *,
    rows: Callable[[], QuerySet[Any]] | None = None,
) -> None:
    """Contribute to product documents; call it from `handlers.py`. `apps/index/parts.py` says how a part looks.

    `function(product_ids, locales, currencies)` answers `{product_id: Part}`. `events` make products stale: names
    whose payload has `product_id`, or a mapping from name to a function of the payload that answers the ids. The module
    that owns products gives `rows`, a function that answers the queryset of all of them.
    """
    parts.register("products", name, function, events=events, rows=rows)


def register_content_part(
    name: str,
    function: Callable[[Sequence[UUID], Sequence[str]], Mapping[UUID, Part]],
    events: Sequence[str] | Mapping[str, Affected] = (),
    *,
    rows: Callable[[], QuerySet[Any]] | None = None,
    owners: Mapping[str, str] | None = None,
) -> None:
    """Contribute to content documents; as `register_part`, without currencies, by `node_id`.

    Only what is published belongs in a part's `locales`. `owners` names the modules that kinds of content belong to.
    """
    parts.register(
        "content", name, lambda keys, locales, _: function(keys, locales),
        events=events, rows=rows, module=owner_of(function), owners=owners,
    )  # fmt: skip
