"""What a list may be asked, and the one statement that answers it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.http import QueryDict

from apps.index.documents import option_key
from apps.index.parts import is_asleep, kinds_off
from rustok.kernel.errors import Invalid
from rustok.kernel.locales import fallback_chain, normalize_locale, text_search_config
from rustok.kernel.money import MAX_AMOUNT, Money
from rustok.kernel.pages import MAX_SIZE, BadCursor, BadPageSize, PageRequest, decode_cursor
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "ON_SALE", "Condition", "ContentQuery", "Order", "ProductQuery", "matching", "offered_locale", "search_terms",
]  # fmt: skip

MAX_TEXT = 200
MAX_TERMS = 12
MAX_VALUES = 20
STATUSES = ("draft", "active", "archived")
_OPTION = "option."
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FIRST_PAGE = PageRequest()
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class BadFilter(Invalid):
    """The list cannot be filtered by this."""

    code = "invalid_filter"


class BadSort(Invalid):
    """The list cannot be ordered by this."""

    code = "invalid_sort"


def offered_locale(locale: str) -> str:
    """Answer the locale of the tenant that a reader of `locale` gets."""
    tenant = current_tenant()
    chain = fallback_chain(normalize_locale(locale), tenant.default_locale)
    return next((tag for tag in chain if tag in tenant.locales), tenant.default_locale)


# --- orders -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Order:
    """A key to order by, unique together with the id, and how its values are read back from a cursor."""

    key: str
    descending: bool
    parse: Callable[[Any], Any]
    cast: str


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 400 or "\x00" in value:
        raise ValueError
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or abs(value) > MAX_AMOUNT:
        raise ValueError
    return value


_NEWEST = Order("sort_date", True, datetime.fromisoformat, "timestamptz")
_RELEVANCE = Order("rank", True, float, "float8")
PRODUCT_ORDERS = {
    "newest": _NEWEST,
    "relevance": _RELEVANCE,
    "price": Order("sort_price_low", False, _whole, "bigint"),
    "-price": Order("sort_price_high", True, _whole, "bigint"),
    "title": Order("sort_title", False, _text, "text"),
    "-title": Order("sort_title", True, _text, "text"),
    "name": Order("sort_title", False, _text, "text"),
    "-name": Order("sort_title", True, _text, "text"),
}
CONTENT_ORDERS = {"newest": _NEWEST, "relevance": _RELEVANCE}


# --- conditions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of a WHERE clause; facets look past the conditions of their own dimension."""

    sql: str
    params: Mapping[str, Any] = field(default_factory=dict)
    dimension: str = ""


#: What everybody sees of the products; as text, so that the partial indexes are used.
ON_SALE = Condition("status = 'active'")


def search_terms(text: str) -> str:
    """Write the words as a tsquery: all of them, the last one perhaps unfinished."""
    words = ["'" + word.replace("\\", "").replace("'", "''") + "'" for word in text.split() if _has_word(word)]
    return " & ".join(words[:MAX_TERMS]) + ":*" if words else ""


def _has_word(word: str) -> bool:
    return any(char.isalnum() for char in word)


def matching(search: str, locale: str) -> Condition:
    """Keep the rows that the words are found in; a text in quotes is a phrase."""
    config = text_search_config(locale)
    if '"' in search:
        return Condition("search @@ websearch_to_tsquery(%(config)s, %(terms)s)", {"config": config, "terms": search})
    return Condition("search @@ to_tsquery(%(config)s, %(terms)s)", {"config": config, "terms": search_terms(search)})


def clean_text(name: str, value: Any) -> str:
    """Answer a filter's text.

    :raises BadFilter: if it is too long or holds control characters
    """
    text = str(value).strip()
    if len(text) > MAX_TEXT or _CONTROL.search(text):
        raise BadFilter(f"{name}: at most {MAX_TEXT} characters, no control characters", field=name)
    return text


def _clean_many(name: str, value: str | Iterable[str]) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else list(value)
    if len(values) > MAX_VALUES:
        raise BadFilter(f"{name}: at most {MAX_VALUES} values", field=name)
    return tuple(text for text in (clean_text(name, one) for one in values) if text)


def _clean_amount(name: str, value: Any, currency: str) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, int):
        return value
    amount = (value if isinstance(value, Money) else Money.parse(str(value)[:40], currency)).amount
    if amount < 0:
        raise BadFilter(f"{name} is not negative", field=name)
    return amount


def _clean_sort(sort: str, search: str, orders: Mapping[str, Order]) -> str:
    """Answer the order; without a search nothing is more relevant, so the newest come first."""
    if sort not in ("", *orders):
        raise BadSort(f"sort is one of {', '.join(orders)}", field="sort")
    return "newest" if not search and sort in ("", "relevance") else sort or "relevance"


def _flag(name: str, value: str | None) -> bool | None:
    if value is None or value == "":
        return None
    if value not in _BOOLEANS:
        raise BadFilter(f"{name} is true or false", field=name)
    return _BOOLEANS[value]


# --- products -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProductQuery:
    """A list of products. `price_min` and `price_max` are minor units, Money, or text such as "19.99"."""

    locale: str
    currency: str
    search: str = ""
    category: str = ""
    collection: str = ""
    tag: str | Sequence[str] = ()
    vendor: str | Sequence[str] = ()
    handle: str | Sequence[str] = ()
    price_min: int | str | Money | None = None
    price_max: int | str | Money | None = None
    in_stock: bool | None = None
    on_sale: bool | None = None
    options: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    sort: str = ""
    page: PageRequest = _FIRST_PAGE
    facets: bool = False
    status: str | Sequence[str] = ("active",)
    #: Which of these somebody may see: `drafts.listed_for`.
    shown: Condition = ON_SALE
    page_size: InitVar[int | None] = None

    def __post_init__(self, page_size: int | None) -> None:
        """Bring every filter to its normal form.

        :raises BadFilter: if one is too long, too large or malformed
        :raises BadSort: if there is no such order
        """
        clean: dict[str, Any] = {"locale": offered_locale(self.locale)}
        for name in ("search", "category", "collection"):
            clean[name] = clean_text(name, getattr(self, name))
        clean["category"] = clean["category"].strip("/")
        for name in ("tag", "vendor", "handle", "status"):
            clean[name] = _clean_many(name, getattr(self, name))
        if not set(clean["status"]) <= set(STATUSES):
            raise BadFilter(f"status is one of {', '.join(STATUSES)}", field="status")
        for name in ("price_min", "price_max"):
            clean[name] = _clean_amount(name, getattr(self, name), self.currency)
        if len(self.options) > MAX_VALUES:
            raise BadFilter(f"at most {MAX_VALUES} options", field="option")
        clean["options"] = {
            option_key(clean_text("option", name)): _clean_many(f"option.{name[:40]}", values)
            for name, values in self.options.items()
        }
        clean["sort"] = _clean_sort(self.sort, clean["search"], PRODUCT_ORDERS)
        if page_size is not None:
            if not 1 <= page_size <= MAX_SIZE:
                raise BadPageSize(field="page_size")
            clean["page"] = replace(self.page, size=page_size)
        for name, value in clean.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_params(cls, params: QueryDict, *, locale: str, currency: str, **fixed: Any) -> Self:
        """Read a query string as REST and the storefront write it; `fixed` wins over what stands there.

        :raises Invalid: if a filter, the order, the page size or the cursor is none
        """
        options = {key[len(_OPTION) :]: params.getlist(key) for key in params if key.startswith(_OPTION)}
        asked: dict[str, Any] = {
            "search": params.get("search", ""),
            "category": params.get("category", ""),
            "collection": params.get("collection", ""),
            "tag": params.getlist("tag"),
            "vendor": params.getlist("vendor"),
            "price_min": params.get("price_min"),
            "price_max": params.get("price_max"),
            "in_stock": _flag("in_stock", params.get("in_stock")),
            "on_sale": _flag("on_sale", params.get("on_sale")),
            "options": options,
            "sort": params.get("sort", ""),
            "facets": "facets" in params.get("include", "").split(","),
            "page": PageRequest.from_query(params),
        }
        return cls(locale=locale, currency=currency, **(asked | fixed))

    @property
    def order(self) -> Order:
        """How the list is ordered."""
        return PRODUCT_ORDERS[self.sort]

    def conditions(self) -> list[Condition]:
        """List what a row must satisfy."""
        scope = {"locale": self.locale, "currency": self.currency}
        found = [Condition("locale = %(locale)s AND currency = %(currency)s", scope)]
        if is_asleep("products"):
            found.append(Condition("false"))
        if self.status == ("active",):
            found.append(ON_SALE)
        else:
            found += [Condition("status = ANY(%(status)s)", {"status": list(self.status)}), self.shown]
        if self.search:
            found.append(matching(self.search, self.locale))
        if self.category:
            found.append(Condition("category_paths @> ARRAY[%(category)s]::text[]", {"category": self.category}))
        if self.collection:
            found.append(Condition("collections @> ARRAY[%(collection)s]::text[]", {"collection": self.collection}))
        if self.handle:
            found.append(Condition("handle = ANY(%(handle)s)", {"handle": list(self.handle)}))
        return found + self._choices()

    def _choices(self) -> list[Condition]:
        """List the conditions that have a facet of their own."""
        found = []
        if self.tag:
            found.append(Condition("tags && %(tag)s::text[]", {"tag": list(self.tag)}, "tag"))
        if self.vendor:
            found.append(Condition("vendor = ANY(%(vendor)s)", {"vendor": list(self.vendor)}, "vendor"))
        if self.price_min is not None:
            found.append(Condition("price_max >= %(price_min)s", {"price_min": self.price_min}, "price"))
        if self.price_max is not None:
            found.append(Condition("price_min <= %(price_max)s", {"price_max": self.price_max}, "price"))
        if self.in_stock is not None:
            found.append(Condition("in_stock = %(in_stock)s", {"in_stock": self.in_stock}, "in_stock"))
        if self.on_sale is not None:
            found.append(Condition("on_sale = %(on_sale)s", {"on_sale": self.on_sale}, "on_sale"))
        for number, (name, values) in enumerate(self.options.items()):
            keys = [option_key(f"{name}:{value}") for value in values]
            sql = f"option_values && %(option{number})s::text[]"
            found.append(Condition(sql, {f"option{number}": keys}, f"option:{name}"))
        return found


# --- content ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ContentQuery:
    """A list of published pages, posts or other nodes."""

    locale: str
    kind: str | Sequence[str] = ()
    search: str = ""
    tag: str | Sequence[str] = ()
    sort: str = ""
    page: PageRequest = _FIRST_PAGE

    def __post_init__(self) -> None:
        """Bring every filter to its normal form.

        :raises BadFilter: if one is too long or malformed
        :raises BadSort: if there is no such order
        """
        search = clean_text("search", self.search)
        clean = {
            "locale": offered_locale(self.locale),
            "kind": _clean_many("kind", self.kind),
            "search": search,
            "tag": _clean_many("tag", self.tag),
            "sort": _clean_sort(self.sort, search, CONTENT_ORDERS),
        }
        for name, value in clean.items():
            object.__setattr__(self, name, value)

    @property
    def order(self) -> Order:
        """How the list is ordered."""
        return CONTENT_ORDERS[self.sort]

    def conditions(self) -> list[Condition]:
        """List what a row must satisfy."""
        found = [Condition("locale = %(locale)s", {"locale": self.locale})]
        if off := kinds_off():
            found.append(Condition("kind <> ALL(%(off)s)", {"off": off}))
        if self.kind:
            found.append(Condition("kind = ANY(%(kind)s)", {"kind": list(self.kind)}))
        if self.search:
            found.append(matching(self.search, self.locale))
        if self.tag:
            found.append(Condition("tags && %(tag)s::text[]", {"tag": list(self.tag)}))
        return found


# --- the statement ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with its parameters, and whether the rows come last one first."""

    sql: str
    params: dict[str, Any]
    backwards: bool


def statement(table: str, key: str, query: ProductQuery | ContentQuery) -> Statement:
    """Write the one query of a list: documents as text, what cursors are made of, and the count if asked for."""
    order, page, conditions = query.order, query.page, query.conditions()
    params = {"limit": page.size + 1} | {k: v for c in conditions for k, v in c.params.items()}
    where = " AND ".join(condition.sql for condition in conditions)
    sort = _rank(query) if order.key == "rank" else order.key
    backwards, beyond = False, ""
    if page.cursor:
        backwards, position = _position(page.cursor, query.sort, order)
        params |= position
        sign = "<" if order.descending != backwards else ">"
        beyond = f" AND ({sort}, {key}) {sign} (%(at)s::{order.cast}, %(at_key)s::uuid)"
    count = f"(SELECT count(*) FROM {table} WHERE {where})" if page.count else "NULL"  # noqa: S608
    way = "DESC" if order.descending != backwards else "ASC"
    # Only what is left after the limit is written as text.
    sql = (
        f"SELECT document::text, etag, at, at_key, {count} FROM ("  # noqa: S608
        f"SELECT document, etag, {sort} AS at, {key} AS at_key FROM {table} WHERE {where}{beyond} "
        f"ORDER BY {sort} {way}, {key} {way} LIMIT %(limit)s"
        f") AS found ORDER BY at {way}, at_key {way}"
    )
    return Statement(sql, params, backwards)


def _rank(query: ProductQuery | ContentQuery) -> str:
    terms = matching(query.search, query.locale).sql.removeprefix("search @@ ")
    return f"ts_rank(search, {terms})::float8"


def _position(cursor: str, sort: str, order: Order) -> tuple[bool, dict[str, Any]]:
    direction, (of, value, key) = decode_cursor(cursor, 3)
    try:
        if of != sort:
            raise ValueError
        return direction == "p", {"at": order.parse(value), "at_key": UUID(key)}
    except (ValueError, TypeError, AttributeError):
        raise BadCursor(field="cursor") from None
