"""Setting up shipping methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction

from apps.shipping.models import ShippingMethod, ShippingMethodTranslation, ShippingRate
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Invalid
from rustok.kernel.locales import normalize_locale
from rustok.kernel.money import MAX_AMOUNT, Money

__all__ = ["save_shipping_method"]


class BadShippingMethod(Invalid):
    """A shipping method needs a name, codes of countries, and prices that are not negative."""

    code = "invalid_shipping_method"


@transaction.atomic
def save_shipping_method(
    *,
    actor: Actor,
    handle: str,
    names: Mapping[str, str],
    rates: Iterable[tuple[Money, Money | None]],
    descriptions: Mapping[str, str] | None = None,
    countries: Iterable[str] = (),
    position: int = 0,
    is_active: bool = True,
) -> UUID:
    """Create a method, or bring the one of that handle up to date; a rate is (price, free from).

    :raises BadShippingMethod: if a name is missing, a country is no code or a price is negative
    """
    authorize(actor, "settings.update")
    codes = sorted({country.strip().upper() for country in countries})
    prices = list(rates)
    if not names or not all(len(code) == 2 and code.isalpha() for code in codes):
        raise BadShippingMethod()
    if any(not 0 <= money.amount <= MAX_AMOUNT for pair in prices for money in pair if money):
        raise BadShippingMethod()
    method, _created = ShippingMethod.objects.update_or_create(
        handle=handle, defaults={"countries": codes, "position": position, "is_active": is_active}
    )
    _save_names(method, names, descriptions or {})
    for price, free_from in prices:
        values = {"amount": price.amount, "free_from": free_from.amount if free_from else None}
        ShippingRate.objects.update_or_create(method=method, currency=price.currency, defaults=values)
    return method.pk


def _save_names(method: ShippingMethod, names: Mapping[str, str], descriptions: Mapping[str, str]) -> None:
    for locale, name in names.items():
        ShippingMethodTranslation.objects.update_or_create(
            method=method,
            locale=normalize_locale(locale),
            defaults={"name": name.strip()[:120], "description": descriptions.get(locale, "").strip()[:300]},
        )
