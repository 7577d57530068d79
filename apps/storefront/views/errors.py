"""Pages for what went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from apps.storefront.links import locale_of
from apps.storefront.shop import Shop, ShopRequest, is_platform, nothing_here, refusal
from rustok.kernel.modules import is_enabled
from rustok.kernel.tenancy import NoTenant, current_tenant


def not_found(request: ShopRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere."""
    try:
        tenant = current_tenant()
    except NoTenant:
        return nothing_here()
    if is_platform(tenant) or not is_enabled("storefront"):
        return nothing_here()
    request.shop = Shop(request, tenant, locale_of(request.path, tenant))
    with translation.override(request.shop.locale):
        return refusal(request, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a defect without asking the database for anything."""
    return render(request, "storefront/500.html", status=500)
