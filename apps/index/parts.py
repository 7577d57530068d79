"""Parts: what the modules above contribute to a document, and which events make it stale.

A module registers a function from its `handlers.py`. The function gets the keys, the tenant's locales and its
currencies, asks its own tables in a constant number of queries, and answers a `Part` for each key that it knows:

    def product_part(product_ids, locales, currencies):
        return {product_id: {
            "document": {"id": "…", "handle": "tent", "status": "active", …},   # fields of every row
            "locales": {"en": {"title": "Tent", "variants": [{"id": "…", …}]}},  # by locale; the index falls back
            "currencies": {"USD": {…}},                                          # by currency
            "every_variant": {"available": False},                               # of each variant
            "variants": {"<variant id>": {"available": True}},                   # of one variant
            "variant_currencies": {"USD": {"<variant id>": {"price": {…}}}},     # of one variant, by currency
            "columns": {"version": 3, "published_at": datetime},                 # not shown, but sorted or compared by
            "texts": {"en": "more words to be found by"},
        }}

Later parts win over earlier ones. A key that no part gives a `handle` (products) or a `kind` (content) is gone.
`price_range`, `compare_at`, `on_sale`, `in_stock` and `total_inventory` follow from the variants unless a part says
otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict
from uuid import UUID

from django.db.models import QuerySet

from rustok.kernel.events import Envelope, subscribe
from rustok.kernel.modules import is_enabled, modules_off, owner_of

__all__ = [
    "Kind", "Part", "PartSource", "collect", "is_asleep", "key_sources", "keys_of", "kinds_off", "register",
    "touched_by",
]  # fmt: skip

Kind = Literal["products", "content"]
Document = dict[str, Any]


class Part(TypedDict, total=False):
    """What one module says of one product or node; every key may be left out."""

    document: Document
    locales: Mapping[str, Document]
    currencies: Mapping[str, Document]
    every_variant: Document
    variants: Mapping[str, Document]
    variant_currencies: Mapping[str, Mapping[str, Document]]
    columns: Document
    texts: Mapping[str, str]


PartFunction = Callable[[Sequence[UUID], Sequence[str], Sequence[str]], Mapping[UUID, Part]]
#: Answers the keys that an event makes stale.
Affected = Callable[[Mapping[str, Any]], Iterable[UUID | str]]

_FIELD: dict[Kind, str] = {"products": "product_id", "content": "node_id"}
_HANDLER: dict[Kind, str] = {"products": "index.reindex_products", "content": "index.reindex_content"}


@dataclass(frozen=True, slots=True)
class PartSource:
    """A registered contribution."""

    name: str
    function: PartFunction
    events: Mapping[str, Affected]
    #: All rows that belong in the index; only the part that owns them says so. For rebuilds.
    rows: Callable[[], QuerySet[Any]] | None = None
    #: The module that contributes it; while that is off, it says nothing.
    module: str = ""
    #: Kinds of content, and the modules that they belong to.
    owners: Mapping[str, str] = field(default_factory=dict)


_sources: dict[Kind, dict[str, PartSource]] = {"products": {}, "content": {}}


def register(
    kind: Kind,
    name: str,
    function: PartFunction,
    *,
    events: Sequence[str] | Mapping[str, Affected] = (),
    rows: Callable[[], QuerySet[Any]] | None = None,
    module: str = "",
    owners: Mapping[str, str] | None = None,
) -> None:
    """Add (or replace) a part, and have the index listen to its events.

    `events` are names whose payload has `product_id` (`node_id`), or a mapping from name to a function of the payload
    that answers the keys.
    """
    by_event = dict(events) if isinstance(events, Mapping) else {event: _named(kind) for event in events}
    _sources[kind][name] = PartSource(name, function, by_event, rows, module or owner_of(function), owners or {})
    if by_event:
        subscribe(_HANDLER[kind], *by_event)


def _named(kind: Kind) -> Affected:
    name = _FIELD[kind]
    return lambda payload: [payload[name]]


def collect(
    kind: Kind, keys: Sequence[UUID], locales: Sequence[str], currencies: Sequence[str]
) -> dict[UUID, list[Part]]:
    """Ask every part once about all the keys; answer the parts of each key, in order of registration.

    A module that the tenant does not use says nothing.
    """
    found: dict[UUID, list[Part]] = {key: [] for key in keys}
    for source in _sources[kind].values():
        if not is_enabled(source.module):
            continue
        for key, part in source.function(keys, locales, currencies).items():
            found[key].append(part)
    return found


def keys_of(kind: Kind, envelopes: Iterable[Envelope]) -> list[UUID]:
    """List the keys that events make stale, each once."""
    keys = {
        UUID(str(key))
        for envelope in envelopes
        for source in _sources[kind].values()
        if (affected := source.events.get(envelope.event_type))
        for key in affected(envelope.payload)
    }
    return sorted(keys)


def key_sources(kind: Kind) -> list[QuerySet[Any]]:
    """List the querysets of everything that belongs in the index."""
    return [source.rows() for source in _sources[kind].values() if source.rows]


# --- modules that are off -----------------------------------------------------------------------------------------
# Rows of a module that is off are asleep: nobody reads them, nobody writes them, and they are there at once when it is
# on again, to be brought up to date in the background.


def is_asleep(kind: Kind) -> bool:
    """Tell whether nothing of a kind is read or written, because the module that owns its rows is off."""
    return any(source.rows and not is_enabled(source.module) for source in _sources[kind].values())


def kinds_off() -> list[str]:
    """List the kinds of content whose module is off."""
    off = modules_off()
    if not off:
        return []
    return sorted(k for source in _sources["content"].values() for k, owner in source.owners.items() if owner in off)


def touched_by(module: str) -> list[Kind]:
    """List the kinds whose rows look otherwise when a module is switched."""
    return [
        kind
        for kind, sources in _sources.items()
        if any(module == source.module or module in source.owners.values() for source in sources.values())
    ]
