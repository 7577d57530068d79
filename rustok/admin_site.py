"""Settings of the back office (django-unfold); what they name is in `rustok.back_office`."""

from __future__ import annotations

from typing import Any

__all__ = ["UNFOLD"]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "rustok.back_office.site_title",
    "SITE_HEADER": "rustok.back_office.site_title",
    "SITE_SYMBOL": "rustok.back_office.site_symbol",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "href": "rustok.back_office.icon", "type": "image/svg+xml"}],
    "COLORS": "rustok.back_office.colors",
    "ENVIRONMENT": "rustok.back_office.environment",
    "BORDER_RADIUS": "8px",
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "LANGUAGES": {"action": "rustok.back_office.language_url", "navigation": []},
    "DASHBOARD_CALLBACK": "rustok.dashboard.dashboard",
    "STYLES": ["rustok.back_office.stylesheet"],
    "SCRIPTS": ["rustok.back_office.script"],
    "ACCOUNT": {"navigation": "rustok.back_office.account_links"},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "rustok.back_office.navigation",
    },
    "COMMAND": {"search_models": False, "show_history": False},
}
