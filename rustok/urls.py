"""URLs: each module brings its own; the last word has the storefront, whose pages may be anywhere."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from rustok.kernel.access import PUBLIC
from rustok.kernel.edges import problems
from rustok.kernel.edges.declared import declared
from rustok.kernel.modules import all_modules


def _module_urls() -> list[URLPattern | URLResolver]:
    """Collect `apps/<module>/urls.py`: `urlpatterns` under `/api/v1/`, `site_patterns` at the root."""
    api: list[URLPattern | URLResolver] = []
    site: list[URLPattern | URLResolver] = []
    for module in all_modules():
        if find_spec(f"{module.name}.urls"):
            urls = import_module(f"{module.name}.urls")
            api += getattr(urls, "urlpatterns", [])
            site += getattr(urls, "site_patterns", [])
    return [path("api/v1/", include(api)), *_fixed(), *site]


def _fixed() -> list[URLPattern | URLResolver]:
    from rustok.mailbox.views import body, mailbox
    from rustok.schema import graphql_view

    public = declared(PUBLIC)
    return [
        path("api/graphql/", public(graphql_view)),  # each field says who may ask
        path("api/openapi.json", public(SpectacularJSONAPIView.as_view()), name="openapi"),
        path("api/docs/", public(SpectacularSwaggerSplitView.as_view(url_name="openapi"))),
        re_path(r"^api/", public(problems.not_found)),
        path("admin/", admin.site.urls),
        path("mailbox/", public(mailbox), name="mailbox"),
        path("mailbox/<slug:slug>/<uuid:name>/", public(mailbox), name="mailbox_mail"),
        path("mailbox/<slug:slug>/<uuid:name>/body/", public(body), name="mailbox_body"),
    ]


urlpatterns = _module_urls()
#: Pages for what went wrong, in the frame of the shop that it went wrong in.
handler400 = "rustok.kernel.edges.web.bad_request"
handler404 = "apps.storefront.views.errors.not_found"
handler500 = "apps.storefront.views.errors.server_error"
