"""Addresses and passwords: links from mails, and changing one's own. A link changes nothing; a button does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import public as accounts
from apps.rbac import public as rbac
from apps.storefront.forms import Filled, typed
from apps.storefront.shop import ShopRequest, everywhere, is_platform, page
from apps.storefront.words import explain
from rustok.kernel.edges.limits import limit
from rustok.kernel.errors import DomainError

__all__ = [
    "accept_invitation", "change_email", "change_password", "confirm_email", "request_reset", "resend",
    "reset_password", "revert_email", "verify",
]  # fmt: skip

form_methods = require_http_methods(["GET", "HEAD", "POST"])
_SECRETS = ("password", "current_password", "new_password", "token")


def _token(request: ShopRequest) -> str:
    return str(request.POST.get("token") or request.GET.get("token", ""))


def _show(request: ShopRequest, name: str, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"shop": request.shop, "token": _token(request)}
    response = render(request, f"storefront/account/{name}.html", context, status=status)
    response.headers["Referrer-Policy"] = "strict-origin"  # no address; without an origin no form could be sent
    return response


def _done(request: ShopRequest, heading: str, text: str, user: Any = None) -> HttpResponse:
    return _show(request, "done", heading=heading, text=text, login=_login(request, user))


def _login(request: ShopRequest, user: Any) -> str:
    """Answer where to log in: staff at the admin, everybody where there is no shop."""
    if is_platform(request.shop.tenant) or (user is not None and user.is_staff):
        return reverse("admin:login")
    return request.shop.to("login")


def _by_link(
    request: ShopRequest, use: Callable[..., Any], *, heading: str, text: str, button: str, done: tuple[str, str]
) -> HttpResponse:
    """Ask for a click, then do what a link is for."""
    asked: dict[str, Any] = {"heading": heading, "text": text, "button": button}
    if request.method != "POST":
        return _show(request, "ask", **asked)
    try:
        limit(request, "verify")
        user = use(token=_token(request), now=timezone.now())
    except DomainError as error:
        return _show(request, "ask", error.status, problem=explain(error), **asked)
    return _done(request, *done, user=user)


# --- links from mails ---------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters(*_SECRETS)
@form_methods
@everywhere
def verify(request: ShopRequest) -> HttpResponse:
    """Confirm an address."""
    return _by_link(
        request, accounts.verify_email, heading=_("Confirm your address"),
        text=_("One click, and we know that the address is yours."), button=_("Confirm my address"),
        done=(_("Thank you"), _("Your address is confirmed.")),
    )  # fmt: skip


@never_cache
@sensitive_post_parameters(*_SECRETS)
@form_methods
@everywhere
def confirm_email(request: ShopRequest) -> HttpResponse:
    """Take a new address."""
    return _by_link(
        request, accounts.confirm_email_change, heading=_("Use this address"),
        text=_("From then on you log in with it, and we write to it."), button=_("Use this address"),
        done=(_("Your address is changed"), _("From now on you log in with the new one.")),
    )  # fmt: skip


@never_cache
@sensitive_post_parameters(*_SECRETS)
@form_methods
@everywhere
def revert_email(request: ShopRequest) -> HttpResponse:
    """Keep the old address."""
    return _by_link(
        request, accounts.revert_email_change, heading=_("Keep your old address"),
        text=_("Your account keeps this address, everything is logged out, and the password is good no more."),
        button=_("Keep my address"),
        done=(_("Your address stays"), _("We sent you a link for a new password. Choose one nobody else knows.")),
    )  # fmt: skip


@never_cache
@sensitive_post_parameters(*_SECRETS)
@form_methods
@everywhere
def reset_password(request: ShopRequest) -> HttpResponse:
    """Choose a new password; it logs nobody in."""
    if request.method != "POST":
        return _show(request, "new_password", form=Filled())
    sent = {"token": _token(request), "new_password": request.POST.get("new_password", "")}
    try:
        limit(request, "verify")
        data = accounts.ResetPasswordInput.parse(sent)
        user = accounts.reset_password(token=data["token"], new=data["new_password"], now=timezone.now())
    except DomainError as error:
        return _show(request, "new_password", error.status, form=_refused(error, "new_password"))
    text = _("Everything that was logged in with the old one is logged out.")
    return _done(request, _("Your password is set"), text, user)


@never_cache
@sensitive_post_parameters(*_SECRETS)
@form_methods
@everywhere
def accept_invitation(request: ShopRequest) -> HttpResponse:
    """Make the account that was invited."""
    if request.method != "POST":
        return _show(request, "invitation", form=Filled())
    said = typed(request.POST, "name")
    try:
        limit(request, "verify")
        sent = {**said, "token": _token(request), "password": request.POST.get("password", "")}
        user = rbac.accept_invitation(now=timezone.now(), **rbac.AcceptInvitationInput.parse(sent))
    except DomainError as error:
        return _show(request, "invitation", error.status, form=_refused(error, "password", said))
    return _done(request, _("Welcome"), _("Your account is ready. Log in with your address and password."), user)


def _refused(error: DomainError, secret: str, said: dict[str, str] | None = None) -> Filled:
    """Put a refusal beside its field; services call the new password `password`, wherever it is asked for."""
    filled = Filled.refused({**(said or {}), "password": "", "current_password": "", "email": ""}, error)
    errors = {secret if name == "password" else name: text for name, text in filled.errors.items()}
    return Filled(said or {}, errors, filled.problem)


# --- asking for links, and changing one's own ---------------------------------------------------------------------


@never_cache
@form_methods
@everywhere
def request_reset(request: ShopRequest) -> HttpResponse:
    """Ask for a link to a new password; the answer is the same whether or not the address has an account."""
    if request.method != "POST":
        return _show(request, "reset", form=Filled())
    said = typed(request.POST, "email")
    try:
        limit(request, "reset", who=said["email"])
        accounts.request_reset(**accounts.EmailInput.parse(said))
    except DomainError as error:
        return _show(request, "reset", error.status, form=Filled.refused(said, error))
    text = _("If %(email)s has an account here, a link for a new password is on its way. It works for one hour.")
    return _done(request, _("Look into your mail"), text % said)


@require_POST
@page
def resend(request: ShopRequest) -> HttpResponse:
    """Mail the link that confirms the reader's address again."""
    if not request.actor.is_authenticated:
        return _to_login(request)
    try:
        limit(request, "verify", who=request.actor.email)
        accounts.request_verification(actor=request.actor)
        messages.success(request, _("The mail is on its way."))
    except DomainError as error:
        messages.error(request, explain(error))
    return redirect(request.shop.to("account"))


@never_cache
@sensitive_post_parameters(*_SECRETS)
@form_methods
@page
def change_password(request: ShopRequest) -> HttpResponse:
    """Change the reader's password; this browser stays logged in, everything else does not."""
    if not request.actor.is_authenticated:
        return _to_login(request)
    if request.method != "POST":
        return _show(request, "password", form=Filled())
    sent = {name: request.POST.get(name, "") for name in ("current_password", "new_password")}
    try:
        limit(request, "login", who=request.actor.email)
        data = accounts.ChangePasswordInput.parse(sent)
        user = accounts.change_password(
            actor=request.actor, current=data["current_password"], new=data["new_password"], now=timezone.now(),
            keep=request.session.row_id,  # type: ignore[attr-defined]
        )  # fmt: skip
    except DomainError as error:
        return _show(request, "password", error.status, form=_refused(error, "new_password"))
    request.user = user
    update_session_auth_hash(request, user)
    messages.success(request, _("Your password is changed. Everything else that was logged in is logged out."))
    return redirect(request.shop.to("account"))


@never_cache
@sensitive_post_parameters(*_SECRETS)
@form_methods
@page
def change_email(request: ShopRequest) -> HttpResponse:
    """Ask for another address."""
    if not request.actor.is_authenticated:
        return _to_login(request)
    if request.method != "POST":
        return _show(request, "email", form=Filled())
    said = typed(request.POST, "email")
    try:
        limit(request, "verify", who=request.actor.email)
        data = accounts.ChangeEmailInput.parse({**said, "current_password": request.POST.get("current_password", "")})
        accounts.request_email_change(actor=request.actor, email=data["email"], password=data["current_password"])
    except DomainError as error:
        return _show(request, "email", error.status, form=_refused(error, "new_password", said))
    messages.success(request, _("We sent a link to %(email)s. The address changes once you follow it.") % said)
    return redirect(request.shop.to("account"))


def _to_login(request: ShopRequest) -> HttpResponse:
    return redirect(f"{request.shop.to('login')}?next={request.shop.to('account')}")
