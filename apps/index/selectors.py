"""Reading the index: a list is one query, facets are one more, a detail is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from apps.index.documents import Document, content_rows, option_key, product_rows
from apps.index.models import IndexContent, IndexProduct, IndexRun
from apps.index.parts import Kind, collect, is_asleep, kinds_off
from apps.index.queries import (
    ON_SALE,
    Condition,
    ContentQuery,
    ProductQuery,
    clean_text,
    matching,
    offered_locale,
    search_terms,
    statement,
)
from rustok.kernel.ids import parse_id
from rustok.kernel.locales import fallback_chain, normalize_locale
from rustok.kernel.money import Money
from rustok.kernel.pages import encode_cursor
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "Found", "ListPage", "compose_product", "compute", "find_content", "find_product", "get_content", "get_product",
    "list_content", "list_products", "product_etags", "status", "suggest",
]  # fmt: skip

_PRODUCTS = IndexProduct._meta.db_table
_CONTENT = IndexContent._meta.db_table
#: Values that one facet lists.
MAX_FACET = 50
MAX_SUGGESTIONS = 10


# --- lists --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListPage:
    """A page of documents, as the text that PostgreSQL wrote; parsed only when somebody reads `results`."""

    texts: list[str]
    etag: str
    next: str | None = None
    previous: str | None = None
    count: int | None = None
    #: Where each row stands in the order.
    positions: Sequence[Sequence[Any]] = ()
    facets: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def cursors(self) -> list[str]:
        """One cursor per row, for Relay edges."""
        return [encode_cursor("n", position) for position in self.positions]

    @cached_property
    def results(self) -> list[Document]:
        """The documents."""
        return [orjson.loads(text) for text in self.texts]


def list_products(query: ProductQuery) -> ListPage:
    """List products from the index."""
    page = _list(_PRODUCTS, "product_id", query)
    if not query.facets:
        return page
    facets = _facets(query)
    return replace(page, facets=facets, etag=_digest(page.etag, orjson.dumps(facets).decode()))


def list_content(query: ContentQuery) -> ListPage:
    """List published nodes from the index."""
    return _list(_CONTENT, "node_id", query)


def _list(table: str, key: str, query: ProductQuery | ContentQuery) -> ListPage:
    asked = statement(table, key, query)
    with connection.cursor() as cursor:
        cursor.execute(asked.sql, asked.params)
        rows = cursor.fetchall()
    more = len(rows) > query.page.size
    rows = rows[: query.page.size]
    if asked.backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if asked.backwards else (more, bool(query.page.cursor))
    count = _count(table, query, rows) if query.page.count else None

    positions = [(query.sort, row[2], str(row[3])) for row in rows]
    return ListPage(
        texts=[row[0] for row in rows],
        etag=_digest(*(row[1] for row in rows), str(has_next), str(has_previous), str(count)),
        next=encode_cursor("n", positions[-1]) if rows and has_next else None,
        previous=encode_cursor("p", positions[0]) if rows and has_previous else None,
        count=count,
        positions=positions,
    )


def _count(table: str, query: ProductQuery | ContentQuery, rows: Sequence[Sequence[Any]]) -> int:
    """Answer the count that came with the rows; only an empty page beyond the end asks again."""
    if rows:
        return int(rows[0][4])
    if not query.page.cursor:
        return 0
    first = statement(table, "id", replace(query, page=replace(query.page, size=1, cursor=None)))
    with connection.cursor() as cursor:
        cursor.execute(first.sql, first.params)
        row = cursor.fetchone()
    return int(row[4]) if row else 0


def _digest(*texts: str) -> str:
    return blake2b("|".join(texts).encode(), digest_size=12).hexdigest()


# --- facets -------------------------------------------------------------------------------------------------------

_FACETS = """
WITH found AS MATERIALIZED (
    SELECT vendor, tags, category_paths, option_labels, price_min, price_max,
        array_remove(ARRAY[{failed}]::text[], NULL) AS failed
    FROM {table} WHERE {where}
), counted AS (
    SELECT 'vendors' AS facet, vendor AS value, '' AS past, count(*) AS count
        FROM found WHERE vendor <> '' AND failed <@ ARRAY['vendor'] GROUP BY 2
    UNION ALL
    SELECT 'tags', value, '', count(*) FROM found, unnest(tags) AS value WHERE failed <@ ARRAY['tag'] GROUP BY 2
    UNION ALL
    SELECT 'categories', value, '', count(*) FROM found, unnest(category_paths) AS value
        WHERE failed = '{{}}' GROUP BY 2
    UNION ALL
    SELECT 'options', value, coalesce(failed[1], ''), count(*) FROM found, unnest(option_labels) AS value
        WHERE cardinality(failed) = 0 OR (cardinality(failed) = 1 AND failed[1] LIKE 'option:%%') GROUP BY 2, 3
    UNION ALL
    SELECT 'price', 'min', '', min(price_min) FROM found WHERE failed <@ ARRAY['price']
    UNION ALL
    SELECT 'price', 'max', '', max(price_max) FROM found WHERE failed <@ ARRAY['price']
)
SELECT facet, value, past, count FROM (
    SELECT *, row_number() OVER (PARTITION BY facet ORDER BY count DESC, value) AS place FROM counted
) AS ranked WHERE place <= %(most)s ORDER BY facet, place
"""


def _facets(query: ProductQuery) -> dict[str, Any]:
    """Count the values that would narrow the list, each facet looking past its own choice."""
    conditions = query.conditions()
    params = {"most": MAX_FACET * 20} | {k: v for c in conditions for k, v in c.params.items()}
    failed = []
    for number, condition in enumerate(c for c in conditions if c.dimension):
        params[f"dimension{number}"] = condition.dimension
        failed.append(f"CASE WHEN ({condition.sql}) IS NOT TRUE THEN %(dimension{number})s END")
    sql = _FACETS.format(
        table=_PRODUCTS,
        where=" AND ".join(c.sql for c in conditions if not c.dimension),
        failed=", ".join(failed) or "NULL",
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return _written(cursor.fetchall(), query.currency)


def _written(rows: Sequence[tuple[str, str, str, int | None]], currency: str) -> dict[str, Any]:
    facets: dict[str, Any] = {"categories": [], "vendors": [], "tags": [], "options": {}, "price": {}}
    options: dict[str, dict[str, int]] = {}
    for facet, value, past, count in rows:
        if facet == "price":
            amount = None if count is None else Money(count, currency).as_dict()["amount"]
            facets["price"] |= {value: amount, "currency": currency}
        elif facet == "options":
            name, _, label = value.partition(":")
            if past in ("", f"option:{option_key(name)}"):
                values = options.setdefault(name, {})
                values[label] = values.get(label, 0) + (count or 0)
        elif len(facets[facet]) < MAX_FACET:
            facets[facet].append({"value": value, "count": count})
    for name, values in sorted(options.items()):
        ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))[:MAX_FACET]
        facets["options"][name] = [{"value": label, "count": count} for label, count in ordered]
    return facets


# --- details ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """One document as text, with what HTTP says beside it."""

    text: str
    etag: str
    resolved_locale: str

    @cached_property
    def document(self) -> Document:
        """The document."""
        parsed: Document = orjson.loads(self.text)
        return parsed


_DETAIL = """
SELECT document::text, etag, resolved_locale FROM {table}
WHERE {where} AND locale = ANY(%(locales)s) ORDER BY array_position(%(locales)s::text[], locale::text) LIMIT 1
"""


def find_product(key: str | UUID, locale: str, currency: str, *, shown: Condition = ON_SALE) -> Found | None:
    """Find a product by id or handle among those shown, in the first locale of the chain that the index has."""
    found = _key(key, "product_id", "handle")
    if found is None or is_asleep("products"):
        return None
    condition, params = found
    where = f"{condition} AND currency = %(currency)s AND {shown.sql}"
    return _detail(_PRODUCTS, where, {**params, "currency": currency, **shown.params}, locale)


def get_product(key: str | UUID, locale: str, currency: str, *, shown: Condition = ON_SALE) -> Document | None:
    """Answer the document of a product on sale, or of another that is shown, by id or handle."""
    found = find_product(key, locale, currency, shown=shown)
    return found.document if found else None


def find_content(key: str | UUID, locale: str, *, kind: str | None = None, by: str = "slug") -> Found | None:
    """Find published content by id, slug or path."""
    found = _key(key, "node_id", "path" if by == "path" else "slug")
    if found is None:
        return None
    where, params = found
    if kind is not None:
        where, params = f"{where} AND kind = %(kind)s", params | {"kind": kind}
    if off := kinds_off():
        where, params = f"{where} AND kind <> ALL(%(off)s)", params | {"off": off}
    return _detail(_CONTENT, where, params, locale)


def get_content(key: str | UUID, locale: str, *, kind: str | None = None, by: str = "slug") -> Document | None:
    """Answer the document of published content, by id, slug or path."""
    found = find_content(key, locale, kind=kind, by=by)
    return found.document if found else None


def _key(key: str | UUID, id_column: str, name_column: str) -> tuple[str, dict[str, Any]] | None:
    identifier = key if isinstance(key, UUID) else parse_id(key)
    if identifier is not None:
        return f"{id_column} = %(key)s", {"key": identifier}
    if "\x00" in str(key):
        return None
    return f"{name_column} = %(key)s", {"key": str(key)}


def _detail(table: str, where: str, params: dict[str, Any], locale: str) -> Found | None:
    chain = fallback_chain(normalize_locale(locale), current_tenant().default_locale)
    with connection.cursor() as cursor:
        cursor.execute(_DETAIL.format(table=table, where=where), params | {"locales": list(chain)})
        row = cursor.fetchone()
    return Found(*row) if row else None


def product_etags(product_id: UUID, version: int | None = None) -> list[str]:
    """List the entity tags that readers of a product may hold; with a version, only those of that version.

    For `If-Match`: a writer passes the version that it has under its lock, so a reader of an older one is refused even
    while the index lags.
    """
    rows = IndexProduct.objects.filter(product_id=product_id)
    if version is not None:
        rows = rows.filter(version=version)
    return list(rows.values_list("etag", flat=True))


def compose_product(product_id: UUID, locale: str, currency: str) -> Document | None:
    """Compute a product's document from its source, as the index will show it; for answers to writes."""
    wanted = offered_locale(locale)
    rows = compute("products", [product_id])
    found = (row for row in rows if (row["locale"], row["currency"]) == (wanted, currency))
    row = next(found, None)
    return orjson.loads(orjson.dumps(row["document"])) if row else None


# --- computing ---------------------------------------------------------------------------------------------------


def compute(kind: Kind, keys: Sequence[UUID]) -> list[dict[str, Any]]:
    """Compute the rows of some keys from their source, without writing them."""
    tenant = current_tenant()
    locales, currencies, default = tenant.locales, tenant.currencies, tenant.default_locale
    found = collect(kind, keys, locales, currencies)
    if kind == "products":
        return [row for key in keys for row in product_rows(key, found[key], locales, default, currencies)]
    return [row for key in keys for row in content_rows(key, found[key], locales, default)]


# --- suggestions --------------------------------------------------------------------------------------------------

_SUGGEST = """
(SELECT 'product', title, handle, document->'images'->0->>'url', ts_rank(search, {terms}) AS rank
 FROM {products} WHERE locale = %(locale)s AND currency = %(currency)s AND status = 'active' AND search @@ {terms}
   AND NOT %(asleep)s
 ORDER BY rank DESC, sort_title LIMIT %(limit)s)
UNION ALL
(SELECT kind, title, coalesce(nullif(path, ''), slug), NULL, ts_rank(search, {terms}) AS rank
 FROM {content} WHERE locale = %(locale)s AND search @@ {terms} AND kind <> ALL(%(off)s::text[])
 ORDER BY rank DESC, title LIMIT %(limit)s)
ORDER BY rank DESC LIMIT %(limit)s
"""


def suggest(text: str, *, locale: str, currency: str) -> list[dict[str, Any]]:
    """Suggest what somebody who is still typing may mean; products and content by one query."""
    words = clean_text("q", text)
    if not search_terms(words):
        return []
    locale = offered_locale(locale)
    condition = matching(words.replace('"', " "), locale)
    sql = _SUGGEST.format(terms=condition.sql.removeprefix("search @@ "), products=_PRODUCTS, content=_CONTENT)
    off = {"asleep": is_asleep("products"), "off": kinds_off()}
    scope = {"locale": locale, "currency": currency, "limit": MAX_SUGGESTIONS} | off
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(condition.params) | scope)
        return [
            {"kind": kind, "title": title, "key": key, "image": image}
            for kind, title, key, image, _ in cursor.fetchall()
        ]


# --- operations ---------------------------------------------------------------------------------------------------


def status() -> dict[Kind, dict[str, Any]]:
    """Tell how many rows each kind has, and how its last rebuild went."""
    answer: dict[Kind, dict[str, Any]] = {}
    tables: dict[Kind, Any] = {"products": (IndexProduct, "product_id"), "content": (IndexContent, "node_id")}
    for kind, (model, key) in tables.items():
        run = IndexRun.objects.filter(kind=kind).order_by("-id").first()
        answer[kind] = {
            "rows": model.objects.count(),
            "keys": model.objects.values(key).distinct().count(),
            "last_rebuild": run and {
                "state": run.state, "done": run.done, "total": run.total,
                "started_at": run.created_at, "finished_at": run.finished_at,
            },
        }  # fmt: skip
    return answer
