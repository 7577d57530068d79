"""A catalogue of plain dicts that contributes parts as the modules above the index do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from apps.index import parts, services
from rustok.kernel.ids import new_id

START = datetime(2026, 1, 1, tzinfo=UTC)


class Catalogue:
    """What the modules above would have in their tables."""

    def __init__(self) -> None:
        self.products: dict[UUID, parts.Part] = {}
        self.nodes: dict[UUID, parts.Part] = {}
        self.calls = 0

    def part(self, keys: Any, locales: Any, currencies: Any) -> dict[UUID, parts.Part]:
        self.calls += 1
        return {key: self.products[key] for key in keys if key in self.products}

    def content_part(self, keys: Any, locales: Any, currencies: Any) -> dict[UUID, parts.Part]:
        return {key: self.nodes[key] for key in keys if key in self.nodes}

    def add(self, handle: str, *, index: bool = True, **given: Any) -> UUID:
        """Add a product; with `index`, index it at once."""
        key = given.pop("key", None) or new_id()
        self.products[key] = product_part(key, handle, **{"number": len(self.products), **given})
        if index:
            services.reindex_products([key])
        return key

    def add_node(self, slug: str, *, kind: str = "post", index: bool = True, **locales: dict[str, Any]) -> UUID:
        """Add a node, said in the given locales."""
        key = new_id()
        published = (START + timedelta(days=len(self.nodes))).isoformat()
        document = {"id": str(key), "kind": kind, "slug": slug, "tags": ["news"], "published_at": published}
        self.nodes[key] = {"document": document, "locales": locales}
        if index:
            services.reindex_content([key])
        return key


def product_part(
    key: UUID,
    handle: str,
    *,
    title: str | None = None,
    price: int | None = 1999,
    euros: int | None = None,
    compare_at: int | None = None,
    quantity: int = 5,
    status: str = "active",
    vendor: str = "Nordwind",
    category: str = "",
    tags: tuple[str, ...] = (),
    collections: tuple[str, ...] = (),
    sizes: tuple[str, ...] = (),
    number: int = 0,
    german: str | None = None,
    description: str = "",
    days: int | None = None,
) -> parts.Part:
    """Write the part of one product with one variant."""
    variant = {"id": str(key), "sku": f"SKU-{number}", "title": "", "options": {}}
    words = {"subtitle": "", "description": description, "variants": [variant], "options": []}
    if sizes:
        words["options"] = [{"name": "Size", "values": list(sizes)}]
    title = title or handle.replace("-", " ").title()
    locales = {"en": {"title": title, **words}}
    if german:
        options = [{"name": "Größe", "values": list(sizes)}] if sizes else []
        locales["de"] = {"title": german, **words, "options": options}
    amounts = {"USD": price, "EUR": euros if euros is not None else price}
    return {
        "document": {
            "id": str(key),
            "handle": handle,
            "status": status,
            "vendor": vendor,
            "tags": list(tags),
            "collections": [{"handle": one, "title": one.title()} for one in collections],
            "category": {"id": str(key), "path": category, "name": category.title()} if category else None,
            "images": [],
        },
        "locales": locales,
        "variants": {str(key): {"available": quantity > 0, "inventory_quantity": quantity}},
        "variant_currencies": {
            currency: {str(key): {"price": money(amount, currency), "compare_at": money(compare_at, currency)}}
            for currency, amount in amounts.items()
        },
        "columns": {"version": 1, "published_at": START + timedelta(days=number if days is None else days)},
    }


def money(amount: int | None, currency: str) -> dict[str, str] | None:
    """Write an amount."""
    return None if amount is None else {"amount": f"{amount / 100:.2f}", "currency": currency}


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """An empty catalogue, the only source of the index."""

    class Rows:
        def __init__(self, keys: list[UUID]) -> None:
            self.keys = sorted(keys)

        def count(self) -> int:
            return len(self.keys)

        def filter(self, pk__gt: UUID) -> Rows:
            return Rows([key for key in self.keys if key > pk__gt])

        def order_by(self, _: str) -> Rows:
            return self

        def values_list(self, *_: str, flat: bool) -> list[UUID]:
            return self.keys

    made = Catalogue()
    monkeypatch.setattr(parts, "_sources", {"products": {}, "content": {}})
    monkeypatch.setattr(parts, "subscribe", lambda *_: None)
    parts.register("products", "tests", made.part, events=["product.updated"], rows=lambda: Rows(list(made.products)))
    parts.register("content", "tests", made.content_part, events=["node.updated"], rows=lambda: Rows(list(made.nodes)))
    return made
