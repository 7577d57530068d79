"""Panels: what modules show on the admin's first page. Their `admin.py` declares them; the wiring arranges them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest

from rustok.kernel.access import check_permission_name
from rustok.kernel.edges.admin import Place, is_here
from rustok.kernel.modules import is_enabled, owner_of

__all__ = ["Panel", "every_panel", "panel", "panels_for"]

Build = Callable[[HttpRequest], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the dashboard; `build` reads what `template` shows, in a number of queries that never grows."""

    name: str
    template: str
    permission: str
    order: int
    place: Place
    width: Literal["full", "half"]
    build: Build


_panels: dict[str, Panel] = {}


def panel(
    name: str,
    *,
    template: str,
    permission: str,
    order: int,
    place: Place = "shop",
    width: Literal["full", "half"] = "half",
) -> Callable[[Build], Build]:
    """Declare the function that fills a panel; None from it hides the panel."""

    def declare(build: Build) -> Build:
        _panels[name] = Panel(name, template, check_permission_name(permission), order, place, width, build)
        return build

    return declare


def every_panel() -> list[Panel]:
    """List what modules declared, in order."""
    return sorted(_panels.values(), key=lambda one: one.order)


def panels_for(request: HttpRequest) -> list[dict[str, Any]]:
    """Build the panels that the reader may see here, in order; they show everybody's, so some of it is not enough."""
    actor = request.actor  # type: ignore[attr-defined]
    here = [one for one in every_panel() if is_here(one.place) and is_enabled(owner_of(one.build))]
    seen = [one for one in here if not actor.is_partial(one.permission)]
    built = [(one, one.build(request)) for one in seen]
    return [
        {"name": one.name, "template": one.template, "width": one.width, "data": data}
        for one, data in built
        if data is not None
    ]
