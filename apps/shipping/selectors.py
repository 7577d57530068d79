"""Which ways there are to send a cart, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F

from apps.shipping.models import ShippingMethodTranslation, ShippingRate
from rustok.kernel.errors import Conflict
from rustok.kernel.locales import fallback_chain, pick
from rustok.kernel.money import Money

__all__ = ["NotOffered", "Offer", "find_offer", "methods_for"]

#: Methods that one tenant can show.
MAX_METHODS = 100


class NotOffered(Conflict):
    """This shipping method is not offered for this cart."""

    code = "shipping_method_not_offered"


def methods_for(
    *, currency: str, country: str | None, locale: str, subtotal: int, default_locale: str = "en"
) -> list[dict[str, Any]]:
    """List the methods that go to a country and cost something known in a currency, in the shop's order."""
    found = (
        ShippingRate.objects.filter(currency=currency, method__is_active=True)
        .select_related("method")
        .order_by("method__position", "method__handle")[:MAX_METHODS]
    )
    rates = [rate for rate in found if rate.method.serves(country)]
    names = _names([rate.method_id for rate in rates])
    chain = fallback_chain(locale, default_locale)
    return [_document(rate, pick(names.get(rate.method_id, []), chain), subtotal) for rate in rates]


def _names(method_ids: list[UUID]) -> dict[UUID, list[ShippingMethodTranslation]]:
    names: dict[UUID, list[ShippingMethodTranslation]] = {}
    for row in ShippingMethodTranslation.objects.filter(method__in=method_ids):
        names.setdefault(row.method_id, []).append(row)
    return names


def _document(rate: ShippingRate, words: ShippingMethodTranslation | None, subtotal: int) -> dict[str, Any]:
    price = rate.price(subtotal)
    return {
        "id": str(rate.method_id),
        "name": words.name if words else rate.method.handle,
        "description": words.description if words else "",
        "price": Money(price, rate.currency).as_dict(),
        "free": price == 0,
    }


@dataclass(frozen=True, slots=True)
class Offer:
    """A method that is offered for a cart, and its price in minor units."""

    method_id: UUID
    name: str
    amount: int


def find_offer(
    method_id: UUID, *, currency: str, country: str | None, subtotal: int, locale: str, default_locale: str = "en"
) -> Offer | None:
    """Answer what a method costs for a cart of that worth.

    None if it does not exist, is switched off, does not go there, or has no rate in the currency.
    """
    rate = ShippingRate.objects.filter(method=method_id, currency=currency, method__is_active=True)
    names = rate.select_related("method").annotate(
        locale=F("method__translations__locale"), name=F("method__translations__name")
    )
    rows = list(names)
    if not rows or not rows[0].method.serves(country):
        return None
    by_locale = {row.locale: row.name for row in rows}  # type: ignore[attr-defined]
    chain = fallback_chain(locale, default_locale)
    name = next((by_locale[one] for one in chain if by_locale.get(one)), rows[0].method.handle)
    return Offer(method_id, name, rows[0].price(subtotal))
