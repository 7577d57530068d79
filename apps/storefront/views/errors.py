"""Pages for what went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.storefront.shop import Shop, ShopRequest, refusal
from rustok.kernel.tenancy import NoTenant, current_tenant


def not_found(request: ShopRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere."""
    try:
        shop = Shop(request, current_tenant(), None)
    except NoTenant:
        return HttpResponse("Not found\n", status=404, content_type="text/plain")
    request.shop = shop
    return refusal(request, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a defect without asking the database for anything."""
    return render(request, "storefront/500.html", status=500)
