"""Which events and letters: the choices beside the lists.

The filters only show what is chosen. `letters_wanted` and `events_wanted` read it, for the list and for acting on all
that match, so that both are about the same rows.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, MultipleDropdownFilter

from apps.outbox.admin.words import LETTER_STATES, is_platform
from apps.outbox.models import DeadLetter
from apps.outbox.selectors import EventFilter
from apps.outbox.services import LetterFilter, letters
from apps.tenant.public import names_of, tenant_names
from rustok.kernel.events import event_types
from rustok.kernel.ids import parse_id

__all__ = [
    "AgeFilter", "ErrorFilter", "EventTenantFilter", "EventTypeFilter", "HandlerFilter", "StateFilter", "TenantFilter",
    "TypeFilter", "events_wanted", "letters_wanted",
]  # fmt: skip

#: Names that a filter offers.
CHOICES = 200
#: Letters that are looked at for names, and the columns that hold them.
SAMPLE = 5_000
NAMED = ("handler", "error_class", "event_type", "tenant_id")
#: Characters of the longest name.
LONGEST = 200
#: No tenant has it.
NOBODY = UUID(int=0)
_AGES = {
    "hour": (_("the last hour"), timedelta(hours=1)), "day": (_("the last day"), timedelta(days=1)),
    "week": (_("the last week"), timedelta(days=7)),
}  # fmt: skip


def letters_wanted(chosen: QueryDict, now: datetime) -> LetterFilter:
    """Read which letters a list's address asks for; those that nobody dealt with unless it says otherwise."""
    after, before = _span(chosen, now)
    state = chosen.get("state") or DeadLetter.State.DEAD
    return LetterFilter(
        handlers=_names(chosen, "handler"), event_types=_names(chosen, "event_type"),
        error_classes=_names(chosen, "error_class"), tenant_ids=_tenants(chosen), died_after=after, died_before=before,
        states=() if state == "any" else (_clean(state),), search=_clean(chosen.get("q", "")),
    )  # fmt: skip


def events_wanted(chosen: QueryDict, now: datetime) -> EventFilter:
    """Read which events a list's address asks for."""
    after, before = _span(chosen, now)
    return EventFilter(
        event_types=_names(chosen, "event_type"), tenant_ids=_tenants(chosen), since=after, until=before,
        search=_clean(chosen.get("q", "")),
    )  # fmt: skip


def _names(chosen: QueryDict, parameter: str) -> list[str]:
    return [_clean(name) for name in chosen.getlist(parameter) if name][:CHOICES]


def _clean(text: str) -> str:
    """Cut what no column holds: NULs, and more than any name has."""
    return text.replace("\0", "")[:LONGEST]


def _tenants(chosen: QueryDict) -> list[UUID]:
    text = chosen.get("tenant")
    return [parse_id(text) or NOBODY] if text else []


def _span(chosen: QueryDict, now: datetime) -> tuple[datetime | None, datetime | None]:
    age = chosen.get("age", "")
    if age == "older":
        return None, now - timedelta(days=7)
    return (now - _AGES[age][1], None) if age in _AGES else (None, None)


def _newest(request: HttpRequest) -> dict[str, set[Any]]:
    """Read what the columns of the newest letters hold, once for all filters of a page."""
    if not hasattr(request, "_newest_letters"):
        states = letters_wanted(request.GET, timezone.now()).states
        rows = letters(request.actor, LetterFilter(states=states)).order_by("-died_at", "-id")  # type: ignore[attr-defined]
        found = set(rows.values_list(*NAMED)[:SAMPLE])
        request._newest_letters = {  # type: ignore[attr-defined]
            name: {row[index] for row in found} for index, name in enumerate(NAMED)
        }
    return request._newest_letters  # type: ignore[no-any-return,attr-defined]


class _Shown:
    """A choice that is only shown; what it keeps is read from the address."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Answer the rows as they are."""
        return queryset


class StateFilter(_Shown, DropdownFilter):  # type: ignore[misc]
    """By state; dead letters unless something else is chosen."""

    title = _("state")
    parameter_name = "state"
    all_option = ("", LETTER_STATES["dead"])

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the other states."""
        return [*((state, name) for state, name in LETTER_STATES.items() if state != "dead"), ("any", _("any"))]


class _NameFilter(_Shown, MultipleDropdownFilter):  # type: ignore[misc]
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List the names that letters have."""
        return [(name, self.shown(name)) for name in sorted(self._names(request))[:CHOICES]]

    def _names(self, request: HttpRequest) -> set[str]:
        chosen = request.GET.getlist(self.parameter_name)
        return {name for name in {*_newest(request)[self.parameter_name], *chosen} if name}

    def shown(self, name: str) -> str:
        """Answer what to call it."""
        return name


class HandlerFilter(_NameFilter):
    """By handler."""

    title = _("handler")
    parameter_name = "handler"


class ErrorFilter(_NameFilter):
    """By the class of the error."""

    title = _("error")
    parameter_name = "error_class"

    def shown(self, name: str) -> str:
        """Answer the class's own name."""
        return name.rpartition(".")[2]


class TypeFilter(_NameFilter):
    """By the name of the event."""

    title = _("event")
    parameter_name = "event_type"


class TenantFilter(_Shown, DropdownFilter):  # type: ignore[misc]
    """By tenant; for the platform."""

    title = _("tenant")
    parameter_name = "tenant"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List tenants that have letters."""
        return _options(names_of(_newest(request)["tenant_id"])) if is_platform() else []


class AgeFilter(_Shown, DropdownFilter):  # type: ignore[misc]
    """By the time since it happened, or since it was given up."""

    title = _("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the spans."""
        return [*((key, label) for key, (label, _span) in _AGES.items()), ("older", _("older than a week"))]


class EventTypeFilter(_Shown, MultipleDropdownFilter):  # type: ignore[misc]
    """By the name of the event, of all that this code announces."""

    title = _("event")
    parameter_name = "event_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List the names, without asking the database."""
        return [(name, name) for name in sorted({name for name, _version in event_types()})]


class EventTenantFilter(_Shown, DropdownFilter):  # type: ignore[misc]
    """By tenant; for the platform."""

    title = _("tenant")
    parameter_name = "tenant"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List the tenants."""
        return _options(tenant_names(CHOICES)) if is_platform() else []


def _options(names: dict[UUID, str]) -> list[tuple[str, str]]:
    return [(str(key), name) for key, name in names.items()]
