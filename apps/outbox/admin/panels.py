"""Events on the first page: what failed, and what waits."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from apps.outbox import selectors
from apps.outbox.admin.words import is_platform, span
from apps.outbox.services import letters
from apps.tenant.public import names_of
from rustok.kernel.edges.panels import panel
from rustok.kernel.modules import all_modules, health_of

#: Dead letters that the dashboard lists.
NEWEST = 6


@panel("dead_letters", template="admin/rustok/panels/dead_letters.html", permission="logs.read", order=80)
def dead_letters_panel(request: HttpRequest) -> dict[str, Any]:
    """Show a shop what failed."""
    return _letters(request)


@panel(
    "platform_dead_letters", template="admin/rustok/panels/dead_letters.html", permission="logs.read", order=30,
    place="platform",
)  # fmt: skip
def platform_dead_letters_panel(request: HttpRequest) -> dict[str, Any]:
    """Show the platform what failed, everywhere."""
    return _letters(request)


def _letters(request: HttpRequest) -> dict[str, Any]:
    rows = letters(request.actor)  # type: ignore[attr-defined]
    newest = list(rows[:NEWEST])
    names = names_of([row.tenant_id for row in newest]) if is_platform() else {}
    return {
        "count": rows.count(),
        "rows": [
            {"row": row, "tenant": names.get(row.tenant_id, ""), "error": row.error_class.rpartition(".")[2]}
            for row in newest
        ],
        "several": is_platform(),
    }


@panel("lag", template="admin/rustok/panels/lag.html", permission="logs.read", order=20, place="platform")
def lag_panel(request: HttpRequest) -> dict[str, Any]:
    """Show the platform what waits, how long, and whether the parts are well."""
    modules = [{"slug": one.slug, "version": one.version, "health": health_of(one)} for one in all_modules()]
    lag = selectors.lag()
    return {"lag": lag, "oldest": span(lag.oldest), "most": selectors.MOST, "modules": modules}
