"""Changing carts: every edit locks the cart's row, so that parallel ones never lose a line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from apps.cart.models import MAX_LINES, MAX_QUANTITY, Cart, CartLine, hash_token, new_token
from apps.cart.selectors import CartView, LineView, find_cart, view_cart
from apps.shipping import public as shipping
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed
from rustok.kernel.locales import UnknownLocale
from rustok.kernel.money import UnknownCurrency
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "CartCompleted", "Wish", "add_lines", "check_out", "create_cart", "lock_cart", "mark_completed", "remove_lines",
    "reopen", "set_quantities", "update_cart",
]  # fmt: skip


class CartCompleted(Conflict):
    """This cart has become an order."""

    code = "cart_completed"


class VariantUnavailable(Invalid):
    """There is no such variant for sale."""

    code = "variant_unavailable"


class NoPrice(Conflict):
    """This has no price in the cart's currency."""

    code = "no_price"


class LineUnavailable(Conflict):
    """Something in the cart is no longer for sale."""

    code = "line_unavailable"


class QuantityTooLarge(Invalid):
    """A line holds at most 9,999 pieces."""

    code = "quantity_too_large"


class CartFull(Conflict):
    """A cart holds at most 100 lines."""

    code = "cart_full"


class EmptyCart(Conflict):
    """There is nothing in the cart."""

    code = "empty_cart"


class EmailRequired(Invalid):
    """An e-mail address is needed for the order."""

    code = "email_required"


class ShippingAddressRequired(Invalid):
    """An address to send the order to is needed."""

    code = "shipping_address_required"


class ShippingMethodRequired(Invalid):
    """Choose how the order is sent."""

    code = "shipping_method_required"


@dataclass(frozen=True, slots=True)
class Wish:
    """So many pieces of one variant."""

    variant_id: UUID
    quantity: int


class _Unset:
    """Says that a value is to stay as it is."""


UNSET: Final = _Unset()


# --- editing ------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_cart(
    *, actor: Actor, currency: str, locale: str, email: str = "", lines: Sequence[Wish] = ()
) -> tuple[Cart, str]:
    """Open a cart; answer it with the secret token that opens it from now on. Its currency never changes.

    :raises UnknownCurrency: if the shop does not sell in it
    :raises UnknownLocale: if the shop does not speak it
    :raises VariantUnavailable: if a variant is not for sale
    :raises NoPrice: if a variant has no price in the currency
    """
    _check_offered(currency, locale)
    token = new_token()
    cart = Cart.objects.create(
        token_hash=hash_token(token),
        customer_id=actor.id,
        currency=currency,
        locale=locale,
        email=email or (actor.email if actor.kind == "user" else ""),
    )
    _put(cart, lines, {}, locale)
    return cart, token


def _check_offered(currency: str, locale: str) -> None:
    shop = current_tenant()
    if currency not in shop.currencies:
        raise UnknownCurrency(f"{currency} is not one of {', '.join(shop.currencies)}", field="currency")
    if locale not in shop.locales:
        raise UnknownLocale(f"{locale} is not one of {', '.join(shop.locales)}", field="locale")


@transaction.atomic
def add_lines(
    *,
    actor: Actor,
    cart_id: UUID | None,
    token: str,
    lines: Sequence[Wish],
    locale: str,
    expected_version: int | None = None,
) -> Cart:
    """Put pieces into a cart, on top of what it holds of the same variants.

    :raises VariantUnavailable: if a variant is not for sale
    :raises NoPrice: if a variant has no price in the cart's currency
    :raises QuantityTooLarge: if a line would hold more than 9,999 pieces
    :raises CartFull: if the cart would have more than 100 lines
    """

    def put(cart: Cart) -> None:
        known = cart.lines.order_by("id")
        _put(cart, lines, {line.variant_id: line for line in known}, locale)

    return _edit(actor, cart_id, token, expected_version, put)


@transaction.atomic
def set_quantities(
    *,
    actor: Actor,
    cart_id: UUID | None,
    token: str,
    quantities: Mapping[UUID, int],
    expected_version: int | None = None,
) -> Cart:
    """Set how many pieces lines hold, by the lines' ids.

    :raises NotFound: if the cart has no such line
    :raises QuantityTooLarge: if one is not a number from 1 to 9,999
    """
    if not all(1 <= quantity <= MAX_QUANTITY for quantity in quantities.values()):
        raise QuantityTooLarge(field="quantity")

    def change(cart: Cart) -> None:
        for line_id, quantity in quantities.items():
            _found(cart.lines.filter(pk=line_id).update(quantity=quantity))

    return _edit(actor, cart_id, token, expected_version, change)


@transaction.atomic
def remove_lines(
    *, actor: Actor, cart_id: UUID | None, token: str, line_ids: Sequence[UUID], expected_version: int | None = None
) -> Cart:
    """Take lines out of a cart.

    :raises NotFound: if the cart lacks one of them
    """
    wanted = set(line_ids)

    def remove(cart: Cart) -> None:
        _found(cart.lines.filter(pk__in=wanted).delete()[0] == len(wanted))

    return _edit(actor, cart_id, token, expected_version, remove)


@transaction.atomic
def update_cart(
    *,
    actor: Actor,
    cart_id: UUID | None,
    token: str,
    locale: str,
    email: str | _Unset = UNSET,
    shipping_address: Mapping[str, str] | _Unset | None = UNSET,
    billing_address: Mapping[str, str] | _Unset | None = UNSET,
    shipping_method_id: UUID | _Unset | None = UNSET,
    expected_version: int | None = None,
) -> Cart:
    """Set who buys, where it goes and how it is sent; what is not named stays.

    A shipping method that does not go to a new address is forgotten.

    :raises NotOffered: if the named shipping method is not offered for this cart
    """
    changes: dict[str, Any] = {
        name: value
        for name, value in [
            ("email", email), ("shipping_address", shipping_address), ("billing_address", billing_address),
            ("shipping_method_id", shipping_method_id),
        ]
        if not isinstance(value, _Unset)
    }  # fmt: skip

    def change(cart: Cart) -> None:
        for name, value in changes.items():
            setattr(cart, name, value)
        if changes.keys() & {"shipping_address", "shipping_method_id"} and not _goes_there(cart, locale):
            if changes.get("shipping_method_id"):
                raise shipping.NotOffered(field="shipping_method_id")
            cart.shipping_method_id = None

    return _edit(actor, cart_id, token, expected_version, change)


def _goes_there(cart: Cart, locale: str) -> bool:
    """Tell whether the chosen method, if there is one, goes where the cart goes."""
    if cart.shipping_method_id is None:
        return True
    country = cart.shipping_address["country"] if cart.shipping_address else None
    offer = shipping.find_offer(
        cart.shipping_method_id, currency=cart.currency, country=country, subtotal=0, locale=locale
    )
    return offer is not None


def _edit(actor: Actor, cart_id: UUID | None, token: str, expected: int | None, change: Callable[[Cart], None]) -> Cart:
    cart = lock_cart(actor=actor, cart_id=cart_id, token=token)
    if cart.status != Cart.Status.OPEN:
        raise CartCompleted()
    if expected is not None and cart.version != expected:
        raise PreconditionFailed()
    change(cart)
    cart.version += 1
    cart.save(update_fields=_EDITABLE)
    return cart


_EDITABLE = ("version", "email", "shipping_address", "billing_address", "shipping_method_id", "updated_at")


def _found(count: int) -> None:
    if not count:
        raise NotFound()


def _put(cart: Cart, lines: Iterable[Wish], known: Mapping[UUID, CartLine], locale: str) -> None:
    """Add to the known lines of a locked cart, or open new ones; then see whether all of it can be bought."""
    changed: dict[UUID, CartLine] = {}
    for wish in lines:
        line = changed.get(wish.variant_id) or known.get(wish.variant_id)
        if line is None:
            line = CartLine(cart=cart, variant_id=wish.variant_id, quantity=0)
        line.quantity += wish.quantity
        changed[wish.variant_id] = line
    if any(not 1 <= line.quantity <= MAX_QUANTITY for line in changed.values()):
        raise QuantityTooLarge(field="quantity")
    if len(known.keys() | changed.keys()) > MAX_LINES:
        raise CartFull()
    CartLine.objects.bulk_create([line for line in changed.values() if line._state.adding])
    old = [line for line in changed.values() if line.variant_id in known]
    if old:
        cart.lines.bulk_update(old, ["quantity"])
    cart.view = view_cart(cart, locale, list({**known, **changed}.values()))
    _check_new(cart.view, changed.keys())


def _check_new(view: CartView, variant_ids: Collection[UUID]) -> None:
    """Refuse what was just put in and cannot be bought; the transaction takes it out again."""
    for line in view.lines:
        if line.variant_id in variant_ids and line.problem == "unavailable":
            raise VariantUnavailable(field="variant_id")
        if line.variant_id in variant_ids and line.problem:
            sku = line.variant.sku if line.variant else line.variant_id
            raise NoPrice(f"{sku} has no price in {view.cart.currency}", field="variant_id")


# --- checking out -------------------------------------------------------------------------------------------------


def lock_cart(*, actor: Actor, cart_id: UUID | None, token: str) -> Cart:
    """Lock a cart until the running transaction ends: the first lock of every edit and checkout.

    :raises NotFound: also for somebody else's cart
    """
    return find_cart(actor=actor, cart_id=cart_id, token=token, locked=True)


def check_out(cart: Cart) -> CartView:
    """Answer a locked cart as it is to be ordered, in its own locale.

    :raises CartCompleted: if it is an order already
    :raises EmptyCart: if there is nothing in it
    :raises EmailRequired: and so on, naming the field that is missing
    :raises LineUnavailable: if something in it cannot be bought any more
    """
    if cart.status != Cart.Status.OPEN:
        raise CartCompleted()
    view = view_cart(cart, cart.locale)
    if not view.lines:
        raise EmptyCart()
    _check_lines(view.lines)
    if not cart.email:
        raise EmailRequired(field="email")
    if view.needs_shipping:
        _check_shipping(view)
    view.quote.check()
    return view


def _check_lines(lines: Sequence[LineView]) -> None:
    errors = tuple(
        FieldError(f"lines.{place}", line.problem, line.variant.sku if line.variant else "gone")
        for place, line in enumerate(lines)
        if line.problem
    )
    if not errors:
        return
    refusal = NoPrice if all(error.code == "no_price" for error in errors) else LineUnavailable
    raise refusal(errors=errors)


def _check_shipping(view: CartView) -> None:
    if view.cart.shipping_address is None:
        raise ShippingAddressRequired(field="shipping_address")
    if view.cart.shipping_method_id is None:
        raise ShippingMethodRequired(field="shipping_method_id")
    if view.offer is None:
        raise shipping.NotOffered(field="shipping_method_id")


def mark_completed(cart: Cart) -> None:
    """Close a locked cart: it has become an order."""
    _set_status(cart, Cart.Status.COMPLETED)


def reopen(cart: Cart) -> None:
    """Open a locked cart again: its order could not be paid."""
    _set_status(cart, Cart.Status.OPEN)


def _set_status(cart: Cart, status: Cart.Status) -> None:
    cart.status = status
    cart.version += 1
    cart.save(update_fields=["status", "version", "updated_at"])
