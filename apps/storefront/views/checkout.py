"""Checkout in three steps, one address: who and where, delivery, payment."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.cart import public as carts
from apps.commerce import public as commerce
from apps.order import public as orders
from apps.shipping import public as shipping
from apps.storefront.bill import bill_of, progress_of
from apps.storefront.countries import country_choices, country_guess
from apps.storefront.forms import ADDRESS, Filled, typed
from apps.storefront.shop import page
from rustok.kernel.errors import DomainError, NotFound
from rustok.kernel.ids import new_id

STEPS = ("details", "delivery", "payment")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page
def checkout(request: HttpRequest) -> HttpResponse:
    """Show the step that comes next; take what the reader says on POST."""
    if not request.shop.cart or not request.shop.cart["lines"]:
        return redirect(request.shop.to("cart"))
    take = {"details": _take_details, "delivery": _take_delivery, "pay": _pay}
    if request.method == "POST" and (step := take.get(request.POST.get("action", ""))):
        return step(request)
    return _show(request)


@never_cache
@require_safe
@page
def order(request: HttpRequest, token: str) -> HttpResponse:
    """Show an order to whoever holds its secret address."""
    found = orders.order_by_token(token)
    if found is None:
        raise NotFound
    context = {"order": bill_of(found), "progress": progress_of(found), "fresh": "thanks" in request.GET}
    response = render(request, "storefront/order.html", {"shop": request.shop, **context})
    response["Referrer-Policy"] = "no-referrer"
    return response


def _take_details(request: HttpRequest) -> HttpResponse:
    said = typed(request.POST, "email", *ADDRESS)
    address = {name: said[name] for name in ADDRESS}
    try:
        _update(request, email=said["email"], shipping_address=address, billing_address=address)
    except DomainError as error:
        return _show(request, "details", Filled.refused(said, error), status=error.status)
    return redirect(request.shop.to("checkout"))


def _take_delivery(request: HttpRequest) -> HttpResponse:
    try:
        _update(request, shipping_method_id=request.POST.get("shipping_method_id", ""))
    except DomainError as error:
        return _show(request, "delivery", Filled.refused({}, error), status=error.status)
    return redirect(request.shop.to("checkout"))


def _pay(request: HttpRequest) -> HttpResponse:
    provider, _separator, token = request.POST.get("payment", "").partition(":")
    try:
        placed = commerce.complete_cart(
            actor=request.actor,
            token=request.shop.cart_token,
            idempotency_key=request.POST.get("key", ""),
            payment={"provider": provider, "token": token},
        )
    except DomainError as error:
        return _show(request, "payment", Filled.refused({}, error), status=error.status)
    response = redirect(f"{request.shop.to('order', token=placed['token'])}?thanks")
    request.shop.forget_cart(response)
    return response


def _update(request: HttpRequest, **changes: Any) -> None:
    carts.update_cart(actor=request.actor, token=request.shop.cart_token, **changes)


def _show(request: HttpRequest, step: str | None = None, form: Filled | None = None, status: int = 200) -> HttpResponse:
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
        "methods": shipping.methods_for(shop.cart, shop.locale) if step == "delivery" else [],
    }
    return render(request, "storefront/checkout.html", context, status=status)


def _step(request: HttpRequest) -> str:
    cart = request.shop.cart
    ready = "details" if not (cart["email"] and cart["shipping_address"]) else "delivery"
    if ready == "delivery" and cart["shipping_method_id"]:
        ready = "payment"
    asked = request.GET.get("step", "")
    return asked if asked in STEPS and STEPS.index(asked) <= STEPS.index(ready) else ready


def _known(request: HttpRequest) -> dict[str, Any]:
    cart = request.shop.cart
    address = cart["shipping_address"] or {"country": country_guess(request.shop.locale)}
    return {**address, "email": cart["email"] or ""}


def _payments() -> list[dict[str, str]]:
    return [
        {
            "value": "test:tok_ok",
            "name": _("Test card"),
            "icon": "lock",
            "description": _("Ends in 4242. Always accepted; no money moves."),
        },
        {
            "value": "test:tok_declined",
            "name": _("Test card, declined"),
            "icon": "alert",
            "description": _("Ends in 0002. Shows what a refusal looks like."),
        },
        {
            "value": "manual:",
            "name": _("Bank transfer"),
            "icon": "check",
            "description": _("We send the order when the transfer has arrived."),
        },
    ]
