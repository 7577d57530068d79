"""Prices in the admin: beside the variants of a product, and in the list of products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from apps.pricing.models import Price
from apps.pricing.services import NewPrice, replace_prices, set_prices
from rustok.kernel.access import Actor
from rustok.kernel.edges.admin_columns import ListColumn, RowError, Typed, add_list_column, add_row_columns
from rustok.kernel.edges.admin_money import AmountField, shown
from rustok.kernel.errors import DomainError
from rustok.kernel.tenancy import current_tenant


class PriceColumns:
    """A price and a price before, for each currency of the tenant."""

    def fields(self) -> dict[str, forms.Field]:
        """Answer two amounts a currency."""
        found: dict[str, forms.Field] = {}
        for currency in current_tenant().currencies:
            price = AmountField(currency, label=_("Price %(currency)s") % {"currency": currency}, required=False)
            before = AmountField(
                currency, label=_("Before %(currency)s") % {"currency": currency}, required=False,
                help_text=_("The price before a reduction; it is shown struck through."),
            )  # fmt: skip
            found |= {f"price_{currency}": price, f"before_{currency}": before}
        return found

    def read(self, row_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
        """Read the prices of all variants; one query."""
        found: dict[UUID, dict[str, Any]] = {}
        for price in Price.objects.filter(variant_id__in=row_ids):
            amounts = {f"price_{price.currency}": price.amount, f"before_{price.currency}": price.compare_at}
            found.setdefault(price.variant_id, {}).update(amounts)
        return found

    def write(self, actor: Actor, rows: Sequence[Typed]) -> None:
        """Set what changed in one call; a price that was emptied is taken away."""
        for row in rows:
            emptied = [name for name in row.changed if name.startswith("price_") and row.values.get(name) is None]
            try:
                if emptied:
                    replace_prices(actor=actor, variant_id=row.row_id, prices=self._prices(row, all_of_them=True))
                elif changed := self._prices(row):
                    set_prices(actor=actor, prices=changed)
            except DomainError as refusal:
                raise RowError(row.row_id, refusal, self._column(row, refusal)) from refusal

    def _prices(self, row: Typed, *, all_of_them: bool = False) -> list[NewPrice]:
        found = []
        for currency in current_tenant().currencies:
            names = (f"price_{currency}", f"before_{currency}")
            price, before = (row.values.get(name) for name in names)
            if price is not None and (all_of_them or row.changed & set(names)):
                found.append(NewPrice(row.row_id, price, before))
        return found

    def _column(self, row: Typed, refusal: DomainError) -> str:
        """Find the price that is not below the price before."""
        for new in self._prices(row, all_of_them=True):
            if new.compare_at is not None and new.price.amount >= new.compare_at.amount:
                return f"before_{new.price.currency}"
        return ""


def _ranges(product_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Write from where to where the prices of products go, in the tenant's first currency; one query."""
    currency = current_tenant().default_currency
    rows = Price.objects.filter(variant__product_id__in=product_ids, currency=currency)
    ranges = rows.values("variant__product_id").annotate(low=Min("amount"), high=Max("amount"))
    return {row["variant__product_id"]: _range(row["low"], row["high"], currency) for row in ranges}


def _range(low: int, high: int, currency: str) -> str:
    return shown(low, currency) if low == high else f"{shown(low, currency)} – {shown(high, currency)}"


add_row_columns("product.Variant", PriceColumns(), order=10)
add_list_column("product.Product", ListColumn("price", _("Price"), _ranges))
