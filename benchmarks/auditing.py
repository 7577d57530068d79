"""What the audit log costs those who write: triggers, and the context that goes along with each write."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.audit.triggers import CAPTURES
from apps.cart.public import Wish, create_cart, update_cart
from apps.commerce.public import PaymentChoice, complete_cart
from apps.importer.images import Fetcher
from apps.importer.services import import_products
from apps.importer.woocommerce import read
from apps.product.public import update_product
from benchmarks.events.report import Figure, show, write
from benchmarks.scenarios import ADDRESS
from benchmarks.seed import Seeded
from benchmarks.turns import by_turns
from rustok.database.stamps import Stamps
from rustok.kernel.access import ANONYMOUS, Actor
from rustok.kernel.context import because
from rustok.kernel.ids import new_id

__all__ = ["main"]

SYSTEM = Actor.system("benchmark")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
#: Pieces of work in one turn.
UPDATES, CHECKOUTS, IMPORTS, ROWS = 40, 20, 8, 10
_TABLES = """
SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname = %s AND c.relnamespace = current_schema()::regnamespace
"""
Work = Sequence[Callable[[], object]]


def main(options: Any, command: Sequence[str], seeded: Seeded, products: Sequence[UUID]) -> None:
    """Measure in a seeded tenant; leave a table and JSON."""
    switch = _switch()
    kinds: dict[str, Callable[[int], Work]] = {
        "update_product, a vendor and a title": lambda turn: _updates(turn, products),
        "checkout": lambda turn: _checkouts(seeded),
        f"import of {ROWS} products": _imports,
    }
    figures: list[Figure] = []
    with because("a benchmark"):
        for name, make in kinds.items():
            if options.only in name:
                figures += by_turns(make, switch, turns=options.rounds).figures(name)
    show(figures, "audit log")
    write(figures, command, name="audit")


def _switch() -> Callable[[bool], None]:
    """Answer what switches the triggers, and the context beside each write, on and off."""
    due = Stamps.due
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [CAPTURES])
        tables = [name for (name,) in cursor.fetchall()]

    def switch(on: bool) -> None:
        Stamps.due = due if on else lambda self, *, autocommit: None  # type: ignore[assignment,method-assign]
        word = "ENABLE" if on else "DISABLE"
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f'ALTER TABLE "{table}" {word} TRIGGER {CAPTURES}')

    return switch


def _updates(turn: int, products: Sequence[UUID]) -> Work:
    def update(number: int) -> None:
        update_product(
            actor=SYSTEM, product_id=products[number % len(products)], now=NOW, vendor=f"Vendor {turn} {number}",
            translations={"en": {"title": f"Title {turn} {number}"}},
        )  # fmt: skip

    return [lambda number=number: update(number) for number in range(UPDATES)]  # type: ignore[misc]


def _checkouts(seeded: Seeded) -> Work:
    carts = [_cart(seeded, number) for number in range(CHECKOUTS)]

    def check_out(cart_id: UUID, token: str) -> None:
        complete_cart(
            actor=ANONYMOUS, cart_id=cart_id, token=token, payment=PaymentChoice("manual"),
            idempotency_key=str(new_id()), now=timezone.now(),
        )  # fmt: skip

    return [lambda cart=cart: check_out(*cart) for cart in carts]  # type: ignore[misc]


def _cart(seeded: Seeded, number: int) -> tuple[UUID, str]:
    wish = Wish(seeded.variants[number % len(seeded.variants)], 1)
    cart, token = create_cart(actor=ANONYMOUS, currency="USD", locale="en", lines=[wish])
    update_cart(
        actor=ANONYMOUS, cart_id=cart.pk, token=token, locale="en", email="ann@example.com", shipping_address=ADDRESS,
        billing_address=ADDRESS, shipping_method_id=seeded.shipping_method,
    )  # fmt: skip
    return cart.pk, token


def _imports(turn: int) -> Work:
    def take_in(part: int) -> None:
        first = 10_000 * turn + 100 * part
        reading = read(_export(range(first, first + ROWS)), currency="USD", now=NOW, zone=UTC)
        import_products(
            actor=SYSTEM, source="woocommerce", reading=reading, locale="en", currency="USD", now=NOW,
            fetcher=Fetcher(enabled=False),
        )  # fmt: skip

    return [lambda part=part: take_in(part) for part in range(IMPORTS)]  # type: ignore[misc]


def _export(numbers: range) -> io.StringIO:
    """Write products as WooCommerce exports them."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["ID", "Type", "SKU", "Name", "Published", "In stock?", "Stock", "Regular price", "Categories", "Images"]
    )
    writer.writerows([n, "simple", f"i{n}", f"Item {n}", 1, 1, 7, "12.50", "Outdoor", ""] for n in numbers)
    out.seek(0)
    return out
