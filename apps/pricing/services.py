"""Setting and removing prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from apps.pricing.events import PriceUpdated
from apps.pricing.models import Price
from apps.pricing.selectors import has_price
from apps.product.public import products_of_variants
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, Invalid, NotFound
from rustok.kernel.events import publish_many
from rustok.kernel.money import MAX_AMOUNT, Money
from rustok.kernel.tenancy import current_tenant

__all__ = ["NewPrice", "check_has_price", "replace_prices", "set_prices"]

#: Prices that one call may set.
MAX_PRICES = 2_000


class NoSuchVariant(NotFound):
    """There is no such variant."""

    code = "no_such_variant"


class CurrencyNotOffered(Invalid):
    """The shop does not sell in this currency."""

    code = "currency_not_offered"


class PriceNotValid(Invalid):
    """A price is not negative, and lower than the price before."""

    code = "invalid_price"


class ProductHasNoPrice(Conflict):
    """A product needs a price before it goes on sale."""

    code = "product_has_no_price"


@dataclass(frozen=True, slots=True)
class NewPrice:
    """A variant's price in the currency of `price`."""

    variant_id: UUID
    price: Money
    compare_at: Money | None = None

    def check(self, offered: Sequence[str]) -> None:
        """Refuse a price that cannot be.

        :raises CurrencyNotOffered: if the tenant does not sell in the currency
        :raises PriceNotValid: if it is negative, too large, or not below the price before
        """
        if self.price.currency not in offered:
            raise CurrencyNotOffered(
                f"{self.price.currency} is not one of {', '.join(offered)}", field="price.currency"
            )
        if not 0 <= self.price.amount <= MAX_AMOUNT:
            raise PriceNotValid(field="price")
        before = self.compare_at
        if before is not None and before.currency != self.price.currency:
            raise PriceNotValid("price and price before are in one currency", field="compare_at")
        if before is not None and not self.price.amount < before.amount <= MAX_AMOUNT:
            raise PriceNotValid("the price before is higher than the price", field="compare_at")


@transaction.atomic
def set_prices(*, actor: Actor, prices: Sequence[NewPrice | tuple[UUID, Money, Money | None]]) -> list[Price]:
    """Set prices, one per variant and currency; others stay as they are. Answer those that changed.

    :raises NoSuchVariant: if a variant does not exist here
    :raises CurrencyNotOffered: if the tenant does not sell in a currency
    :raises PriceNotValid: if a price is negative, too large, or not below the price before
    """
    authorize(actor, "products.update")
    wanted = _checked(prices)
    products = _products(variant_id for variant_id, _ in wanted)
    changed = list(_merged(wanted).values())
    Price.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["variant", "currency"],
        update_fields=["amount", "compare_at", "updated_at"],
    )
    _announce(changed, products)
    return changed


@transaction.atomic
def replace_prices(*, actor: Actor, variant_id: UUID, prices: Sequence[NewPrice]) -> list[Price]:
    """Make these the only prices of a variant; answer them all, by currency.

    :raises NoSuchVariant: if the variant does not exist here
    :raises CurrencyNotOffered: if the tenant does not sell in a currency
    :raises PriceNotValid: if a price is negative, too large, or not below the price before
    """
    authorize(actor, "products.update")
    products = _products([variant_id])
    set_prices(actor=actor, prices=prices)
    rows = Price.objects.filter(variant_id=variant_id).order_by("pk")
    gone = list(rows.exclude(currency__in=[new.price.currency for new in prices]).select_for_update())
    Price.objects.filter(pk__in=[price.pk for price in gone]).delete()
    _announce(gone, products)
    return list(rows.order_by("currency"))


def _checked(prices: Sequence[NewPrice | tuple[UUID, Money, Money | None]]) -> dict[tuple[UUID, str], NewPrice]:
    """Check every price; the last one given for a variant and currency counts."""
    if len(prices) > MAX_PRICES:
        raise Invalid(f"at most {MAX_PRICES} prices at once")
    offered = current_tenant().currencies
    news = [new if isinstance(new, NewPrice) else NewPrice(*new) for new in prices]
    for new in news:
        new.check(offered)
    return {(new.variant_id, new.price.currency): new for new in news}


def _products(variant_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    wanted = set(variant_ids)
    products = products_of_variants(wanted)
    if missing := wanted - products.keys():
        raise NoSuchVariant(", ".join(sorted(map(str, missing))[:5]), field="variant_id")
    return products


def _merged(wanted: dict[tuple[UUID, str], NewPrice]) -> dict[tuple[UUID, str], Price]:
    """Answer the rows that have to be written, in key order: changed ones locked, new ones unsaved."""
    rows = Price.objects.filter(variant_id__in={variant_id for variant_id, _ in wanted}).order_by("pk")
    stored = {(price.variant_id, price.currency): price for price in rows.select_for_update()}
    changed = {}
    for key, new in sorted(wanted.items()):
        before = None if new.compare_at is None else new.compare_at.amount
        price = stored.get(key) or Price(variant_id=key[0], currency=key[1])
        if (price.amount, price.compare_at) != (new.price.amount, before):
            price.amount, price.compare_at = new.price.amount, before
            changed[key] = price
    return changed


def _announce(prices: Sequence[Price], products: dict[UUID, UUID]) -> None:
    if prices:
        publish_many(
            [
                (
                    PriceUpdated(
                        variant_id=price.variant_id, product_id=products[price.variant_id], currency=price.currency
                    ),
                    price,
                )
                for price in prices
            ]
        )


def check_has_price(product_id: UUID) -> None:
    """Let a product go on sale only with a price.

    :raises ProductHasNoPrice: if no variant on offer has one
    """
    if not has_price(product_id):
        raise ProductHasNoPrice()
