"""The reader's account: logging in and out, registering, own orders."""

from django.contrib.auth import authenticate, login, logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import public as accounts
from apps.order import public as orders
from apps.storefront.forms import Filled, typed
from apps.storefront.shop import ShopRequest, page
from apps.storefront.views.sign_in import BACKEND, ask_for_code, safe_next
from rustok.kernel.edges.limits import limit, rationed
from rustok.kernel.errors import DomainError
from rustok.kernel.pages import PageRequest


@never_cache
@require_safe
@page
def account(request: ShopRequest) -> HttpResponse:
    """Show the reader's orders, or ask who the reader is."""
    if not request.actor.is_authenticated:
        return redirect(f"{request.shop.to('login')}?next={request.shop.path}")
    asked = PageRequest(cursor=request.GET.get("cursor"))
    page = orders.own_orders(actor=request.actor, page=asked) if request.shop.uses["order"] else None
    context = {"shop": request.shop, "page": page}
    return render(request, "storefront/account/orders.html", context)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@page
def log_in(request: ShopRequest) -> HttpResponse:
    """Start a session."""
    if request.method != "POST":
        return _ask(request, "login", Filled())
    said = typed(request.POST, "email")
    user = authenticate(request, username=said["email"], password=request.POST.get("password", ""))
    if user is None:
        return _ask(request, "login", Filled(said, problem=_("The email address or the password is wrong.")), 400)
    if user.has_second_factor:
        return ask_for_code(request, accounts.issue_ticket(user).ticket)
    login(request, user)
    return HttpResponseRedirect(safe_next(request))


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@page
def register(request: ShopRequest) -> HttpResponse:
    """Make an account and start a session."""
    if request.method != "POST":
        return _ask(request, "register", Filled())
    said = typed(request.POST, "name", "email")
    password = request.POST.get("password", "")
    try:
        sent = {**said, "password": password, "locale": request.shop.locale}
        limit(request, "register")
        with rationed(request, "taken", accounts.EmailTaken):
            user = accounts.register_user(**accounts.RegisterInput.parse(sent))
    except DomainError as error:
        return _ask(request, "register", Filled.refused({**said, "password": ""}, error), error.status)
    login(request, user, backend=BACKEND)
    return HttpResponseRedirect(safe_next(request))


@require_POST
@page
def log_out(request: ShopRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect(request.shop.to("home"))


def _ask(request: ShopRequest, name: str, form: Filled, status: int = 200) -> HttpResponse:
    context = {"shop": request.shop, "form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, f"storefront/account/{name}.html", context, status=status)
