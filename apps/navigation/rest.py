"""REST: `/api/v1/menus/`."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema

from apps.navigation import inputs, selectors, services
from apps.navigation.models import Location
from rustok.kernel.access import PUBLIC, allows
from rustok.kernel.edges.answers import IF_MATCH, LOCALE, answer, page_output
from rustok.kernel.edges.rest import Endpoint, Request, requested_locale
from rustok.kernel.edges.versions import expected_version

__all__ = ["MenuView", "MenusView"]

SOURCES = OpenApiParameter("include", description="`translations` answers what a PUT takes, to editors.")


def _answer(request: Request, location: str) -> HttpResponse:
    """Answer a menu; a location without one has an empty one, a location that there is not is not found."""
    if location not in Location.values:
        raise services.UnknownLocation(field="location")
    locale = requested_locale(request)
    document = {"location": location, "items": selectors.menu(location, locale)}
    asked = "translations" in request.GET.get("include", "").split(",")
    if asked and request.actor.scope("pages.update") == "all" and allows(request.actor, "pages.update"):
        document["sources"] = selectors.menu_for_editor(location)
    return answer(request, document, version=selectors.version_of(location), locale=locale)


class MenusView(Endpoint):
    """All menus."""

    permission = PUBLIC

    @extend_schema(
        operation_id="menus_list", parameters=[LOCALE], responses=page_output("MenuPage", inputs.MenuOutput(many=True))
    )
    def get(self, request: Request) -> HttpResponse:
        """List the menus; there is at most one per location."""
        locale = requested_locale(request)
        return answer(request, {"next": None, "previous": None, "results": selectors.menus(locale)}, locale=locale)


class MenuView(Endpoint):
    """The menu of one location."""

    permission = {"GET": PUBLIC, "PUT": "pages.update"}

    @extend_schema(parameters=[LOCALE, SOURCES], responses=inputs.MenuOutput)
    def get(self, request: Request, location: str) -> HttpResponse:
        """Answer a menu as a tree."""
        return _answer(request, location)

    @extend_schema(parameters=[IF_MATCH], request=inputs.MenuInput, responses=inputs.MenuOutput)
    def put(self, request: Request, location: str) -> HttpResponse:
        """Replace a menu."""
        items = inputs.MenuInput.parse(request.data)["items"]
        services.set_menu(actor=request.actor, location=location, items=items, expected=expected_version(request))
        return _answer(request, location)
