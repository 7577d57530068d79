"""Pages of the back office about whoever is logged in: the code after the password, devices, the second factor."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from apps.accounts.public import (
    DEVICE_COOKIE,
    Outcome,
    act_on_own_account,
    codes_left,
    find_user,
    issue_ticket,
    live_sessions,
    looks_like_recovery_code,
    qr_svg,
    session_of,
    take_ticket,
)
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.web import in_words
from rustok.kernel.errors import DomainError

__all__ = ["ask_for_code", "own_account", "take_code"]


def ask_for_code(site: Any, request: HttpRequest, user: Any) -> HttpResponse:
    """Show the second page of the login to somebody who gave the right password."""
    return _code_page(site, request, issue_ticket(user).ticket)


def _code_page(site: Any, request: HttpRequest, ticket: str, problem: str = "", status: int = 200) -> HttpResponse:
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    context = site.each_context(request) | {
        "title": _("One more step"), "ticket": ticket, "problem": problem, "next": wanted,
    }  # fmt: skip
    response = TemplateResponse(request, "admin/rustok/login_code.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def take_code(site: Any, request: HttpRequest) -> HttpResponse:
    """Log in with a ticket and a code."""
    if request.method != "POST":
        return redirect(f"{site.name}:login")
    ticket, typed = request.POST.get("ticket", "")[:2_000], request.POST.get("code", "").strip()[:40]
    kind = "recovery_code" if looks_like_recovery_code(typed) else "code"
    try:
        limit(request, "login")
        seen = request.COOKIES.get(DEVICE_COOKIE, "")
        user = take_ticket(ticket=ticket, **{kind: typed}, seen=seen, now=timezone.now())
    except DomainError as error:
        if error.code == "invalid_ticket":
            messages.error(request, in_words(error))
            return redirect(f"{site.name}:login")
        return _code_page(site, request, ticket, in_words(error), error.status)
    login(request, user, backend="apps.accounts.backends.EmailBackend")
    return HttpResponseRedirect(_wanted(site, request))


def _wanted(site: Any, request: HttpRequest) -> str:
    wanted = request.POST.get(REDIRECT_FIELD_NAME, "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else reverse(f"{site.name}:index")


def own_account(site: Any, request: HttpRequest) -> HttpResponse:
    """Show devices and the second factor of whoever is logged in; act on a button."""
    outcome, problem = Outcome(), ""
    do = request.POST.get("do", "") if request.method == "POST" else ""
    if do:
        try:
            outcome = _act(request, do)
        except DomainError as error:
            problem = in_words(error)
        if not (outcome.enrolment or outcome.codes or problem):
            messages.success(request, _("Done."))
            return redirect(f"{site.name}:account")
    return _page(site, request, outcome, do, problem)


def _act(request: HttpRequest, do: str) -> Outcome:
    actor = request.actor  # type: ignore[attr-defined]
    limit(request, "login", who=actor.email)
    outcome = act_on_own_account(
        actor=actor, do=do, sent=request.POST.dict(), session=session_of(request), now=timezone.now()
    )
    if outcome.rotate:
        request.session.cycle_key()
    return outcome


def _page(site: Any, request: HttpRequest, outcome: Outcome, do: str, problem: str) -> HttpResponse:
    user: Any = find_user(request.user.pk)
    sent = request.POST
    secret, uri = sent.get("secret", ""), sent.get("uri", "")
    if outcome.enrolment:
        secret, uri = outcome.enrolment.secret, outcome.enrolment.uri
    scanning = bool(uri) and (outcome.enrolment is not None or (do == "confirm" and problem != ""))
    context = site.each_context(request) | {
        "title": _("Your sign-in"), "person": user, "problem": problem, "do": do, "codes": outcome.codes,
        "must": getattr(user, "second_factor_missing", False),
        "secret": secret if scanning else "", "uri": uri if scanning else "",
        "qr": mark_safe(qr_svg(uri[:500])) if scanning else "",
        "left": codes_left(user.pk), "sessions": live_sessions(user.pk, timezone.now(), current=session_of(request)),
    }  # fmt: skip
    response = TemplateResponse(request, "admin/rustok/own_account.html", context, status=422 if problem else 200)
    response.headers["Cache-Control"] = "no-store"
    return response
