"""Orders of the last two months, through the real checkout, in every state that an order can be in.

An order is the n-th of its shop: a run that was killed goes on after the last one there is.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from apps.accounts import public as accounts
from apps.cart import public as carts
from apps.commerce import public as commerce
from apps.inventory import public as inventory
from apps.order import public as orders
from apps.payment import public as payments
from apps.shipping import public as shipping
from rustok.demo.records import Customer, Shop
from rustok.demo.tenants import DEMO
from rustok.kernel.access import ANONYMOUS, Actor, actor_for
from rustok.kernel.errors import NotFound
from rustok.kernel.ids import new_id
from rustok.kernel.pages import PageRequest

#: How the forty orders stand today, the oldest first; the paid ones wait for the packer.
_STATES = (
    ["delivered"] * 6 + ["cancelled"] + ["delivered"] * 9 + ["cancelled"] + ["delivered"] * 7
    + ["shipped"] * 3 + ["cancelled"] + ["shipped"] * 4 + ["paid"] * 4 + ["confirmed", "paid", "pending", "pending"]
)  # fmt: skip
SPAN = timedelta(days=59)
COUNT = len(_STATES)
FIRST_NUMBER = 1001

_CARRIERS = {"US": "UPS", "DE": "DHL", "LV": "Omniva", "EE": "Omniva", "LT": "Omniva"}
_REASONS = ("Ordered twice by mistake", "Found the right size in the shop", "Delivery would take too long")


@dataclass(frozen=True)
class Sale:
    """What one order shall be."""

    number: int
    state: str
    placed_at: datetime
    buyer: Customer
    account: bool
    currency: str
    locale: str
    lines: tuple[tuple[str, int], ...]


def plan_sales(shop: Shop, *, now: datetime) -> list[Sale]:
    """Plan the orders: the same for a shop every time but for the dates, denser towards today."""
    dice = random.Random(f"{shop.site.slug} sales")
    shelf = _in_stock(shop)
    return [_plan(shop, shelf, dice, number, state, now) for number, state in enumerate(_STATES)]


def _in_stock(shop: Shop) -> list[str]:
    """List the SKUs of which there are enough, so that what is scarce stays so."""
    return [
        variant.sku
        for product in shop.products
        if product.status == "active"
        for variant in product.variants
        if sum(variant.stock.values()) >= 8
    ]


def _plan(shop: Shop, shelf: Sequence[str], dice: random.Random, number: int, state: str, now: datetime) -> Sale:
    age = SPAN * (1 - number / COUNT) ** 1.6 + timedelta(minutes=dice.randint(5, 150))
    buyer = dice.choice(shop.customers)
    country = buyer.address["country"]
    wanted = dice.sample(shelf, dice.choice((1, 1, 1, 2, 2, 3)))
    second = shop.site.locales[1]
    speaks_second = country == "DE" if second == "de" else not buyer.first_name.isascii()
    return Sale(
        number=number,
        state=state,
        placed_at=now - age,
        buyer=buyer,
        account=number % 6 == 3,
        currency="USD" if country == "US" and "USD" in shop.site.currencies else "EUR",
        locale=second if speaks_second else shop.site.locales[0],
        lines=tuple((sku, dice.choice((1, 1, 1, 2))) for sku in wanted),
    )


def missing_sales(shop: Shop, *, now: datetime) -> list[Sale]:
    """List the orders that are not there yet, and the last one that is, which a kill may have left half way."""
    found = orders.list_orders(actor=DEMO, page=PageRequest(size=100)).results
    if len(found) >= COUNT:
        return []
    return plan_sales(shop, now=now)[max(len(found) - 1, 0) :]


# --- carrying out -------------------------------------------------------------------------------------------------


def make_sale(sale: Sale, variants: Mapping[str, UUID], *, slug: str, now: datetime) -> None:
    """Place an order as its buyer would, unless it is placed, and bring it to where it stands today."""
    if _is_placed(sale):
        bring_along(sale, now=now)
        return
    actor = _customer(slug) if sale.account else ANONYMOUS
    cart, token = _fill_cart(actor, sale, variants, slug)
    if sale.state == "pending":
        _order_by_telephone(cart.pk, token, sale)
        return
    by_hand = sale.state == "confirmed"
    commerce.complete_cart(
        actor=actor,
        cart_id=cart.pk,
        token=token,
        payment=commerce.PaymentChoice("manual") if by_hand else commerce.PaymentChoice("test", "tok_ok"),
        idempotency_key=f"demo-{sale.number}",
        now=sale.placed_at,
    )
    bring_along(sale, now=now)


def _number(sale: Sale) -> str:
    return str(FIRST_NUMBER + sale.number)


def _is_placed(sale: Sale) -> bool:
    try:
        orders.find_order(actor=DEMO, number=_number(sale))
    except NotFound:
        return False
    return True


def bring_along(sale: Sale, *, now: datetime) -> None:
    """Take an order the rest of its way; what is done already is not done again."""
    order = orders.find_order(actor=DEMO, number=_number(sale))
    if sale.state == "cancelled" and order.status in ("confirmed", "paid"):
        reason = _REASONS[sale.number % len(_REASONS)]
        orders.cancel_order(actor=DEMO, order_id=order.pk, now=_later(sale, 9, now), reason=reason)
        return
    if sale.state in ("shipped", "delivered") and order.status == "paid":
        country = sale.buyer.address["country"]
        order = orders.ship_order(
            actor=DEMO, order_id=order.pk, now=_later(sale, 26, now), carrier=_CARRIERS.get(country, "DPD"),
            tracking_number=f"{country}{73_000_114 + sale.number * 7_919}",
        )  # fmt: skip
    if sale.state == "delivered" and order.status == "shipped":
        orders.deliver_order(actor=DEMO, order_id=order.pk, now=_later(sale, 83, now))


def _later(sale: Sale, hours: int, now: datetime) -> datetime:
    return min(sale.placed_at + timedelta(hours=hours), now - timedelta(minutes=3))


def _customer(slug: str) -> Actor:
    return actor_for(accounts.find_user_by_email(f"customer@{slug}.test"))


def _fill_cart(actor: Actor, sale: Sale, variants: Mapping[str, UUID], slug: str) -> tuple[carts.Cart, str]:
    address = dict(sale.buyer.address)
    cart, token = carts.create_cart(
        actor=actor,
        currency=sale.currency,
        locale=sale.locale,
        email=f"customer@{slug}.test" if sale.account else sale.buyer.email,
        lines=[carts.Wish(variants[sku], quantity) for sku, quantity in sale.lines],
    )
    methods = shipping.methods_for(currency=sale.currency, country=address["country"], locale=sale.locale, subtotal=0)
    cart = carts.update_cart(
        actor=actor,
        cart_id=cart.pk,
        token=token,
        locale=sale.locale,
        shipping_address=address,
        shipping_method_id=UUID(methods[sale.number % len(methods)]["id"]),
    )
    return cart, token


@transaction.atomic
def _order_by_telephone(cart_id: UUID, token: str, sale: Sale) -> None:
    """Place an order that nobody has confirmed yet: taken down on the telephone, to be paid by transfer."""
    cart = carts.lock_cart(actor=DEMO, cart_id=cart_id, token=token)
    view = carts.check_out(cart)
    quote = view.quote
    order_id = new_id()
    inventory.reserve(actor=DEMO, reference=order_id, lines=[(line.variant_id, line.quantity) for line in view.lines])
    order = orders.place_order(
        actor=Actor.system("telephone"),
        now=sale.placed_at,
        draft=orders.OrderDraft(
            order_id=order_id,
            cart_id=cart.pk,
            email=cart.email,
            locale=cart.locale,
            currency=cart.currency,
            lines=_lines(view),
            total=quote.total,
            shipping_total=quote.shipping_total,
            shipping_tax=quote.shipping_tax,
            tax_included=quote.tax_included,
            shipping_address=cart.shipping_address,
            billing_address=cart.shipping_address,
            shipping_method_id=view.offer.method_id if view.offer else None,
            shipping_method_name=view.offer.name if view.offer else "",
        ),
    )
    payment = payments.start_payment(
        reference=order.pk, provider="manual", token="", amount=order.total, currency=order.currency
    )
    payments.record_result(payment_id=payment.pk, outcome=payments.Outcome("pending"), now=sale.placed_at)
    carts.mark_completed(cart)


def _lines(view: carts.CartView) -> list[orders.LineDraft]:
    quote = view.quote
    drafts = []
    for line, discount, tax in zip(view.lines, quote.line_discounts, quote.line_taxes, strict=True):
        variant = line.variant
        assert variant is not None
        drafts.append(
            orders.LineDraft(
                variant_id=line.variant_id,
                sku=variant.sku,
                title=variant.title,
                variant_title=variant.variant_title,
                options=dict(variant.options),
                product_handle=variant.product_handle,
                image_url=variant.image_url or "",
                requires_shipping=variant.requires_shipping,
                unit_price=line.unit_price,
                quantity=line.quantity,
                discount=discount,
                tax=tax,
            )
        )
    return drafts
