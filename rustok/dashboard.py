"""The admin's first page: the panels of the modules, in two columns."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from rustok.kernel.edges.panels import panels_for

__all__ = ["dashboard"]


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the first page (unfold's `DASHBOARD_CALLBACK`)."""
    panels = panels_for(request)
    return context | {
        "title": _("Dashboard"),
        "full_panels": [one for one in panels if one["width"] == "full"],
        "half_panels": [one for one in panels if one["width"] == "half"],
    }
