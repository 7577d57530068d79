"""From parts to rows: pure functions, the same for indexing, verifying and previewing."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter
from typing import Any
from uuid import UUID

import orjson

from apps.index.parts import Part
from rustok.kernel.locales import fallback_chain, text_search_config
from rustok.kernel.money import MAX_AMOUNT, Money

__all__ = ["WORDS", "content_rows", "option_key", "product_rows"]

Row = dict[str, Any]
Document = dict[str, Any]

#: Characters of a description that search looks at.
MAX_WORDS = 20_000
#: What search looks at, by weight, and the configuration to read it with.
WORDS = ("config", "words_a", "words_b", "words_c")
_TAG = re.compile(r"<[^>]*>")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_VARIANT_STATE: Document = {"price": None, "compare_at": None, "available": False, "inventory_quantity": None}


# --- products -----------------------------------------------------------------------------------------------------


def product_rows(
    product_id: UUID, parts: Sequence[Part], locales: Sequence[str], default: str, currencies: Sequence[str]
) -> list[Row]:
    """Compute the rows of one product: one for each locale and currency; none for a product that is gone.

    What only a locale or only a currency decides is computed once for all rows that share it.
    """
    common = _merged(part.get("document") for part in parts)
    if not common.get("handle"):
        return []
    columns = _merged(part.get("columns") for part in parts)
    words = {locale: _in_locale(parts, locale, default) for locale in locales}
    options = sorted({key for _, fields in words.values() for key in map(option_key, _labels(fields))})
    states = {currency: _variant_states(parts, currency) for currency in currencies}
    rows = []
    for locale, (resolved, fields) in words.items():
        said = {**common, **fields, "resolved_locale": resolved}
        shared = _said_columns(product_id, locale, said, columns, _texts(parts, resolved)) | {"option_values": options}
        for currency in currencies:
            document = _product_document(parts, said, currency, states[currency])
            rows.append(_finished(shared | _priced_columns(currency, document), document, columns))
    return rows


def _variant_states(parts: Sequence[Part], currency: str) -> Callable[[Document], Document]:
    """Answer what completes a variant's words with its price and stock."""
    every = _NO_VARIANT_STATE | _merged(part.get("every_variant") for part in parts)
    extras = [part["variants"] for part in parts if "variants" in part]
    extras += [part["variant_currencies"].get(currency, {}) for part in parts if "variant_currencies" in part]

    def complete(variant: Document) -> Document:
        key = variant["id"]
        return every | variant | _merged(extra[key] for extra in extras if key in extra)

    return complete


def _product_document(
    parts: Sequence[Part], said: Document, currency: str, complete: Callable[[Document], Document]
) -> Document:
    document = said | _merged(part["currencies"].get(currency) for part in parts if "currencies" in part)
    document["variants"] = [complete(variant) for variant in said.get("variants", ())]
    return _summary(document["variants"]) | document


def _summary(variants: Sequence[Document]) -> Document:
    """Say of the product what follows from its variants."""
    priced = sorted(((_minor(v["price"]), v) for v in variants if v["price"]), key=itemgetter(0))
    reduced = [v for amount, v in priced if v["compare_at"] and _minor(v["compare_at"]) > amount]
    quantities = [v["inventory_quantity"] for v in variants if v["inventory_quantity"] is not None]
    return {
        "price_range": {"min": priced[0][1]["price"], "max": priced[-1][1]["price"]} if priced else None,
        "compare_at": reduced[0]["compare_at"] if reduced else None,
        "on_sale": bool(reduced),
        "in_stock": any(v["available"] for v in variants),
        "total_inventory": sum(quantities),
    }


def _said_columns(product_id: UUID, locale: str, said: Document, columns: Document, texts: str) -> Row:
    """Compute the columns that are the same in every currency."""
    category = said.get("category") or {}
    title = said.get("title") or said["handle"]
    tags = [_name(tag, "slug") for tag in said.get("tags", ())]
    return _shared(locale, said["resolved_locale"], columns, title, tags) | {
        "product_id": str(product_id),
        "version": columns.get("version", 0),
        "handle": said["handle"],
        "status": said.get("status", "draft"),
        "vendor": said.get("vendor") or "",
        "category_paths": _ancestry(category.get("path", "")),
        "collections": [_name(collection, "handle") for collection in said.get("collections", ())],
        "option_labels": list(dict.fromkeys(_labels(said))),
        "sort_title": _title_key(title),
        "words_b": _words(
            said.get("subtitle"),
            said.get("vendor"),
            category.get("name"),
            *tags,
            *(variant.get("sku") for variant in said.get("variants", ())),
        ),
        "words_c": _words(_plain(said.get("description") or ""), texts),
    }


def _priced_columns(currency: str, document: Document) -> Row:
    """Compute the columns that differ by currency."""
    prices = document["price_range"] or {"min": None, "max": None}
    low, high = (_minor(prices[end]) if prices[end] else None for end in ("min", "max"))
    return {
        "currency": currency,
        "in_stock": bool(document["in_stock"]),
        "on_sale": bool(document["on_sale"]),
        "price_min": low,
        "price_max": high,
        "sort_price_low": MAX_AMOUNT if low is None else low,
        "sort_price_high": -1 if high is None else high,
    }


# --- content ------------------------------------------------------------------------------------------------------


def content_rows(node_id: UUID, parts: Sequence[Part], locales: Sequence[str], default: str) -> list[Row]:
    """Compute the rows of one node: one for each locale; none for a node that is gone or said in no locale."""
    common = _merged(part.get("document") for part in parts)
    if not common.get("kind") or not any(part.get("locales") for part in parts):
        return []
    columns = _merged(part.get("columns") for part in parts)
    rows = []
    for locale in locales:
        resolved, fields = _in_locale(parts, locale, default)
        document = {**common, **fields, "resolved_locale": resolved}
        title = document.get("title") or document.get("slug") or ""
        tags = [_name(tag, "slug") for tag in document.get("tags", ())]
        published = {"published_at": document.get("published_at")} | columns
        row = _shared(locale, document["resolved_locale"], published, title, tags) | {
            "node_id": str(node_id),
            "kind": document["kind"],
            "slug": document.get("slug") or "",
            "path": document.get("path") or "",
            "excerpt": document.get("excerpt") or "",
            "words_b": _words(_plain(document.get("excerpt") or ""), *tags),
            "words_c": _words(_plain(document.get("body_html") or ""), _texts(parts, resolved)),
        }
        rows.append(_finished(row, document, published))
    return rows


# --- shared -------------------------------------------------------------------------------------------------------


def _shared(locale: str, resolved: str, columns: Document, title: str, tags: list[str]) -> Row:
    """Compute the columns that every kind of row has."""
    published = columns.get("published_at")
    return {
        "locale": locale,
        "resolved_locale": resolved,
        "title": title,
        "words_a": title,
        "tags": tags,
        "published_at": published,
        "sort_date": published or columns.get("created_at") or _EPOCH,
        "config": text_search_config(locale),
    }


def _finished(row: Row, document: Document, columns: Document) -> Row:
    """Add the document, and the fingerprint over all of it."""
    row["words"] = _digest([row[name] for name in WORDS])
    row["document"] = document
    row["etag"] = f"{columns.get('version', 0)}-{_digest(row)}"
    return row


def _digest(content: Any) -> str:
    return blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=12).hexdigest()


def _merged(documents: Iterable[Document | None]) -> Document:
    merged: Document = {}
    for document in documents:
        if document:
            merged.update(document)
    return merged


def _in_locale(parts: Sequence[Part], locale: str, default: str) -> tuple[str, Document]:
    """Answer the fields of the first locale of the chain that a part has, and which locale that was.

    The part that owns the words decides: the others follow it where they can.
    """
    resolved = locale
    fields: Document = {}
    for part in parts:
        by_locale = part.get("locales") or {}
        chosen = next((tag for tag in fallback_chain(locale, default) if tag in by_locale), next(iter(by_locale), None))
        if chosen is None:
            continue
        resolved = chosen if not fields else resolved
        fields = {**fields, **by_locale[chosen]}
    return str(fields.get("resolved_locale", resolved)), fields


def _texts(parts: Sequence[Part], locale: str) -> str:
    return _words(*(part.get("texts", {}).get(locale) for part in parts))


def _labels(document: Mapping[str, Any] | tuple[str, Document]) -> list[str]:
    fields = document[1] if isinstance(document, tuple) else document
    return [f"{option['name']}:{value}" for option in fields.get("options", ()) for value in option["values"]]


def option_key(label: str) -> str:
    """Answer the form that options are compared in: "Size:M" → "size:m"."""
    return " ".join(label.casefold().split())


def _ancestry(path: str) -> list[str]:
    """List a category's path and those above it: "a/b" → ["a", "a/b"]."""
    steps = path.split("/") if path else []
    return ["/".join(steps[: depth + 1]) for depth in range(len(steps))]


def _name(value: Any, key: str) -> str:
    return str(value[key]) if isinstance(value, Mapping) else str(value)


def _minor(money: Mapping[str, str]) -> int:
    return _parsed(money["amount"], money["currency"])


@lru_cache(maxsize=4096)
def _parsed(amount: str, currency: str) -> int:
    return Money.parse(amount, currency).amount


def _title_key(title: str) -> str:
    """Answer what titles are ordered by: no accents, no case, so that Ä stands beside A."""
    if title.isascii():
        return title.casefold()[:200]
    folded = unicodedata.normalize("NFKD", title.casefold())
    return "".join(char for char in folded if not unicodedata.combining(char))[:200]


def _plain(markup: str) -> str:
    return html.unescape(_TAG.sub(" ", markup)) if "<" in markup or "&" in markup else markup


def _words(*texts: str | None) -> str:
    return " ".join(text for text in texts if text)[:MAX_WORDS]
