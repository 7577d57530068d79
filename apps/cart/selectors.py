"""Reading carts: live prices, one number of queries whatever the number of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.cart.models import Cart, CartLine, hash_token
from apps.cart.quotes import Quote, make_quote
from apps.pricing import public as pricing
from apps.product import public as products
from apps.shipping import public as shipping
from apps.tax import public as tax
from rustok.kernel.access import ANONYMOUS, Actor
from rustok.kernel.errors import NotFound
from rustok.kernel.money import Money
from rustok.kernel.tenancy import current_tenant

__all__ = ["CartView", "LineView", "cart_by_token", "cart_document", "find_cart", "shipping_methods", "view_cart"]


@dataclass(frozen=True, slots=True)
class LineView:
    """A line with what the catalogue says of it now; `price` is None when it cannot be bought in this currency."""

    id: UUID
    variant_id: UUID
    quantity: int
    variant: products.VariantInfo | None
    price: int | None

    @property
    def problem(self) -> str | None:
        """Name what keeps the line from being bought."""
        if self.variant is None or not self.variant.purchasable:
            return "unavailable"
        return "no_price" if self.price is None else None

    @property
    def unit_price(self) -> int:
        """The price that counts: nothing for a line that cannot be bought."""
        return 0 if self.problem else self.price or 0


@dataclass(frozen=True, slots=True)
class CartView:
    """A cart, its lines, and what it costs now."""

    cart: Cart
    locale: str
    lines: Sequence[LineView]
    offer: shipping.Offer | None
    quote: Quote

    @property
    def needs_shipping(self) -> bool:
        """Tell whether anything in it is sent."""
        return any(line.variant is not None and line.variant.requires_shipping for line in self.lines)


def find_cart(*, actor: Actor, cart_id: UUID | None, token: str, locked: bool = False) -> Cart:
    """Answer the cart that the token opens, or that is the actor's own; without an id, the token's.

    The platform itself (a checkout that is finished later) may open any cart.

    :raises NotFound: also for somebody else's cart
    """
    rows = Cart.objects.because("only whom the one that is found belongs to gets it")
    rows = rows.select_for_update() if locked else rows
    secret = token[:200]
    cart = (rows.filter(pk=cart_id) if cart_id else rows.filter(token_hash=hash_token(secret))).first()
    if cart is None or not (actor.kind == "system" or _opens(cart, actor, secret)):
        raise NotFound()
    return cart


def _opens(cart: Cart, actor: Actor, secret: str) -> bool:
    return bool(secret and cart.opens_with(secret)) or (actor.id is not None and cart.customer_id == actor.id)


def view_cart(cart: Cart, locale: str, rows: Sequence[CartLine] | None = None) -> CartView:
    """Put a cart together with today's titles, prices, shipping and tax; `rows` are its lines, if they are known."""
    rows = list(cart.lines.order_by("id")) if rows is None else rows
    ids = [row.variant_id for row in rows]
    variants = products.variants_by_ids(ids, locale) if ids else {}
    prices = pricing.prices_for(ids, cart.currency) if ids else {}
    lines = [_line(row, variants, prices) for row in rows]
    subtotal = sum(line.unit_price * line.quantity for line in lines)
    sent = any(line.variant is not None and line.variant.requires_shipping for line in lines)
    offer = _offer(cart, locale, subtotal) if sent else None
    return CartView(cart, locale, lines, offer, _quote(cart, lines, offer, sent))


def _line(row: CartLine, variants: dict[UUID, products.VariantInfo], prices: dict[UUID, Any]) -> LineView:
    price = prices.get(row.variant_id)
    return LineView(
        row.pk, row.variant_id, row.quantity, variants.get(row.variant_id), None if price is None else price.amount
    )


def _offer(cart: Cart, locale: str, subtotal: int) -> shipping.Offer | None:
    if cart.shipping_method_id is None:
        return None
    return shipping.find_offer(
        cart.shipping_method_id,
        currency=cart.currency,
        country=_country(cart.shipping_address),
        subtotal=subtotal,
        locale=locale,
        default_locale=current_tenant().default_locale,
    )


def _country(address: dict[str, str] | None) -> str | None:
    return address["country"] if address else None


def _quote(cart: Cart, lines: Sequence[LineView], offer: shipping.Offer | None, sent: bool) -> Quote:
    """Tax where it is sent; where it is billed, if nothing is."""
    place = (cart.shipping_address if sent else cart.billing_address or cart.shipping_address) or {}

    def taxed(amounts: Sequence[int], shipping_price: int) -> tax.Tax:
        return tax.tax_for(
            amounts, shipping=shipping_price, country=place.get("country"), region=place.get("region", "")
        )

    return make_quote(lines, shipping=offer.amount if offer else 0, tax=taxed)


def shipping_methods(cart: Cart, locale: str) -> list[dict[str, Any]]:
    """List the ways to send a cart; none if nothing in it is sent."""
    view = view_cart(cart, locale)
    if not view.needs_shipping:
        return []
    return shipping.methods_for(
        currency=cart.currency,
        country=_country(cart.shipping_address),
        locale=locale,
        subtotal=view.quote.subtotal,
        default_locale=current_tenant().default_locale,
    )


# --- documents ----------------------------------------------------------------------------------------------------


def cart_by_token(*, token: str, locale: str) -> dict[str, Any] | None:
    """Answer the document of the open cart of a token; None if there is none."""
    try:
        cart = find_cart(actor=ANONYMOUS, cart_id=None, token=token)
    except NotFound:
        return None
    return cart_document(cart, token=token, locale=locale) if cart.status == Cart.Status.OPEN else None


def cart_document(cart: Cart, *, token: str, locale: str) -> dict[str, Any]:
    """Answer what every edge shows of a cart; the token is the one that the client sent, or was just given."""
    view = cart.view if cart.view is not None and cart.view.locale == locale else view_cart(cart, locale)
    quote = view.quote

    def money(amount: int) -> dict[str, str]:
        return Money(amount, cart.currency).as_dict()

    lines = zip(view.lines, quote.line_totals, strict=True)
    return {
        "id": str(cart.pk),
        "token": token or None,
        "version": cart.version,
        "status": cart.status,
        "email": cart.email or None,
        "currency": cart.currency,
        "locale": cart.locale,
        "lines": [_line_document(line, total, money) for line, total in lines],
        "subtotal": money(quote.subtotal),
        "discount_total": money(quote.discount_total),
        "shipping_total": money(quote.shipping_total),
        "tax_total": money(quote.tax_total),
        "tax_included": quote.tax_included,
        "total": money(quote.total),
        "needs_shipping": view.needs_shipping,
        "shipping_method_id": str(view.offer.method_id) if view.offer else None,
        "shipping_method": {"id": str(view.offer.method_id), "name": view.offer.name} if view.offer else None,
        "shipping_address": cart.shipping_address,
        "billing_address": cart.billing_address,
    }


def _line_document(line: LineView, total: int, money: Any) -> dict[str, Any]:
    variant, buyable = line.variant, line.problem is None
    image = variant.image_url if variant else None
    title = variant.title if variant else ""
    return {
        "id": str(line.id),
        "variant_id": str(line.variant_id),
        "handle": variant.product_handle if variant else "",
        "sku": variant.sku if variant else "",
        "title": title,
        "variant_title": variant.variant_title if variant else "",
        "options": variant.options if variant else {},
        "image": {"url": image, "alt": title} if image else None,
        "quantity": line.quantity,
        "unit_price": money(line.unit_price) if buyable else None,
        "total": money(total) if buyable else None,
        "requires_shipping": variant.requires_shipping if variant else False,
        "problem": line.problem,
    }
