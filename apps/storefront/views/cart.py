"""The cart: its page, and the drawer that opens beside the page one is on."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.cart import public as carts
from apps.index import public as index
from apps.storefront.bill import bill_of
from apps.storefront.choice import PREFIX, choose_variant, wanted_options
from apps.storefront.shop import page
from rustok.kernel.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
@page
def cart(request: HttpRequest) -> HttpResponse:
    """Show the cart; change it on POST."""
    if request.method == "POST":
        return _change(request)
    return render(request, "storefront/cart.html", {"shop": request.shop, "cart": bill_of(request.shop.cart)})


@require_safe
@page
def drawer(request: HttpRequest) -> HttpResponse:
    """Show the cart as the drawer's contents."""
    return _drawer(request)


def _change(request: HttpRequest) -> HttpResponse:
    action = request.POST.get("action")
    if action == "choose":
        return _choose(request)
    if action == "add":
        return _add(request)
    try:
        if action == "remove":
            carts.remove_line(actor=request.actor, token=request.shop.cart_token, line_id=request.POST.get("line_id"))
        elif action == "update":
            carts.update_line(
                actor=request.actor,
                token=request.shop.cart_token,
                line_id=request.POST.get("line_id"),
                quantity=request.POST.get("quantity"),
            )
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect(request.shop.to("cart"))


def _choose(request: HttpRequest) -> HttpResponse:
    from django.http import QueryDict

    query = QueryDict(mutable=True)
    query.update({key: value for key, value in request.POST.items() if key.startswith(PREFIX)})
    return redirect(f"{request.shop.to('product', handle=request.POST.get('handle', ''))}?{query.urlencode()}#buy")


def _add(request: HttpRequest) -> HttpResponse:
    shop = request.shop
    variant_id, problem = _wanted_variant(request), ""
    response: HttpResponse
    try:
        shop.cart, token = carts.add_line(
            actor=request.actor,
            token=shop.cart_token,
            variant_id=variant_id,
            quantity=request.POST.get("quantity", "1"),
            currency=shop.currency,
            locale=shop.locale,
        )
    except DomainError as error:
        problem, token = error.detail, None
    if request.htmx:
        response = _drawer(request, added=not problem, problem=problem)
    else:
        if problem:
            messages.error(request, problem)
        else:
            messages.success(request, _("Added to your cart."))
        response = redirect(shop.to("cart"))
    if token:
        shop.remember_cart(response, token)
    return response


def _wanted_variant(request: HttpRequest) -> str:
    if variant_id := request.POST.get("variant_id"):
        return variant_id
    shop = request.shop
    product = index.get_product(request.POST.get("handle", ""), shop.locale, shop.currency)
    variant = choose_variant(product, wanted_options(request.POST)) if product else None
    if variant is None:
        raise Http404
    return str(variant["id"])


def _drawer(request: HttpRequest, **context: Any) -> HttpResponse:
    return render(
        request,
        "storefront/parts/drawer.html",
        {"shop": request.shop, "cart": bill_of(request.shop.cart), **context},
    )
