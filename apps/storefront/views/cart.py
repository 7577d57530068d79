"""The cart: its page, and the drawer that opens beside the page one is on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.cart import public as carts
from apps.index import public as index
from apps.storefront.bill import bill_of
from apps.storefront.choice import PREFIX, choose_variant, wanted_options
from apps.storefront.shop import ShopRequest, needs, page
from apps.storefront.words import explain
from rustok.kernel.errors import DomainError, NotFound
from rustok.kernel.ids import parse_id


@require_http_methods(["GET", "HEAD", "POST"])
@page
@needs("cart")
def cart(request: ShopRequest) -> HttpResponse:
    """Show the cart; change it on POST."""
    actions: dict[str, Callable[[ShopRequest], HttpResponse]] = {
        "add": _add,
        "choose": _choose,
        "update": _update,
        "remove": _remove,
    }
    if request.method == "POST" and (act := actions.get(request.POST.get("action", ""))):
        return act(request)
    return render(request, "storefront/cart.html", {"shop": request.shop, "cart": bill_of(request.shop.cart)})


@require_safe
@page
@needs("cart")
def drawer(request: ShopRequest) -> HttpResponse:
    """Show the cart as the drawer's contents."""
    return _drawer(request)


def _choose(request: ShopRequest) -> HttpResponse:
    """Go back to the product with the chosen options in the address: the way without JavaScript."""
    query = QueryDict(mutable=True)
    query.update({f"{PREFIX}{name}": value for name, value in wanted_options(request.POST).items()})
    return redirect(f"{request.shop.to('product', handle=_handle(request))}?{query.urlencode()}#buy")


def _add(request: ShopRequest) -> HttpResponse:
    problem = ""
    try:
        sent = {"variant_id": _wanted_variant(request), "quantity": request.POST.get("quantity", "1")}
        request.shop.use_cart(_put(request, [carts.Wish(**line) for line in carts.AddLinesInput.parse(sent)["lines"]]))
    except DomainError as error:
        problem = explain(error)
    if request.htmx:
        return _drawer(request, added=not problem, problem=problem)
    if problem:
        messages.error(request, problem)
    else:
        messages.success(request, _("Added to your cart."))
    return redirect(request.shop.to("cart"))


def _put(request: ShopRequest, wishes: list[carts.Wish]) -> str:
    """Put wishes into the reader's cart, or into a new one if there is none any more; answer its token."""
    shop = request.shop
    if shop.cart_token:
        try:
            carts.add_lines(actor=request.actor, cart_id=None, token=shop.cart_token, lines=wishes, locale=shop.locale)
            return shop.cart_token
        except (NotFound, carts.CartCompleted):
            pass
    _cart, token = carts.create_cart(actor=request.actor, currency=shop.currency, locale=shop.locale, lines=wishes)
    return token


def _update(request: ShopRequest) -> HttpResponse:
    quantity = {"quantity": request.POST.get("quantity", "")}

    def change() -> None:
        quantities = {_line_id(request): carts.QuantityInput.parse(quantity)["quantity"]}
        carts.set_quantities(actor=request.actor, cart_id=None, token=request.shop.cart_token, quantities=quantities)

    return _changed(request, change)


def _remove(request: ShopRequest) -> HttpResponse:
    def change() -> None:
        line_ids = [_line_id(request)]
        carts.remove_lines(actor=request.actor, cart_id=None, token=request.shop.cart_token, line_ids=line_ids)

    return _changed(request, change)


def _changed(request: ShopRequest, change: Callable[[], None]) -> HttpResponse:
    try:
        change()
    except DomainError as error:
        messages.error(request, explain(error))
    return redirect(request.shop.to("cart"))


def _line_id(request: ShopRequest) -> UUID:
    line_id = parse_id(request.POST.get("line_id", ""))
    if line_id is None:
        raise NotFound
    return line_id


def _handle(request: ShopRequest) -> str:
    handle = request.POST.get("handle", "")
    if not (handle.isascii() and handle.replace("-", "").isalnum()):
        raise Http404
    return handle


def _wanted_variant(request: ShopRequest) -> str:
    if variant_id := request.POST.get("variant_id"):
        return variant_id
    shop = request.shop
    product = index.get_product(_handle(request), shop.locale, shop.currency)
    variant = choose_variant(product, wanted_options(request.POST)) if product else None
    if variant is None:
        raise Http404
    return str(variant["id"])


def _drawer(request: ShopRequest, **context: Any) -> HttpResponse:
    context = {"shop": request.shop, "cart": bill_of(request.shop.cart), **context}
    return render(request, "storefront/parts/drawer.html", context)
