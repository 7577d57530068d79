"""The front page, and what belongs to no page: the theme's stylesheet, the icon, the reader's preferences."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from apps.cart import public as carts
from apps.index import public as index
from apps.pages import public as pages
from apps.storefront.blocks import prepare
from apps.storefront.shop import MODES, YEAR, ShopRequest, everywhere, page
from apps.storefront.theme import stylesheet
from apps.taxonomy import public as taxonomy
from rustok.kernel.errors import DomainError
from rustok.kernel.pages import PageRequest


@require_safe
@page
def home(request: ShopRequest) -> HttpResponse:
    """Show the page that editors wrote for it, or else what is new; then the departments and the latest posts."""
    shop = request.shop
    written = pages.page_by_path("home", shop.locale) if shop.uses["pages"] else None
    sells, writes = shop.uses["product"], shop.uses["blog"]
    newest = index.ProductQuery(locale=shop.locale, currency=shop.currency, sort="newest", page_size=11)
    posts = index.ContentQuery(locale=shop.locale, kind="post", page=PageRequest(size=3))
    context = {
        "shop": shop,
        "page": written,
        "blocks": prepare(request, written["blocks"]) if written else [],
        "featured": index.list_products(newest).results if sells and not written else [],
        "categories": taxonomy.category_tree(shop.locale) if sells else [],
        "posts": index.list_content(posts).results if writes else [],
    }
    return render(request, "storefront/home.html", context)


@require_GET
@everywhere
def theme(request: ShopRequest) -> HttpResponse:
    """Answer the tenant's colours and typefaces as CSS; the address carries the digest of what it says."""
    response = HttpResponse(stylesheet(request.shop.theme), content_type="text/css; charset=utf-8")
    patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    return response


@require_GET
@everywhere
def icon(request: ShopRequest) -> HttpResponse:
    """Answer the tenant's letter on its colour, as the browser's tab shows it."""
    response = render(request, "storefront/icon.svg", {"theme": request.shop.theme}, content_type="image/svg+xml")
    patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    return response


@require_POST
@page
def preferences(request: ShopRequest) -> HttpResponse:
    """Keep the reader's currency and appearance, and go back."""
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if safe else request.shop.to("home"))  # redirect() looks words up as names
    if (currency := request.POST.get("currency")) in request.shop.currencies:
        _move_cart(request, str(currency))
        _keep(request, response, "currency", str(currency))
    if (mode := request.POST.get("mode")) in MODES:
        _keep(request, response, "mode", str(mode))
    return response


def _keep(request: ShopRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())


def _move_cart(request: ShopRequest, currency: str) -> None:
    """Put the same things into a cart of the other currency: a cart's own never changes."""
    cart = request.shop.cart
    if not cart or not cart["lines"] or cart["currency"] == currency:
        return
    wishes = [carts.Wish(UUID(line["variant_id"]), line["quantity"]) for line in cart["lines"]]
    try:
        _cart, token = carts.create_cart(
            actor=request.actor, currency=currency, locale=request.shop.locale, email=cart["email"] or "", lines=wishes
        )
    except DomainError:
        messages.error(request, _("Something in your cart has no price in %(currency)s.") % {"currency": currency})
    else:
        request.shop.use_cart(token)
