"""What the pages of events share: whose they are, the words for their states, and how their parts are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.outbox import selectors
from apps.outbox.models import OutboxEvent
from apps.tenant.public import names_of
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "LETTER_STATES",
    "PILLS",
    "TONES",
    "WAY_STATES",
    "as_json",
    "chain_of",
    "is_platform",
    "name_tenants",
    "span",
]

#: Events of a chain that are shown.
CHAIN = 50
LETTER_STATES = {"dead": _("dead"), "retried": _("retried"), "discarded": _("discarded")}
#: The worst first.
WAY_STATES = {
    "dead": _("dead"), "parked": _("newer than this code"), "waiting": _("waiting"), "leased": _("being delivered"),
    "discarded": _("discarded"), "delivered": _("delivered"),
}  # fmt: skip
#: How a state looks in a list.
TONES = {
    "dead": "danger", "retried": "success", "discarded": "default", "parked": "warning", "waiting": "info",
    "leased": "info", "delivered": "success",
}  # fmt: skip
#: The same in documents, for letters and for ways to handlers.
PILLS = {
    "dead": "rt-pill-bad", "retried": "rt-pill-good", "discarded": "rt-pill-plain", "delivered": "rt-pill-good",
    "waiting": "rt-pill-info", "leased": "rt-pill-info", "parked": "rt-pill-warn",
}  # fmt: skip


def is_platform() -> bool:
    """Tell whether everybody's events are shown."""
    return current_tenant().slug == "platform"


def name_tenants(rows: Iterable[Any]) -> None:
    """Note on rows whose they are, where there are several tenants."""
    rows = list(rows)
    names: dict[UUID, str] = names_of([row.tenant_id for row in rows]) if rows and is_platform() else {}
    for row in rows:
        row.tenant_name = names.get(row.tenant_id, "—")


def as_json(value: Any) -> str:
    """Write a value as indented JSON."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def span(seconds: float) -> str:
    """Say how long something takes, in the largest unit of which it is two or more."""
    for unit, label in ((86_400, gettext("%(n)s d")), (3_600, gettext("%(n)s h")), (60, gettext("%(n)s min"))):
        if seconds >= 2 * unit:
            return label % {"n": int(seconds // unit)}
    return gettext("%(n)s s") % {"n": round(seconds)}


def chain_of(request: HttpRequest, event: OutboxEvent) -> list[OutboxEvent]:
    """Answer the events that began with the same click as this one, oldest first."""
    wanted = selectors.EventFilter(correlation_id=event.correlation_id)
    return list(selectors.events(request.actor, wanted).order_by("id")[:CHAIN])  # type: ignore[attr-defined]
