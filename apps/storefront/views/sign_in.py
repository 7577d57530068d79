"""The code after the password, and the reader's devices and second factor."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.accounts import public as accounts
from apps.storefront.forms import Filled
from apps.storefront.shop import ShopRequest, page
from apps.storefront.words import explain
from rustok.kernel.edges.limits import limit
from rustok.kernel.errors import DomainError

BACKEND = "apps.accounts.backends.EmailBackend"


def safe_next(request: ShopRequest) -> str:
    """Answer the page of this host that the reader came for, or the account's."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else request.shop.to("account")


def ask_for_code(request: ShopRequest, ticket: str, problem: str = "", status: int = 200) -> HttpResponse:
    """Show the second page of the login."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    context = {"shop": request.shop, "form": Filled(problem=problem), "ticket": ticket, "next": wanted}
    return render(request, "storefront/account/code.html", context, status=status)


@never_cache
@sensitive_post_parameters("code", "ticket")
@require_http_methods(["GET", "HEAD", "POST"])
@page
def code(request: ShopRequest) -> HttpResponse:
    """Start a session with a ticket and a code."""
    ticket, typed = request.POST.get("ticket", "")[:2_000], request.POST.get("code", "").strip()[:40]
    if request.method != "POST":
        return redirect(request.shop.to("login"))
    kind = "recovery_code" if accounts.looks_like_recovery_code(typed) else "code"
    try:
        limit(request, "login")
        seen = request.COOKIES.get(accounts.DEVICE_COOKIE, "")
        user = accounts.take_ticket(ticket=ticket, **{kind: typed}, seen=seen, now=timezone.now())
    except DomainError as error:
        if error.code == "invalid_ticket":
            return redirect(request.shop.to("login"))
        return ask_for_code(request, ticket, explain(error), error.status)
    login(request, user, backend=BACKEND)
    return HttpResponseRedirect(safe_next(request))


@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
@page
def devices(request: ShopRequest) -> HttpResponse:
    """Show where the reader is logged in, and the second factor; act on a button."""
    if not request.actor.is_authenticated:
        return redirect(f"{request.shop.to('login')}?next={request.shop.path}")
    outcome, problem, do = accounts.Outcome(), "", request.POST.get("do", "")
    if request.method == "POST":
        try:
            outcome = _act(request, do)
        except DomainError as error:
            problem = explain(error)
        if not (outcome.enrolment or outcome.codes or problem):
            return redirect(request.shop.path)
    return _show(request, outcome, do, problem)


def _act(request: ShopRequest, do: str) -> accounts.Outcome:
    limit(request, "login", who=request.actor.email)
    outcome = accounts.act_on_own_account(
        actor=request.actor, do=do, sent=request.POST.dict(), session=accounts.session_of(request), now=timezone.now()
    )
    if outcome.rotate:
        request.session.cycle_key()
    return outcome


def _show(request: ShopRequest, outcome: accounts.Outcome, do: str, problem: str) -> HttpResponse:
    person = accounts.find_user(request.actor.id)
    secret, uri = request.POST.get("secret", ""), request.POST.get("uri", "")[:500]
    if outcome.enrolment:
        secret, uri = outcome.enrolment.secret, outcome.enrolment.uri
    scanning = bool(uri) and (outcome.enrolment is not None or (do == "confirm" and problem != ""))
    now, current = timezone.now(), accounts.session_of(request)
    context = {
        "shop": request.shop, "person": person, "form": Filled(problem=problem), "codes": outcome.codes,
        "secret": secret if scanning else "", "uri": uri if scanning else "",
        "qr": mark_safe(accounts.qr_svg(uri)) if scanning else "",
        "left": accounts.codes_left(request.actor.id) if request.actor.id else 0,
        "sessions": accounts.live_sessions(request.actor.id, now, current=current),
    }  # fmt: skip
    return render(request, "storefront/account/devices.html", context, status=422 if problem else 200)
