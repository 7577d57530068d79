"""The REST edge: a view base that refuses to run without a declared permission, and the answers' common forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.request import Request as DRFRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from rustok.kernel.access import PUBLIC, Actor, actor_for, authorize, check_permission_name
from rustok.kernel.context import bind_actor
from rustok.kernel.edges.limits import limit
from rustok.kernel.errors import Forbidden, NotFound
from rustok.kernel.locales import UnknownLocale, negotiate, normalize_locale
from rustok.kernel.modules import owner_of, require_enabled
from rustok.kernel.money import UnknownCurrency, check_currency
from rustok.kernel.pages import Page, PageRequest
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "Endpoint",
    "Request",
    "json_text",
    "not_modified",
    "offered_locale",
    "page_of",
    "page_response",
    "quoted",
    "requested_currency",
    "requested_locale",
]


class Request(DRFRequest):
    """What a view of ours receives."""

    actor: Actor


class Endpoint(APIView):
    """A REST view. `permission` is one name, or a name per HTTP method; without it nothing runs."""

    permission: ClassVar[str | Mapping[str, str] | None] = None
    #: Modules beside the view's own that it has nothing to show without.
    needs: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a misspelt permission at import."""
        super().__init_subclass__(**kwargs)
        declared = cls.permission
        for name in declared.values() if isinstance(declared, Mapping) else [declared] if declared else []:
            check_permission_name(name)

    def permission_for(self, method: str) -> str | None:
        """Name what a method asks for; HEAD is a GET, OPTIONS is public."""
        if method == "OPTIONS":
            return PUBLIC
        if isinstance(self.permission, Mapping):
            return self.permission.get("GET" if method == "HEAD" else method)
        return self.permission

    def initial(self, request: DRFRequest, *args: Any, **kwargs: Any) -> None:
        """Answer nothing of a module that the tenant does not use, before asking who it is that asks.

        :raises ModuleDisabled: if the view's module, or one that it needs, is off
        """
        require_enabled(owner_of(type(self)), *self.needs)
        super().initial(request, *args, **kwargs)

    def perform_authentication(self, request: DRFRequest) -> None:
        """Find out who asks, and count it; guessing tokens is counted by the address.

        :raises TooManyRequests: if they ask too often
        """
        try:
            actor = actor_for(request.user)
        except Exception:
            limit(request._request, "api")
            raise
        request._request.actor = actor  # type: ignore[attr-defined]
        request.actor = actor  # type: ignore[attr-defined]
        bind_actor(actor.id, actor.key_id, actor.email)
        limit(request._request, "api")

    def check_permissions(self, request: DRFRequest) -> None:
        """Deny by default.

        :raises Forbidden: also when the view declares nothing for this method
        """
        if request.method not in self.allowed_methods:
            return
        permission = self.permission_for(request.method or "")
        if permission is None:
            raise Forbidden("this endpoint declares no permission")
        authorize(request.actor, permission)  # type: ignore[attr-defined]


# --- bodies -----------------------------------------------------------------------------------------------------


def json_text(text: str | bytes, *, etag: str | None = None, locale: str | None = None) -> HttpResponse:
    """Answer JSON that the database already wrote, without reading it."""
    response = HttpResponse(text, content_type="application/json")
    if etag:
        response["ETag"] = quoted(etag)
    if locale:
        response["Content-Language"] = locale
        patch_vary_headers(response, ["Accept-Language"])
    return response


# --- pages ------------------------------------------------------------------------------------------------------


def page_of(request: DRFRequest) -> PageRequest:
    """Read which page is asked for."""
    return PageRequest.from_query(request.query_params)


def page_link(request: HttpRequest | DRFRequest, cursor: str | None) -> str | None:
    """Write the absolute link to another page of the same list."""
    if cursor is None:
        return None
    query = request.GET.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def page_response(request: DRFRequest, page: Page[Any], write: Callable[[Any], Any] = lambda row: row) -> Response:
    """Answer one page of a list."""
    body: dict[str, Any] = {
        "next": page_link(request, page.next),
        "previous": page_link(request, page.previous),
        "results": [write(row) for row in page.results],
    }
    if page.count is not None:
        body["count"] = page.count
    if page.facets:
        body["facets"] = page.facets
    return Response(body)


# --- conditional requests (RFC 9110, 13) -------------------------------------------------------------------------


def quoted(etag: str) -> str:
    """Write an entity tag."""
    return f'"{etag}"'


def not_modified(request: HttpRequest | DRFRequest, etag: str) -> HttpResponse | None:
    """Answer 304 if the client has this version already."""
    sent = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    if "*" in sent or quoted(etag) in sent or f"W/{quoted(etag)}" in sent:
        return HttpResponse(status=304, headers={"ETag": quoted(etag)})
    return None


# --- locale and currency ----------------------------------------------------------------------------------------


def requested_locale(request: HttpRequest | DRFRequest) -> str:
    """Choose the locale of the answer: `?locale=`, then Accept-Language, then the tenant's default.

    :raises UnknownLocale: if `?locale=` names one that the tenant does not have
    """
    wanted = request.GET.get("locale")
    if wanted:
        return offered_locale(wanted)
    tenant = current_tenant()
    header = request.META.get("HTTP_ACCEPT_LANGUAGE")
    return negotiate(header, tenant.locales, tenant.default_locale) if header else tenant.default_locale


def offered_locale(wanted: str) -> str:
    """Answer a locale that the tenant has: the wanted one, or its language.

    :raises UnknownLocale: if the tenant has neither
    """
    locales = current_tenant().locales
    locale = normalize_locale(wanted)
    offered = next((one for one in (locale, locale.split("-")[0]) if one in locales), None)
    if offered is None:
        raise UnknownLocale(f"{locale} is not one of {', '.join(locales)}", field="locale")
    return offered


def requested_currency(request: HttpRequest | DRFRequest) -> str:
    """Choose the currency of the answer: `?currency=`, then the tenant's default.

    :raises UnknownCurrency: if the tenant does not sell in it
    """
    return offered_currency(request.GET.get("currency"))


def offered_currency(wanted: str | None) -> str:
    """Answer a currency that the tenant sells in; its default for none.

    :raises UnknownCurrency: if the tenant does not sell in it
    """
    tenant = current_tenant()
    if not wanted:
        return tenant.default_currency
    currency = check_currency(wanted)
    if currency not in tenant.currencies:
        raise UnknownCurrency(f"{currency} is not one of {', '.join(tenant.currencies)}", field="currency")
    return currency


def found(thing: Any) -> Any:
    """Answer the thing, or that there is none.

    :raises NotFound: for None
    """
    if thing is None:
        raise NotFound()
    return thing
