"""Checkout in three steps, one address: who and where, delivery, payment."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.cart import public as carts
from apps.commerce import public as commerce
from apps.order import public as orders
from apps.payment import public as payments
from apps.storefront.bill import bill_of, progress_of
from apps.storefront.countries import country_choices, country_guess
from apps.storefront.forms import ADDRESS, Filled, typed
from apps.storefront.inputs import DetailsInput
from apps.storefront.shop import ShopRequest, needs, page
from rustok.kernel.edges.limits import limit
from rustok.kernel.errors import DomainError
from rustok.kernel.ids import new_id

STEPS = ("details", "delivery", "payment")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page
@needs("commerce")
def checkout(request: ShopRequest) -> HttpResponse:
    """Show the step that comes next; take what the reader says on POST."""
    action = request.POST.get("action", "")
    if action == "pay":  # before looking at the cart: the second press of the button finds it completed
        return _pay(request)
    if not request.shop.cart or not request.shop.cart["lines"]:
        return redirect(request.shop.to("cart"))
    take = {"details": _take_details, "delivery": _take_delivery}
    return take.get(action, _show)(request)


@never_cache
@require_safe
@page
@needs("order")
def order(request: ShopRequest, token: str) -> HttpResponse:
    """Show an order to whoever holds its secret address."""
    found = orders.order_by_token(token)
    if found is None:
        raise Http404
    context = {"order": bill_of(found), "progress": progress_of(found), "fresh": "thanks" in request.GET}
    response = render(request, "storefront/order.html", {"shop": request.shop, **context})
    response["Referrer-Policy"] = "strict-origin"  # no address; without an origin no form could be sent
    return response


def _take_details(request: ShopRequest) -> HttpResponse:
    said = typed(request.POST, "email", *ADDRESS)
    sent = {"email": said["email"], "shipping_address": {name: said[name] for name in ADDRESS}}
    try:
        clean = DetailsInput.parse(sent)
        _update(request, **clean, billing_address=clean["shipping_address"])
    except DomainError as error:
        return _show(request, "details", Filled.refused(said, error), status=error.status)
    return redirect(request.shop.to("checkout"))


def _take_delivery(request: ShopRequest) -> HttpResponse:
    try:
        sent = {"shipping_method_id": request.POST.get("shipping_method_id") or None}
        _update(request, **carts.UpdateCartInput.parse(sent))
    except DomainError as error:
        return _show(request, "delivery", Filled.refused({}, error), status=error.status)
    return redirect(request.shop.to("checkout"))


def _pay(request: ShopRequest) -> HttpResponse:
    provider, _separator, token = request.POST.get("payment", "").partition(":")
    try:
        limit(request, "checkout")
        placed = commerce.complete_cart(
            actor=request.actor,
            cart_id=None,
            token=request.shop.cart_token,
            payment=commerce.PaymentChoice(provider=provider[:32], token=token[:255]),
            idempotency_key=request.POST.get("key", ""),
            now=timezone.now(),
        )
    except DomainError as error:
        if not request.shop.cart:
            return redirect(request.shop.to("cart"))
        return _show(request, "payment", Filled.refused({}, error), status=error.status)
    response = redirect(f"{request.shop.to('order', token=placed['token'])}?thanks")
    request.shop.drop_cart(response)
    return response


def _update(request: ShopRequest, **changes: Any) -> None:
    shop = request.shop
    carts.update_cart(actor=request.actor, cart_id=None, token=shop.cart_token, locale=shop.locale, **changes)


def _show(request: ShopRequest, step: str | None = None, form: Filled | None = None, status: int = 200) -> HttpResponse:
    shop = request.shop
    step = step or _step(request)
    context = {
        "shop": shop,
        "cart": bill_of(shop.cart),
        "step": step,
        "form": form or Filled(_known(request)),
        "problem": form.problem if form else "",
        "countries": [("", _("Choose")), *country_choices(shop.locale)],
        "key": str(new_id()),
        "payments": _payments() if step == "payment" else [],
        "methods": _methods(request) if step == "delivery" else [],
    }
    return render(request, "storefront/checkout.html", context, status=status)


def _step(request: ShopRequest) -> str:
    cart = request.shop.cart
    ready = "details" if not (cart["email"] and cart["shipping_address"]) else "delivery"
    if ready == "delivery" and (cart["shipping_method_id"] or not cart["needs_shipping"]):
        ready = "payment"
    asked = request.GET.get("step", "")
    return asked if asked in STEPS and STEPS.index(asked) <= STEPS.index(ready) else ready


def _methods(request: ShopRequest) -> list[dict[str, Any]]:
    shop = request.shop
    return carts.shipping_methods(
        carts.find_cart(actor=request.actor, cart_id=None, token=shop.cart_token), shop.locale
    )


def _known(request: ShopRequest) -> dict[str, Any]:
    cart = request.shop.cart
    address = cart["shipping_address"] or {"country": country_guess(request.shop.locale)}
    return {**address, "email": cart["email"] or ""}


def _payments() -> list[dict[str, str]]:
    """List the ways to pay: what the form sends is provider and token."""
    ways = {
        "test": [
            {
                "value": "test:tok_ok",
                "name": _("Test card"),
                "icon": "lock",
                "description": _("Always accepted; no money moves."),
            },
            {
                "value": "test:tok_declined",
                "name": _("Test card, declined"),
                "icon": "alert",
                "description": _("Shows what a refusal looks like."),
            },
        ],
        "manual": [
            {
                "value": "manual:",
                "name": _("Bank transfer"),
                "icon": "check",
                "description": _("We send the order when the transfer has arrived."),
            }
        ],
    }
    return [way for provider in payments.providers() for way in ways.get(provider, [])]
