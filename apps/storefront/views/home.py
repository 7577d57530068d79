"""The front page, and what belongs to no page: the theme's stylesheet, the icon, the reader's preferences."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST, require_safe

from apps.blog import public as blog
from apps.index import public as index
from apps.storefront.blocks import blocks_of
from apps.storefront.shop import MODES, YEAR, page
from apps.storefront.theme import stylesheet
from apps.taxonomy import public as taxonomy


@require_safe
@page
def home(request: HttpRequest) -> HttpResponse:
    """Show what is new, the departments and the latest posts."""
    shop = request.shop
    return render(
        request,
        "storefront/home.html",
        {
            "shop": shop,
            "blocks": blocks_of(request, path="home"),
            "featured": index.list_products(
                index.ProductQuery(locale=shop.locale, currency=shop.currency, sort="newest", page_size=11)
            ).results,
            "categories": taxonomy.category_tree(shop.locale),
            "posts": blog.list_posts(locale=shop.locale, limit=3).results,
        },
    )


@require_GET
@page
def theme(request: HttpRequest) -> HttpResponse:
    """Answer the tenant's colours and typefaces as CSS; the address carries the digest of what it says."""
    response = HttpResponse(stylesheet(request.shop.theme), content_type="text/css; charset=utf-8")
    patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    return response


@require_GET
@page
def icon(request: HttpRequest) -> HttpResponse:
    """Answer the tenant's letter on its colour, as the browser's tab shows it."""
    response = render(request, "storefront/icon.svg", {"theme": request.shop.theme}, content_type="image/svg+xml")
    patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    return response


@require_POST
@page
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep the reader's currency and appearance, and go back."""
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else request.shop.to("home"))
    allowed = {"currency": request.shop.currencies, "mode": MODES}
    for name, values in allowed.items():
        if (value := request.POST.get(name)) in values:
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response
