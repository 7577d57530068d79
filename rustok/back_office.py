"""The back office: who it belongs to, its colours, its sidebar, its search. Pages come from the modules' `admin.py`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import partial, update_wrapper
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language
from unfold.dataclasses import SearchResult
from unfold.forms import AuthenticationForm
from unfold.sites import UnfoldAdminSite

from apps.accounts.public import SecondFactorRequired
from apps.rbac.public import BUILT_IN, CUSTOMER
from rustok.kernel.edges.web import show_problem
from rustok.kernel.errors import TooManyRequests
from rustok.kernel.tenancy import PUBLIC, Tenant, current_schema, current_tenant
from rustok.own_account import ask_for_code, own_account, take_code

__all__ = [
    "BackOffice",
    "account_links",
    "colors",
    "environment",
    "icon",
    "language_url",
    "navigation",
    "script",
    "site_symbol",
    "site_title",
    "stylesheet",
]

#: Hits of the search, for each kind of thing.
MAX_HITS = 5
MAX_TERM = 100
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_DEFAULT_ACCENT = "#3451b2"

_GROUPS = {
    "sales": _("Sales"),
    "catalogue": _("Catalogue"),
    "content": _("Content"),
    "access": _("Access"),
    "system": _("System"),
}
#: Lightness and share of the accent's chroma, by step; white text on 600 reaches WCAG AA for every hue.
_RAMP = {
    "50": (97.7, 0.07), "100": (94.6, 0.14), "200": (90.0, 0.28), "300": (82.7, 0.55), "400": (73.0, 0.85),
    "500": (63.0, 1.0), "600": (50.0, 1.0), "700": (44.0, 1.0), "800": (38.0, 0.9), "900": (33.0, 0.75),
    "950": (26.0, 0.6),
}  # fmt: skip
_GREYS = {
    "50": "oklch(98.5% .002 247.839)", "100": "oklch(96.7% .003 264.542)", "200": "oklch(92.8% .006 264.531)",
    "300": "oklch(87.2% .01 258.338)", "400": "oklch(70.7% .022 261.325)", "500": "oklch(53% .027 264.364)",
    "600": "oklch(44.6% .03 256.802)", "700": "oklch(37.3% .034 259.733)", "800": "oklch(27.8% .033 256.848)",
    "900": "oklch(21% .034 264.665)", "950": "oklch(13% .028 261.692)",
}  # fmt: skip


class LoginForm(AuthenticationForm):  # type: ignore[misc]
    """Says what is wrong, and not whether it was the password: a customer may know theirs."""

    error_messages: ClassVar[dict[str, Any]] = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("The e-mail address or the password is wrong, or this account may not work here."),
    }


class BackOffice(UnfoldAdminSite):
    """The one admin site. It shows our own pages only: what other packages register stays out."""

    enable_nav_sidebar = True
    login_form = LoginForm

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take pages that declare a resource; leave out Django's groups, guardian's tables and the like.

        :raises TypeError: if a page of ours does not build on `Admin`
        """
        from rustok.kernel.edges.admin import Admin

        if isinstance(admin_class, type) and issubclass(admin_class, Admin):
            super().register(model_or_iterable, admin_class, **options)
        elif admin_class is not None and admin_class.__module__.startswith("apps."):
            raise TypeError(f"{admin_class.__qualname__} must build on rustok.kernel.edges.admin.Admin")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Show every moment in the tenant's own time zone; a page is rendered before that is over."""
        inner = super().admin_view(view, cacheable)

        def local(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if self._must_enrol(request):
                return HttpResponseRedirect(reverse(f"{self.name}:account"))
            with timezone.override(current_tenant().timezone):
                response = inner(request, *args, **kwargs)
                return response.render() if isinstance(response, SimpleTemplateResponse) else response

        return update_wrapper(local, view)

    def _must_enrol(self, request: HttpRequest) -> bool:
        """Tell whether somebody has to set up a second factor before anything else."""
        here = request.resolver_match.url_name if request.resolver_match else ""
        missing = getattr(request.user, "second_factor_missing", False) and self.has_permission(request)
        return missing and here not in ("account", "logout", "login")

    def extra_urls(self) -> list[URLPattern]:
        """Add the choice of language, made by POST and kept in a cookie; the login's second step; one's own account."""
        return [
            path("language/", set_language, name="language"),
            path("login/code/", partial(take_code, self), name="login_code"),
            path("account/", self.admin_view(partial(own_account, self)), name="account"),
        ]

    def search(self, request: HttpRequest, extra_context: dict[str, str] | None = None) -> HttpResponse:
        """Find pages and a few objects of each kind that the reader may see; nothing of it is cached."""
        term = request.GET.get("s", "").strip()[:MAX_TERM]
        if not term:
            return HttpResponse()
        began = time.monotonic()
        hits = [*self._pages(request, term), *(self._objects(request, term) if "extended" in request.GET else ())]
        template = "command_results" if "extended" in request.GET else "search_results"
        took = time.monotonic() - began
        context = {"page_obj": {"count": len(hits)}, "results": hits, "page_counter": 0, "execution_time": took}
        return TemplateResponse(request, f"unfold/helpers/{template}.html", context, headers={"HX-Trigger": "search"})

    def _pages(self, request: HttpRequest, term: str) -> Iterator[SearchResult]:
        for group in navigation(request):
            for item in group["items"]:
                if term.lower() in str(item["title"]).lower():
                    yield SearchResult(
                        title=str(item["title"]), description=str(group["title"]), link=item["link"], icon=item["icon"]
                    )

    def _objects(self, request: HttpRequest, term: str) -> Iterator[SearchResult]:
        groups = list(_GROUPS)
        pages: list[tuple[Any, Any]] = [(model, page) for model, page in self._registry.items() if page.stands_in]
        pages.sort(key=lambda one: (groups.index(one[1].stands_in.group), one[1].stands_in.order))
        for model, page in pages:
            if not page.get_search_fields(request) or not page.has_view_permission(request):
                continue
            found, repeats = page.get_search_results(request, page.get_queryset(request), term)
            if repeats:
                found = page.get_queryset(request).filter(pk__in=found.order_by().values("pk"))
            name = f"{self.name}:{model._meta.app_label}_{model._meta.model_name}_change"
            for obj in found[:MAX_HITS]:
                yield SearchResult(
                    title=str(page.search_title(obj)), description=str(model._meta.verbose_name).capitalize(),
                    link=reverse(name, args=[obj.pk]), icon=page.stands_in.icon,
                )  # fmt: skip

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Let staff in, to the page they wanted; whoever is logged in without being staff is told so."""
        if REDIRECT_FIELD_NAME not in request.GET:
            request.GET = request.GET.copy()  # type: ignore[assignment]
            request.GET[REDIRECT_FIELD_NAME] = reverse(f"{self.name}:index")  # type: ignore[index,misc]
        if request.method == "GET" and request.user.is_authenticated and not self.has_permission(request):
            messages.warning(request, _("This account has no access to the back office."))
        try:
            return super().login(request, extra_context)
        except SecondFactorRequired as half:
            return ask_for_code(self, request, half.user)
        except TooManyRequests as error:
            show_problem(request, error)
            return HttpResponseRedirect(request.get_full_path())


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """List what stands in the menu of whoever is logged in."""
    return [{"title": _("Sign-in and devices"), "link": reverse("admin:account")}]


def _tenant() -> Tenant | None:
    return current_tenant() if current_schema() != PUBLIC else None


def site_title(request: HttpRequest) -> str:
    """Name the back office after its tenant."""
    tenant = _tenant()
    return tenant.name if tenant else "RusToK"


def colors(request: HttpRequest) -> dict[str, dict[str, str]]:
    """Derive the palette from the tenant's accent, in OKLCH so that every hue keeps its contrast."""
    tenant = _tenant()
    accent = str((tenant.theme or {}).get("accent", "")) if tenant else ""
    accent = accent if _HEX.fullmatch(accent) else _DEFAULT_ACCENT
    primary = {
        step: f"oklch(from {accent} {lightness}% calc(c * {share}) h)" for step, (lightness, share) in _RAMP.items()
    }
    font = {
        "subtle-light": "var(--color-base-500)", "subtle-dark": "var(--color-base-400)",
        "default-light": "var(--color-base-600)", "default-dark": "var(--color-base-300)",
        "important-light": "var(--color-base-900)", "important-dark": "var(--color-base-100)",
    }  # fmt: skip
    return {"base": dict(_GREYS), "primary": primary, "font": font}


def environment(request: HttpRequest) -> list[Any] | None:
    """Mark the platform's own back office, which must never be taken for a shop's."""
    tenant = _tenant()
    return [_("Platform"), "info"] if tenant and tenant.slug == "platform" else None


def site_symbol(request: HttpRequest) -> str:
    """Answer the icon beside the name."""
    tenant = _tenant()
    return "hub" if tenant and tenant.slug == "platform" else "storefront"


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Build the sidebar: the pages that the reader may see in this tenant, by group."""
    from django.contrib import admin

    groups: dict[str, list[tuple[int, str, dict[str, Any]]]] = {name: [] for name in _GROUPS}
    pages: dict[Any, Any] = admin.site._registry
    for model, page in pages.items():
        place = page.stands_in
        if place is None or not page.has_view_permission(request) or _only_as_customer(request, page):
            continue
        title = str(page.nav_title or model._meta.verbose_name_plural)
        item = {
            "title": title[:1].upper() + title[1:],
            "icon": place.icon,
            "link": reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
        }
        if (badge := page.nav_badge(request)) if _sees_all(request, page) else None:
            item |= {"badge": badge, "badge_variant": page.nav_badge_variant}
        groups.setdefault(place.group, []).append((place.order, title, item))
    home = {"title": _("Dashboard"), "icon": "space_dashboard", "link": reverse("admin:index")}
    listed = [
        {"title": _GROUPS.get(name, name), "separator": True, "items": [item for _o, _t, item in _sorted(items)]}
        for name, items in groups.items()
        if items
    ]
    return [{"title": "", "items": [home]}, *listed]


def _sees_all(request: HttpRequest, page: Any) -> bool:
    return not request.actor.is_partial(f"{page.resource}.read")  # type: ignore[attr-defined]


def _only_as_customer(request: HttpRequest, page: Any) -> bool:
    """Tell whether the reader may see of it no more than any customer: their own."""
    permission = f"{page.resource}.read"
    return not _sees_all(request, page) and permission in BUILT_IN[CUSTOMER][1]


def stylesheet(request: HttpRequest) -> str:
    """Answer where our own styles are."""
    return static("rustok/admin.css")


def script(request: HttpRequest) -> str:
    """Answer where our own script is."""
    return static("rustok/admin.js")


def icon(request: HttpRequest) -> str:
    """Answer where the shop's icon is; browsers keep it for a year, so a changed tenant has another address for it."""
    return f"{reverse('storefront:icon')}?{current_tenant().version}"


def language_url(request: HttpRequest) -> str:
    """Answer where a choice of language is sent."""
    return reverse("admin:language")


def _sorted(items: list[tuple[int, str, dict[str, Any]]]) -> list[tuple[int, str, dict[str, Any]]]:
    return sorted(items, key=lambda entry: entry[:2])
